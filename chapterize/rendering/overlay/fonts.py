"""`plan_fonts`: the faces that draw the titles, known before a picture is rendered.

libass would take any font that it finds, or draw a box. So every character is looked up first;
what each face is needed for is cut out of it, given a name of its own, and travels inside the ASS
file. Emoji come from a colour font, as outlines of one colour each, for libass knows no others;
where no font has one it becomes a bullet, and a note says so. Any other character that no font
here has is an error, with its name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path

from chapterize.errors import InputError
from chapterize.rendering.overlay.clusters import (
    BULLET,
    clean_title,
    clusters,
    is_emoji,
    is_picture,
    is_silent,
    without_selectors,
)
from chapterize.rendering.overlay.emoji import EmojiFace, emoji_faces
from chapterize.rendering.overlay.font_cut import Face, cut_face, letters_of
from chapterize.rendering.overlay.font_files import (
    FontFile,
    bundled_font,
    fonts_named,
    fonts_with,
    inside,
)

__all__ = ["FontPlan", "plan_fonts"]

_ALWAYS = f"0123456789:–/. …{BULLET}"
_N_COMPARED = 8  # faces of which the one with most of the missing characters is taken
_SAMPLE = 12  # characters that a note or an error names
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")


@dataclass(frozen=True)
class FontPlan:
    """The faces that draw the titles; each character is drawn by the first that has it.

    An `EmojiFace` draws one emoji only, which no other face is asked for.

    `families` are their names as people know them, `notes` say which stood in for what.
    """

    faces: tuple[Face, ...]
    notes: tuple[str, ...] = ()

    @property
    def families(self) -> tuple[str, ...]:
        """The families used, the main one first."""
        return tuple(face.family for face in self.faces)

    @cached_property
    def _letters(self) -> tuple[Face, ...]:
        return tuple(face for face in self.faces if not isinstance(face, EmojiFace))

    @cached_property
    def _emoji(self) -> dict[str, EmojiFace]:
        return {face.cluster: face for face in self.faces if isinstance(face, EmojiFace)}

    def runs(self, text: str) -> list[tuple[str, Face]]:
        """`text` in stretches of one face; what no face draws as one bullet.

        Each emoji in colour is a stretch of its own.
        """
        found: list[tuple[str, Face]] = []
        for cluster in clusters(text):
            picture = self._emoji.get(cluster)
            cluster = without_selectors(cluster) if picture is None else cluster
            face = picture or _face_for(cluster, self._letters) or self._emoji.get(cluster)
            if face is None:
                if found and found[-1][0].endswith(BULLET):
                    continue
                cluster, face = BULLET, _face_for(BULLET, self._letters)
            if face is None:
                continue
            if found and found[-1][1] is face and face in self._letters:
                found[-1] = (found[-1][0] + cluster, face)
            else:
                found.append((cluster, face))
        return found


def plan_fonts(titles: Sequence[str], font: str | None = None) -> FontPlan:
    """The faces for `titles`: `font` first (a file or a family), then Inter, then the machine's.

    Emoji are looked for in the colour fonts first; what may be text as well (©, ✓) there at last.

    Raises
    ------
    InputError : `font` is neither a font file nor an installed family, or no font here has some of
        the characters, which are named.
    """
    chosen = [] if font is None else [_chosen_font(font)]
    needed: dict[str, None] = dict.fromkeys(_ALWAYS)
    for title in titles:
        needed |= dict.fromkeys(clusters(clean_title(title).replace("\n", " ")))
    plan, notes = list[tuple[FontFile, list[str]]](), list[str]()
    emoji = emoji_faces(filter(is_picture, needed))
    missing = list(dict.fromkeys(without_selectors(c) for c in needed if c not in emoji))
    for face in (*chosen, bundled_font()):
        missing = _take(face, missing, plan)
    had, unknown = len(plan), []
    while missing:
        stand_in = _best(missing)
        if stand_in is None:
            unknown.append(missing.pop(0))
        else:
            missing = _take(stand_in, missing, plan)
    emoji |= emoji_faces(cluster for cluster in unknown if is_emoji(cluster))
    unknown = [cluster for cluster in unknown if cluster not in emoji]
    _refuse_unknown([cluster for cluster in unknown if not is_emoji(cluster)])
    if chosen and plan[0][0] != chosen[0]:
        notes.append(f"{font} has none of the characters of these titles")
    faces = tuple(cut_face(file, "".join(drawn)) for file, drawn in plan)
    for number, (_, drawn) in enumerate(plan):
        told = [cluster for cluster in drawn if cluster not in _ALWAYS]
        if number and told and (number >= had or chosen):
            notes.append(f"{faces[number].family} draws {_named(told)}: {faces[0].family} cannot")
    if unknown:
        notes.append(f"no font here draws {_named(unknown)}: a bullet stands instead")
    return FontPlan((*faces, *emoji.values()), tuple(notes))


def _take(file: FontFile, missing: list[str], plan: list[tuple[FontFile, list[str]]]) -> list[str]:
    """Note in `plan` what `file` draws of `missing`; returns what is left."""
    letters = letters_of(file)
    drawn = [cluster for cluster in missing if _is_drawn(cluster, letters)]
    if drawn:
        plan.append((file, drawn))
    return [cluster for cluster in missing if cluster not in drawn]


def _best(missing: list[str]) -> FontFile | None:
    """Of the fitting faces that draw the first of `missing`, the one that draws most of its kind.

    Emoji are a kind of their own: the face of a script is not chosen by them.
    """
    missing = [cluster for cluster in missing if is_emoji(cluster) == is_emoji(missing[0])]
    first, texts = missing[0], "".join(missing)
    letter = next((c for c in first if not is_silent(c)), None)
    best, most, n_seen = None, 0, 0
    for file in () if letter is None else fonts_with(letter, _region(texts)):
        letters = letters_of(file)
        if not _is_drawn(first, letters):
            continue
        count = sum(_is_drawn(cluster, letters) for cluster in missing)
        if count > most:
            best, most = file, count
        n_seen += 1
        if n_seen == _N_COMPARED or most == len(missing):
            break
    return best


def _region(text: str) -> str:
    """How families name the Han forms of the language that `text` seems to be in."""
    names = {unicodedata.name(c, "").partition(" ")[0] for c in text}
    if names & {"HIRAGANA", "KATAKANA"}:
        return "jp"
    return "kr" if "HANGUL" in names else "sc" if "CJK" in names else ""


@cache
def _needs(cluster: str) -> frozenset[str]:
    return frozenset(c for c in cluster if not is_silent(c))


def _is_drawn(cluster: str, letters: Iterable[str]) -> bool:
    return _needs(cluster) <= frozenset(letters)


def _face_for(cluster: str, faces: tuple[Face, ...]) -> Face | None:
    return next((face for face in faces if _needs(cluster) <= face.letters), None)


def _chosen_font(font: str) -> FontFile:
    what = f"the font {font!r} cannot be used"
    path = Path(font).expanduser()
    if path.suffix.lower() in _SUFFIXES or path.is_file():
        faces = inside(FontFile(path)) if path.is_file() else []
        if not faces or not letters_of(faces[0]):
            why = "it is no font with outlines" if path.exists() else "there is no such file"
            raise InputError(what, why=why, hint="give a .ttf, .otf or .ttc file, or a family")
        return min(faces, key=FontFile.merit)
    found, names = fonts_named(font)
    usable = next((face for face in found if letters_of(face)), None)
    if usable is None:
        near = get_close_matches(font, names, 3, 0.6)
        raise InputError(
            what,
            why="no font of that family is installed",
            hint=f"did you mean {' or '.join(near)}?" if near else "give the path of a font file",
        )
    return usable


def _refuse_unknown(unknown: list[str]) -> None:
    if unknown:
        raise InputError(
            f"no font here has {_named(unknown, with_names=True)}",
            why="the titles would show empty boxes",
            hint="install a font that has it (the Noto fonts have nearly all), or give --font FILE",
        )


def _named(found: Sequence[str], *, with_names: bool = False) -> str:
    shown = found[:_SAMPLE]
    if with_names:
        texts = [
            f"{cluster!r} ({', '.join(unicodedata.name(c, f'U+{ord(c):04X}') for c in cluster)})"
            for cluster in shown
        ]
        text = ", ".join(texts)
    else:
        text = f"“{''.join(shown)}”"
    rest = len(found) - len(shown)
    return f"{text} and {rest} more" if rest else text

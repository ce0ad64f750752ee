"""`plan_fonts`: choose the faces that draw the titles, before anything is rendered.

libass would take any font it finds, or draw a box. So every character is looked up first. Each face
is subset to the characters it is needed for, gets a name of its own, and is embedded in the ASS
file. Emoji come from a colour font, as outlines of one colour each, because libass draws no other
glyphs. An emoji that no font has becomes a bullet, with a note. Any other character that no font
has is an error that names it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from chapterize.errors import InputError, OptionError
from chapterize.files import explaining
from chapterize.rendering.overlay.clusters import (
    BULLET,
    clean_title,
    clusters,
    is_colour_emoji,
    is_emoji,
    is_silent,
    without_selectors,
)
from chapterize.rendering.overlay.emoji import EmojiFace, emoji_faces
from chapterize.rendering.overlay.font_cut import Face, cut_face, letters_of
from chapterize.rendering.overlay.font_files import (
    SUFFIXES,
    FontFile,
    bundled_font,
    fonts_named,
    fonts_with,
    inside,
)

__all__ = ["FontPlan", "check_font", "plan_fonts"]

_ALWAYS = f"0123456789:–-/. …{BULLET}"
_N_COMPARED = 8  # faces among which the one with most of the missing characters is chosen
_SAMPLE = 12  # characters named in a note or an error


@dataclass(frozen=True)
class FontPlan:
    """The faces that draw the titles; each character is drawn by the first one that has it.

    An `EmojiFace` draws a single emoji. `notes` say which fallback font draws what.
    """

    faces: tuple[Face, ...]
    notes: tuple[str, ...] = ()

    @property
    def families(self) -> tuple[str, ...]:
        """The font families used, the main one first."""
        return tuple(face.family for face in self.faces)

    @cached_property
    def _letters(self) -> tuple[Face, ...]:
        return tuple(face for face in self.faces if not isinstance(face, EmojiFace))

    @cached_property
    def _emoji(self) -> dict[str, EmojiFace]:
        return {face.cluster: face for face in self.faces if isinstance(face, EmojiFace)}

    def runs(self, text: str) -> list[tuple[str, Face]]:
        """Split `text` into runs of one face; what no face draws becomes one bullet.

        Each colour emoji is a run of its own.
        """
        found: list[tuple[str, Face]] = []
        for cluster in clusters(text.replace("\u00a0", " ")):
            emoji = self._emoji.get(cluster)
            cluster = without_selectors(cluster) if emoji is None else cluster
            face = emoji or _face_for(cluster, self._letters) or self._emoji.get(cluster)
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


def check_font(font: str | None) -> None:
    """Raise InputError unless `font` can be used; call it before starting long work."""
    if font is not None:
        plan_fonts((), font)


def plan_fonts(titles: Sequence[str], font: str | None = None) -> FontPlan:
    """Choose the faces for `titles`: `font` (a file or family), then Inter, then system fonts.

    Emoji are looked up in colour fonts first; characters that may be text as well (©, ✓) last.

    Raises
    ------
    InputError : `font` is neither a font file nor an installed family, or no font has some of the
        characters; the error names them.
    """
    chosen = [] if font is None else [_chosen_font(font)]
    needed: dict[str, None] = dict.fromkeys(_ALWAYS)
    for title in titles:
        needed |= dict.fromkeys(clusters(re.sub("[\n\u00a0]", " ", clean_title(title))))
    plan, notes = list[tuple[FontFile, list[str]]](), list[str]()
    emoji = emoji_faces(filter(is_colour_emoji, needed))
    missing = list(dict.fromkeys(without_selectors(c) for c in needed if c not in emoji))
    for face in (*chosen, bundled_font()):
        missing = _take(face, missing, plan)
    n_preferred, unknown = len(plan), []
    while missing:
        fallback = _best(missing)
        if fallback is None:
            unknown.append(missing.pop(0))
        else:
            missing = _take(fallback, missing, plan)
    emoji |= emoji_faces(cluster for cluster in unknown if is_emoji(cluster))
    unknown = [cluster for cluster in unknown if cluster not in emoji]
    _refuse_unknown([cluster for cluster in unknown if not is_emoji(cluster)])
    if chosen and plan[0][0] != chosen[0]:
        notes.append(f"{font} has none of the characters in these titles")
    faces = tuple(cut_face(file, "".join(drawn)) for file, drawn in plan)
    # A font that was chosen keeps its weight.
    faces = (*(replace(face, stroke=0.0) for face in faces[:n_preferred]), *faces[n_preferred:])
    for number, (_, drawn) in enumerate(plan):
        named = [cluster for cluster in drawn if cluster not in _ALWAYS]
        if number and named and (number >= n_preferred or chosen):
            notes.append(
                f"{faces[number].family} draws {_named(named)}, which {faces[0].family} lacks"
            )
    if unknown:
        notes.append(f"no installed font has {_named(unknown)}; a bullet is drawn instead")
    return FontPlan((*faces, *emoji.values()), tuple(notes))


def _take(file: FontFile, missing: list[str], plan: list[tuple[FontFile, list[str]]]) -> list[str]:
    """Add to `plan` what `file` draws of `missing`; return the rest."""
    drawn = [cluster for cluster in missing if _needs(cluster) <= letters_of(file)]
    if drawn:
        plan.append((file, drawn))
    return [cluster for cluster in missing if cluster not in drawn]


def _best(missing: list[str]) -> FontFile | None:
    """The face that draws the first of `missing`, and of those the one that draws most of them.

    Emoji and letters are counted separately: emoji do not decide on the face of a script.
    """
    missing = [cluster for cluster in missing if is_emoji(cluster) == is_emoji(missing[0])]
    first, region = missing[0], _region("".join(missing))
    letter = next((c for c in first if not is_silent(c)), None)
    best, most, n_seen = None, 0, 0
    for file in () if letter is None else fonts_with(letter, region):
        letters = letters_of(file)
        if not _needs(first) <= letters:
            continue
        count = sum(_needs(cluster) <= letters for cluster in missing)
        if count > most:
            best, most = file, count
        n_seen += 1
        if n_seen == _N_COMPARED or most == len(missing):
            break
    return best


def _region(text: str) -> str:
    """The suffix of font families for the Han forms of the language that `text` seems to be in."""
    names = {unicodedata.name(c, "").partition(" ")[0] for c in text}
    if names & {"HIRAGANA", "KATAKANA"}:
        return "jp"
    return "kr" if "HANGUL" in names else "sc" if "CJK" in names else ""


def _needs(cluster: str) -> frozenset[str]:
    return frozenset(c for c in cluster if not is_silent(c))


def _face_for(cluster: str, faces: tuple[Face, ...]) -> Face | None:
    return next((face for face in faces if _needs(cluster) <= face.letters), None)


def _chosen_font(font: str) -> FontFile:
    what = f"the font {font!r} cannot be used"
    path = Path(font).expanduser()
    with explaining(OptionError, what, "check the path"):
        is_file = path.is_file()
    if path.suffix.lower() in SUFFIXES or is_file:
        faces = inside(FontFile(path)) if is_file else []
        if not faces or not letters_of(faces[0]):
            why = "it is not an outline font" if path.exists() else "the file does not exist"
            raise OptionError(
                what, why=why, hint="give a .ttf, .otf or .ttc file, or the name of a family"
            )
        return min(faces, key=FontFile.merit)
    found, names = fonts_named(font)
    usable = next((face for face in found if letters_of(face)), None)
    if usable is None:
        near = get_close_matches(font, names, 3, 0.6)
        raise OptionError(
            what,
            why="no font of that family is installed",
            hint=f"did you mean {' or '.join(near)}?" if near else "give the path of a font file",
        )
    return usable


def _refuse_unknown(unknown: list[str]) -> None:
    if unknown:
        raise InputError(
            f"no installed font has {_named(unknown, with_names=True)}",
            why="the titles would show empty boxes",
            hint="install a font that has it (Noto has nearly all), or give one with --font FILE",
        )


def _named(found: Sequence[str], *, with_names: bool = False) -> str:
    shown = found[:_SAMPLE]
    text = f"“{''.join(shown)}”"
    if with_names:
        names = [", ".join(unicodedata.name(c, f"U+{ord(c):04X}") for c in each) for each in shown]
        text = ", ".join(f"{each!r} ({name})" for each, name in zip(shown, names, strict=True))
    rest = len(found) - len(shown)
    return f"{text} and {rest} more" if rest else text

"""Find the font files of this machine, those best suited for titles first."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from chapterize.children import output_of

__all__ = [
    "SUFFIXES",
    "FontFile",
    "bundled_font",
    "colour_fonts",
    "fonts_named",
    "fonts_with",
    "inside",
]

SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}
_BUNDLED = "fontpkg_inter"
_PACKAGES = "fontpkg.family"  # the entry point group of font packages
_FORMAT = "%{file}\t%{index}\t%{family[0]}\t%{fullname[0]}\n"
_SECONDS = 20.0
# Sans serif families designed for screens, in lower case without spaces.
_GOOD = (
    *("inter", "notosans", "segoeui", "sf", "helveticaneue", "pingfang", "hiraginosans"),
    *("hiraginokakugo", "yugoth", "meiryo", "microsoftyahei", "msyh", "malgun", "applesdgothic"),
    *("nirmala", "leelawadee", "dejavusans", "liberationsans", "arial", "sourcehansans"),
)
_UNFIT = re.compile(
    r"italic|oblique|slanted|mono|serif|condensed|narrow|wght-it|display|looped|math|ui\b|braille"
)
_WEIGHTS = (
    (re.compile(r"extrabold|black|heavy|ultra"), 3),
    (re.compile(r"thin|light"), 5),
    (re.compile(r"semibold|demibold|\[|variable|vf\b"), 0),
    (re.compile(r"bold"), 0),
    (re.compile(r"medium"), 1),
)
_REGULAR = 2
# Names of emoji fonts: Noto, Apple, Segoe, Twitter and their derivatives.
_EMOJI = re.compile(r"emoji|seguiemj|twemo|joypixels")


@dataclass(frozen=True)
class FontFile:
    """One face: `index` is its number in a collection, `label` its full name with the style."""

    path: Path
    index: int = 0
    family: str = ""
    label: str = ""

    def merit(self, wanted: str = "") -> tuple[int, int, int, str]:
        """A sort key that puts the best faces first: upright, of a known family, bold, by name.

        `wanted` is the preferred region of Han characters, such as ``jp``.
        """
        text = f"{self.label or self.family} {self.path.stem}".lower()
        key = _squeezed(self.family or self.path.stem)
        rank = next((n for n, good in enumerate(_GOOD) if key.startswith(good)), len(_GOOD))
        unfit = 2 * len(_UNFIT.findall(text)) + (1 if wanted and not key.endswith(wanted) else 0)
        weight = next((cost for form, cost in _WEIGHTS if form.search(text)), _REGULAR)
        return unfit, rank, weight, f"{len(key):03}{key}{self.index}"

    def unique_name(self, letters: str) -> str:
        """The name of the embedded face that draws `letters`."""
        name = f"{self.path}#{self.index}{letters}".encode()
        return f"chapterize-{hashlib.blake2b(name, digest_size=6).hexdigest()}"


def bundled_font() -> FontFile:
    """Return Inter, which is installed with this package: Latin, Greek and Cyrillic."""
    folder = Path(str(files(_BUNDLED) / "files"))
    upright = next(path for path in folder.iterdir() if path.name.startswith("Inter["))
    return FontFile(upright, family="Inter")


def fonts_with(character: str, wanted: str = "") -> Iterator[FontFile]:
    """Yield the faces that may have `character`, the best first.

    With fontconfig these are the faces that have it. Without it they are all faces of the machine,
    and the caller has to look into them.
    """
    found = _installed(f":charset={ord(character):x}")
    yield from sorted(found, key=lambda font: font.merit(wanted))


def colour_fonts() -> tuple[FontFile, ...]:
    """Return the fonts of this machine that may have colour emoji.

    The caller has to look into them: some fonts of such a name only have outlines.
    """
    fonts = _installed(":color=true")
    found = [font for font in fonts if _EMOJI.search(_squeezed(f"{font.family}{font.path.stem}"))]
    return tuple(dict.fromkeys(sorted(found, key=lambda font: (font.index, str(font.path)))))


def fonts_named(family: str) -> tuple[list[FontFile], list[str]]:
    """Return (the faces of that family, best first; the names of all families)."""
    key, faces = _squeezed(family), list[FontFile]()
    for font in _installed(":"):
        if font.family:
            faces.append(font)
        elif key[:4] in _squeezed(font.path.stem):  # a file name holds part of the family name
            faces += inside(font)
    same = [font for font in faces if _squeezed(font.family) == key]
    names = sorted({font.family for font in faces if font.family})
    return sorted(same, key=FontFile.merit), names


def inside(font: FontFile) -> list[FontFile]:
    """Return the faces of a file with their names; none if it is not a font."""
    from fontTools.ttLib import TTFont
    from fontTools.ttLib.ttCollection import TTCollection

    try:
        with font.path.open("rb") as file:
            if font.path.suffix.lower() in (".ttc", ".otc"):
                fonts: Iterable[TTFont] = TTCollection(file, lazy=True).fonts
            else:
                fonts = [TTFont(file, lazy=True)]
            found = []
            for index, face in enumerate(fonts):
                names = face["name"]
                family = names.getBestFamilyName() or font.path.stem
                label = names.getBestFullName() or family
                found.append(FontFile(font.path, index, family, label))
    except Exception:  # fontTools may raise anything on a damaged file
        return []
    return found


def _squeezed(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).lower()


@cache  # reading their names takes 40 ms, for every character that Inter lacks
def _packaged() -> tuple[FontFile, ...]:
    """The faces of installed font packages, including Inter."""
    specs = [find_spec(entry.value) for entry in entry_points(group=_PACKAGES)]
    folders = [Path(spec.origin).parent for spec in specs if spec and spec.origin]
    return tuple(face for folder in folders for font in _files(folder) for face in inside(font))


def _listed(pattern: str) -> tuple[FontFile, ...] | None:
    """The faces that fontconfig lists for `pattern`; None where it is not installed."""
    program = shutil.which("fc-list")
    if program is None:
        return None
    printed = output_of([program, "--format", _FORMAT, pattern], seconds=_SECONDS)
    if printed is None:
        return None
    faces: dict[tuple[Path, int], FontFile] = {}
    for line in printed.splitlines():
        file, index, family, label = (*line.split("\t"), "", "", "", "")[:4]
        if Path(file).suffix.lower() in SUFFIXES and index.isdigit():
            # The upper 16 bits number the named instances of a variable font.
            face = FontFile(Path(file), int(index) & 0xFFFF, family, label)
            faces.setdefault((face.path, face.index), face)
    return tuple(faces.values())


def _installed(pattern: str) -> list[FontFile]:
    """Packaged faces, and those that fontconfig lists; without it, all files in font folders.

    Files have no family until `inside` reads it.
    """
    listed = _listed(pattern)
    if listed is None:
        listed = tuple(font for folder in _folders() for font in _files(folder))
    return [*_packaged(), *listed]


def _files(folder: Path) -> list[FontFile]:
    found = [
        Path(root) / name
        for root, _, names in os.walk(folder)
        for name in names
        if Path(name).suffix.lower() in SUFFIXES
    ]
    return [FontFile(path) for path in sorted(found)]


def _folders() -> list[Path]:
    """The font folders of this operating system."""
    home = Path.home()
    if sys.platform == "win32":
        windows = Path(os.environ.get("WINDIR", r"C:\Windows"))
        local = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
        return [windows / "Fonts", local / "Microsoft" / "Windows" / "Fonts"]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts"]
    data = Path(os.environ.get("XDG_DATA_HOME", home / ".local" / "share"))
    return [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), data / "fonts"]

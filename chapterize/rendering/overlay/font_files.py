"""The font files of this machine, those that suit a title first."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

__all__ = ["FontFile", "bundled_font", "colour_fonts", "fonts_named", "fonts_with", "inside"]

_SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}
_BUNDLED = "fontpkg_inter"
_PACKAGES = "fontpkg.family"  # the entry points by which such packages make themselves known
_FORMAT = "%{file}\t%{index}\t%{family[0]}\t%{fullname[0]}\n"
_SECONDS = 20.0
# Sans serif faces that their makers meant for screens, without spaces and capitals.
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
# How the files of fonts with emoji are called: Noto, Apple, Segoe, Twitter and those made of it.
_EMOJI = re.compile(r"emoji|seguiemj|twemo|joypixels")


@dataclass(frozen=True)
class FontFile:
    """One face: `index` is its number inside a collection; `label` tells family and style."""

    path: Path
    index: int = 0
    family: str = ""
    label: str = ""

    def merit(self, wanted: str = "") -> tuple[int, int, int, str]:
        """Sorts the fitting faces first: upright, of a known family, bold, by name.

        `wanted` is the region of Han characters to prefer, such as ``jp``.
        """
        text = f"{self.label or self.family} {self.path.stem}".lower()
        key = _squeezed(self.family or self.path.stem)
        rank = next((n for n, good in enumerate(_GOOD) if key.startswith(good)), len(_GOOD))
        unfit = 2 * len(_UNFIT.findall(text)) + (1 if wanted and not key.endswith(wanted) else 0)
        weight = next((cost for form, cost in _WEIGHTS if form.search(text)), _REGULAR)
        return unfit, rank, weight, f"{len(key):03}{key}{self.index}"


def bundled_font() -> FontFile:
    """Inter, which comes with the package: Latin, Greek and Cyrillic on any machine."""
    from importlib.util import find_spec

    spec = find_spec(_BUNDLED)
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "files"
    upright = next(path for path in folder.iterdir() if path.name.startswith("Inter["))
    return FontFile(upright, family="Inter")


def fonts_with(character: str, wanted: str = "") -> Iterator[FontFile]:
    """The faces that may have `character`, the fitting ones first.

    With fontconfig these are the faces that have it; without it every face of the machine, and
    the caller looks into them.
    """
    listed = _listed(f":charset={ord(character):x}")
    found = [*_packaged(), *(_scanned() if listed is None else listed)]
    yield from sorted(found, key=lambda font: font.merit(wanted))


def colour_fonts() -> tuple[FontFile, ...]:
    """The fonts of this machine that may have emoji in colour.

    The caller looks into them: some of such a name only have outlines.
    """
    listed = _listed(":color=true")
    files = [*_packaged(), *(_scanned() if listed is None else listed)]
    found = [font for font in files if _EMOJI.search(_squeezed(f"{font.family}{font.path.stem}"))]
    return tuple(dict.fromkeys(sorted(found, key=lambda font: (font.index, str(font.path)))))


def fonts_named(family: str) -> tuple[list[FontFile], list[str]]:
    """(faces whose family has that name, best first; every family there is)."""
    key = _squeezed(family)
    listed = _listed(":")
    faces = [*_packaged(), *(_scanned() if listed is None else listed)]
    if listed is None:  # a file name tells its family only in part
        short = key[:4]
        faces = [f for font in faces if short in _squeezed(font.path.stem) for f in inside(font)]
    same = [font for font in faces if _squeezed(font.family) == key]
    names = sorted({font.family for font in faces if font.family})
    return sorted(same, key=FontFile.merit), names


def inside(font: FontFile) -> list[FontFile]:
    """The faces of a file, with the names written in it; none when it is no font."""
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
    except Exception:  # fontTools raises anything at all on a damaged file
        return []
    return found


def _squeezed(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).lower()


@cache
def _packaged() -> tuple[FontFile, ...]:
    """The faces of installed font packages, Inter among them."""
    from importlib.util import find_spec

    found = []
    for entry in entry_points(group=_PACKAGES):
        spec = find_spec(entry.value)
        if spec is not None and spec.origin is not None:
            found += _files(Path(spec.origin).parent)
    return tuple(face for font in found for face in inside(font))


@cache
def _listed(pattern: str) -> tuple[FontFile, ...] | None:
    """What fontconfig knows of; None where it is not installed."""
    program = shutil.which("fc-list")
    if program is None:
        return None
    command = [program, "--format", _FORMAT, pattern]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_SECONDS, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    faces: dict[tuple[Path, int], FontFile] = {}
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        file, index, family, label = (*line.split("\t"), "", "", "", "")[:4]
        if Path(file).suffix.lower() in _SUFFIXES and index.isdigit():
            # The upper half counts the named instances of a variable font.
            face = FontFile(Path(file), int(index) & 0xFFFF, family, label)
            faces.setdefault((face.path, face.index), face)
    return tuple(faces.values())


@cache
def _scanned() -> tuple[FontFile, ...]:
    return tuple(font for folder in _folders() for font in _files(folder))


def _files(folder: Path) -> list[FontFile]:
    found = [
        Path(root) / name
        for root, _, names in os.walk(folder)
        for name in names
        if Path(name).suffix.lower() in _SUFFIXES
    ]
    return [FontFile(path) for path in sorted(found)]


def _folders() -> list[Path]:
    """Where the systems keep their fonts."""
    home = Path.home()
    if sys.platform == "win32":
        windows = Path(os.environ.get("WINDIR", r"C:\Windows"))
        local = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
        return [windows / "Fonts", local / "Microsoft" / "Windows" / "Fonts"]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts"]
    data = Path(os.environ.get("XDG_DATA_HOME", home / ".local" / "share"))
    return [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), data / "fonts"]

"""mkvmerge and mkvextract as readers and writers of chapter files that are not ours."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from chapterize import formats
from chapterize.data import Chapters
from tests.needs import missing

pytestmark = pytest.mark.skipif(
    None in (shutil.which("mkvmerge"), shutil.which("mkvextract")),
    reason=missing("mkvmerge and mkvextract"),
)

THREE = Chapters.from_starts([0, 3.75, 6001.2], ["One", "Zwei – 二 “q”", "a=b; <c> & d"], 8000)


def merged(name: str, folder: Path, *options: str) -> Path:
    """A Matroska file of nothing but THREE, which mkvmerge read in the format `name`."""
    written = folder / f"talk{formats.SUFFIXES[name]}"
    written.write_text(formats.dumps(THREE, name), encoding="utf-8")
    target = folder / "chapters.mks"
    read = ["--chapter-charset", "UTF-8", *options, "--chapters", str(written)]
    subprocess.run(["mkvmerge", "-q", "-o", str(target), *read], check=True, timeout=60)
    return target


def extracted(path: Path, folder: Path, *options: str) -> Chapters:
    """What mkvextract writes of the chapters of `path`, read by us."""
    target = folder / "extracted"
    command = ["mkvextract", "-q", str(path), "chapters", *options, str(target)]
    subprocess.run(command, check=True, timeout=60)
    text = formats.read_text(target.read_bytes())
    return formats.loads(text, duration=THREE.duration).chapters


@pytest.mark.parametrize("name", ["matroska", "ogm"])
@pytest.mark.parametrize("options", [(), ("-s",)], ids=["as XML", "as OGM"])
def test_chapters_come_back_from_mkvmerge_as_they_went(
    name: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    assert extracted(merged(name, tmp_path), tmp_path, *options) == THREE


def test_mkvmerge_reads_a_cue_sheet_to_its_frame(tmp_path: Path) -> None:
    made = extracted(merged("cue", tmp_path, "--cue-chapter-name-format", "%t"), tmp_path)
    assert made.titles == THREE.titles
    # 3.75 s is frame 281.25 of 75 a second.
    assert made.starts == pytest.approx((0, 281 / 75, 6001.2), abs=0.001)

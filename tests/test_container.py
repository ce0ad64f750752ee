"""scripts/Containerfile: what goes into the image, and who runs it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "scripts" / "Containerfile").read_text(encoding="utf-8")
LINES = re.sub(r"^#.*\n", "", TEXT, flags=re.M).replace("\\\n", " ").splitlines()


def instructions(name: str) -> list[list[str]]:
    return [line.split()[1:] for line in LINES if line.startswith(f"{name} ")]


def test_all_that_is_copied_exists_and_suffices_for_the_wheel() -> None:
    copied = {
        source
        for words in instructions("COPY")
        if not words[0].startswith("--from")
        for source in words[:-1]
    }
    assert not [name for name in copied if not (ROOT / name).exists()]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    licences = {name.split("/")[0] for name in project["project"]["license-files"]}
    readme = {project["project"]["readme"], "pyproject.toml", "tests/constraints.txt"}
    assert copied >= {*wheel["packages"], *wheel["force-include"], *licences, *readme}


def test_an_ordinary_user_runs_it_and_the_cache_is_a_volume() -> None:
    ((user,),) = instructions("USER")
    assert not user.startswith(("0", "root"))
    assert 'VOLUME ["/cache", "/state"]' in LINES
    (variables,) = instructions("ENV")
    values = dict(word.split("=", 1) for word in variables)
    for name in ("CHAPTERIZE_CACHE", "HF_HOME"):
        assert values[name].startswith("/cache/")
    assert values["CHAPTERIZE_STATE"].startswith("/state/")


def test_the_ffmpeg_of_the_image_is_one_that_is_supported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (least,) = (
        name.partition(">=")[2]
        for name in project["project"]["dependencies"]
        if name.startswith("imageio-ffmpeg")
    )
    found = re.search(r"imageio-ffmpeg==([0-9.]+)/'", TEXT)
    assert found is not None
    assert found[1].split(".") >= least.split(".")
    # The line that is replaced must exist, or pip would install the larger one.
    pinned = (ROOT / "tests" / "constraints.txt").read_text(encoding="utf-8")
    assert re.search(r"^imageio-ffmpeg==", pinned, re.M)

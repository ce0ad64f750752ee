#!/usr/bin/env python3
"""Draw `scripts/page.png`, the first image in the README: the review page of the sample lecture.

Needs Chromium, and the extras `test` and `sample`. The font is Inter, so that the image is the same
on every machine.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

from chapterize.files import STATE_VARIABLE
from chapterize.rendering.overlay.font_files import bundled_font

ROOT = Path(__file__).resolve().parents[1]
VIDEO = ROOT / "tests" / "data" / "lecture.mp4"
SIZE = (1440, 900)
CHAPTER = 3
"""The one that is chosen; the one after it is locked."""

_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{folder}</dir>
<match target="pattern"><edit name="family" mode="prepend" binding="strong"><string>Inter</string>
</edit></match></fontconfig>"""


def main() -> int:
    """Open the page, work on it, and write the image."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("Chromium is not installed", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as name, served(Path(name)) as address:
        fonts = Path(name) / "fonts.conf"
        fonts.write_text(_FONTS.format(folder=bundled_font().path.parent), encoding="utf-8")
        os.environ["FONTCONFIG_FILE"] = str(fonts)
        with sync_playwright() as playwright:
            window = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            viewport: ViewportSize = {"width": SIZE[0], "height": SIZE[1]}
            page = window.new_page(viewport=viewport, locale="en-GB", color_scheme="light")
            page.goto(address)
            work(page)
            shot = page.screenshot()
            window.close()
    image = Image.open(BytesIO(shot)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    image.save(ROOT / "scripts" / "page.png", optimize=True)
    return 0


def work(page: Page) -> None:
    """Do what a person would have done a minute later."""
    page.wait_for_selector("body[data-state=ready]")
    row = "#list .row-item:nth-child({})"
    page.click(row.format(CHAPTER + 1))
    page.click("#lock")
    page.click(row.format(CHAPTER))
    page.wait_for_selector("#why .facts")
    page.wait_for_selector("#ideas button")
    page.wait_for_selector("#peaks-note:empty", state="attached")
    page.mouse.move(0, 0)
    page.wait_for_timeout(1500)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of the review of the sample lecture, whose edits are stored in `folder`."""
    command = [sys.executable, "-m", "chapterize", "review", str(VIDEO), "--no-browser", "--json"]
    environment = {**os.environ, STATE_VARIABLE: str(folder / "state")}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        lines = b""
        while not lines.strip().endswith(b"}"):
            lines += process.stdout.readline()
        yield json.loads(lines)["address"]
    finally:
        process.terminate()
        process.wait(timeout=10)


if __name__ == "__main__":
    sys.exit(main())

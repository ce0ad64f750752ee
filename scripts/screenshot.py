#!/usr/bin/env python3
"""Draw `scripts/draft.svg`, the image in the README: the real output of two commands."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = 92
LINE = 19
CELL = 8.4
STYLE = (
    "text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#d6deeb;"
    "white-space:pre}.command{fill:#82aaff;font-weight:bold}.note{fill:#8f9bb3}"
)


def main() -> int:
    """Run the commands and write the image."""
    video = ROOT / "tests" / "data" / "lecture.mp4"
    draft = run("-m", "chapterize", "draft", video.name, folder=video.parent)
    demo = run(str(ROOT / "scripts" / "demo.py"), folder=ROOT)
    reasons = demo.partition("Evidence:\n")[2].partition("\n\n")[0]
    lines = [("command", f"$ chapterize draft {video.name}")]
    lines += [("", line) for line in draft.splitlines()]
    lines += [("", ""), ("command", "$ scripts/demo")]
    for reason in reasons.splitlines():
        wrapped = textwrap.wrap(reason.strip(), COLUMNS - 8, subsequent_indent=" " * 6)
        lines += [("" if number == 0 else "note", line) for number, line in enumerate(wrapped)]
    (ROOT / "scripts" / "draft.svg").write_text(terminal_svg(lines), encoding="utf-8")
    return 0


def run(*arguments: str, folder: Path) -> str:
    """Return what the command prints to stdout, and its notes after that."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout + done.stderr


def terminal_svg(lines: list[tuple[str, str]]) -> str:
    """Return a terminal with `lines`, each with its class, as SVG."""
    width, height = round(COLUMNS * CELL) + 32, len(lines) * LINE + 32
    rows = "\n".join(
        f'<text class="{name}" x="16" y="{28 + number * LINE}">{escape(text)}</text>'
        for number, (name, text) in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">\n<style>{STYLE}</style>\n'
        f'<rect width="100%" height="100%" rx="10" fill="#0b1622"/>\n{rows}\n</svg>\n'
    )


if __name__ == "__main__":
    sys.exit(main())

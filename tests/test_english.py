"""The terms that the project does not use, in code, messages and papers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import chapterize

ROOT = Path(chapterize.__file__).resolve().parents[1]
AVOIDED = re.compile(
    r"\b(told|anew|(?<!group of )pictures?(?! parameter)|key frames?|sound ?tracks?"
    r"|to be had|cannot be had|it is looked|beside|of which|so many|and the like"
    r"|the house|exists already|is there already|nothing came|what became)\b",
    re.IGNORECASE,
)
PAPERS = ("*.md", "models/*.md", "chapterize/**/*.md", "scripts/BENCHMARKS.md")


def passages(path: Path) -> Iterator[tuple[int, str]]:
    """Line numbers and text of a paper, or of the strings and comments of a module."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        yield from enumerate(text.splitlines(), 1)
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
    for number, line in enumerate(text.splitlines(), 1):
        before, mark, comment = line.partition("# ")
        if mark and before.count('"') % 2 == 0:
            yield number, comment


def test_no_text_uses_the_avoided_terms() -> None:
    files = [*(ROOT / "chapterize").rglob("*.py"), *(ROOT / "scripts").glob("*.py")]
    files += [path for pattern in PAPERS for path in ROOT.glob(pattern)]
    files.remove(ROOT / "models" / "LICENSES.md")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match.group()}"
        for path in files
        for number, text in passages(path)
        for match in [AVOIDED.search(text)]
        if match and not is_data(text)
    ]
    assert not found, "\n".join(found)


def is_data(text: str) -> bool:
    """Word lists hold these words as data."""
    words = text.split()
    return len(words) > 20 and not re.search(r"[.:,;]\s", text)

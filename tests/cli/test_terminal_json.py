"""JSON and text on the terminal: no character from elsewhere acts on it."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapterize.cli.terminal import plain, print_json
from tests.cli.program import Run

UNSAFE = [
    *map(chr, range(0x00, 0x20)),
    *map(chr, range(0x7F, 0xA0)),
    *map(chr, (0x061C, 0x200E, 0x200F, 0x2028, 0x2029)),
    *map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xD800, 0xDC80, 0xDFFF)),
]


@pytest.mark.parametrize("is_many", [False, True])
def test_json_escapes_what_a_terminal_or_a_line_reader_acts_on(
    is_many: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    value = {f"key{each}": f"a{each}b" for each in UNSAFE}
    print_json(value, is_many=is_many)
    printed = capsys.readouterr().out
    assert not [each for each in UNSAFE if each in printed.replace("\n", "")]
    assert json.loads(printed) == value
    if is_many:
        assert len(printed.splitlines()) == 1


def test_json_keeps_readable_text_readable(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(["日本語 “x” é 👩‍🔬 فارسی‌ها"])
    assert "日本語 “x” é 👩‍🔬 فارسی‌ها" in capsys.readouterr().out


@given(st.text())
def test_plain_text_has_no_control_or_format_characters(text: str) -> None:
    shown = plain(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    shown.encode()


def test_unsafe_titles_are_escaped_in_printed_chapter_files(tmp_path: Path, run: Run) -> None:
    source = tmp_path / "talk.json"
    title = "a\x9b31m\u202eb\u2066\ufeffc\u200b\u200d"
    rows = [{"start": 0.0, "title": title}, {"start": 60.0, "title": "b"}]
    document = {"schema": "chapterize.chapters/1", "duration": 120.0, "chapters": rows}
    source.write_text(json.dumps(document), encoding="utf-8")
    done = run("convert", source, "-")
    assert done.code == 0
    assert not set("\x9b\u202e\u2066\ufeff\u200b") & set(done.out)
    assert json.loads(done.out)["chapters"][0]["title"] == "a\x9b31mbc"

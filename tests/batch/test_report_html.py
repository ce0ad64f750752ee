from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest

from chapterize.batch.report_html import in_order, looks_of, page
from chapterize.batch.rows import ChapterRow, Row
from tests.batch.report_rows import ROOT, TITLES, a_row, failed

EVIL = '</script><img src=x onerror=alert(1)>&quot;"\u2028'


def as_json(row: Row) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(json.dumps(row.to_json()))
    return value


def data_of(text: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert found is not None
    return json.loads(found[1])


def chapters(n: int, confidence: float, length: float) -> dict[str, Any]:
    rows = tuple(ChapterRow(length * i / n, f"Part {i}", confidence) for i in range(n))
    return {"chapters": rows, "n_chapters": n, "duration": length}


@pytest.mark.parametrize(
    ("row", "looks"),
    [
        (a_row(), []),
        (failed("a.mp4"), ["failed"]),
        (a_row(**chapters(6, 0.29, 1200.0)), ["unsure"]),
        (a_row(**chapters(6, 0.31, 1200.0)), []),
        (a_row(**chapters(2, 0.5, 3600.0)), ["few"]),
        (a_row(**chapters(1, 1.0, 599.0)), []),
        (a_row(**chapters(1, 1.0, 600.0)), ["few"]),
        (a_row(**chapters(10, 0.5, 300.0)), []),
        (a_row(**chapters(11, 0.2, 300.0)), ["unsure", "many"]),
        (a_row(words="none"), ["wordless"]),
        (a_row(faults=("the file is cut off",)), ["faults"]),
        (a_row(state="skipped", **chapters(2, 0.5, 3600.0)), ["few"]),
        (a_row(chapters=(), n_chapters=0), []),
    ],
)
def test_what_is_unusual_is_worth_a_look(row: Row, looks: list[str]) -> None:
    assert looks_of(as_json(row)) == looks


def test_the_first_chapter_does_not_count_for_confidence() -> None:
    row = in_order([as_json(a_row())])[0]
    assert row["confidence"] == pytest.approx(0.55)


def test_failed_files_come_first_then_the_least_confident() -> None:
    rows = [
        a_row("good.mp4"),
        a_row("poor.mp4", **chapters(6, 0.2, 1200.0)),
        a_row("poorer.mp4", **chapters(6, 0.1, 1200.0)),
        a_row("few.mp4", **chapters(2, 0.5, 3600.0)),
        failed("bad.mp4"),
        a_row("cut.mp4", faults=("the file is cut off",)),
    ]
    found = [row["file"] for row in in_order(map(as_json, rows))]
    assert found == ["bad.mp4", "cut.mp4", "poorer.mp4", "poor.mp4", "few.mp4", "good.mp4"]


def test_folders_are_named_below_the_one_that_holds_all() -> None:
    rows = in_order(map(as_json, [a_row("a/x.mp4"), a_row("a/b/y.mp4"), a_row("c/z.mp4")]))
    assert [(row["folder"], row["file"]) for row in rows] == [
        ("a", "x.mp4"),
        ("a/b", "y.mp4"),
        ("c", "z.mp4"),
    ]
    assert data_of(page(rows))["name"] == "Lectures"
    alone = in_order([as_json(a_row("a/x.mp4"))])
    assert alone[0]["folder"] == ""
    assert data_of(page(alone))["name"] == "a"
    above = in_order(map(as_json, [a_row("a/x.mp4"), a_row("y.mp4")]))
    assert [row["folder"] for row in above] == ["", "a"]


def test_the_command_can_be_pasted_into_a_shell() -> None:
    name = "it's a talk; rm -rf $HOME.mp4"
    quoted = "'/home/anna/Lectures/it'\"'\"'s a talk; rm -rf $HOME.mp4'"
    done, broken = in_order(map(as_json, [a_row(name), failed("b.mp4")]))[::-1]
    assert done["command"] == f"chapterize review {quoted}"
    assert broken["command"] == f"chapterize draft {ROOT}/b.mp4"


def test_an_address_has_no_command() -> None:
    row = as_json(Row("s3://bucket/talks/a.mp4", "done"))
    found = in_order([row])[0]
    assert (found["command"], found["file"]) == ("", "a.mp4")


def test_titles_cannot_become_markup() -> None:
    row = a_row(f"{EVIL}.mp4".replace("/", ""), chapters=(ChapterRow(0.0, EVIL),))
    text = page(in_order([as_json(row)]))
    assert "<img" not in text
    assert text.count("</script>") == 2
    assert data_of(text)["rows"][0]["chapters"][0][1] == EVIL


def test_braces_in_titles_are_no_places_of_the_page() -> None:
    row = a_row(chapters=(ChapterRow(0.0, "{{data}} {{script}}"),))
    text = page(in_order([as_json(row)]))
    assert data_of(text)["rows"][0]["chapters"][0][1] == "{{data}} {{script}}"


def test_names_that_are_not_utf_8_can_be_written() -> None:
    text = page(in_order([as_json(a_row("caf\udce9.mp4"))]))
    assert "caf?.mp4" in text
    text.encode("utf-8")


def test_the_page_loads_nothing() -> None:
    text = page(in_order([as_json(a_row())]))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; img-src data:; ")
    assert "unsafe" not in policy[1]
    assert "http://www.w3.org/2000/svg" in text
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)


def test_without_scripts_a_plain_table_is_there() -> None:
    text = page(in_order(map(as_json, [a_row("a & b.mp4"), failed("c.mp4")])))
    plain = text.partition("<noscript>")[2].partition("</noscript>")[0]
    assert "a &amp; b.mp4" in plain
    assert f"4:00 {TITLES[1]}" in plain
    assert "its index (moov) is missing" in plain
    many = page(in_order(as_json(a_row(f"{i}.mp4")) for i in range(503)))
    assert "and 3 more" in many


def test_the_page_says_when_it_was_made() -> None:
    text = page([], now=datetime(2025, 3, 1, 9, 5))
    assert data_of(text)["made"] == "2025-03-01 09:05"
    assert data_of(text)["rows"] == []

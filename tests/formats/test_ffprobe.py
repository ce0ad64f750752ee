"""What ffprobe prints, apart from JSON."""

from __future__ import annotations

import pytest

from chapterize import formats
from chapterize.errors import FormatError

ROWS = (("0.000000", "400.250000", "Kiln"), ("400.250000", "1140.000000", "Wax, a=b"))
TEXT = "[STREAM]\nindex=0\n[/STREAM]\n" + "".join(
    f"[CHAPTER]\nid={n}\ntime_base=1/1000\nstart={n}\nstart_time={start}\nend=5\nend_time={end}\n"
    f"TAG:title={title}\n[/CHAPTER]\n"
    for n, (start, end, title) in enumerate(ROWS)
)
CSV = "".join(
    f'chapter,{n},1/1000,{n},{start},5,{end},"{title}"\n'
    for n, (start, end, title) in enumerate(ROWS)
)
COMPACT = "".join(
    f"chapter|id={n}|time_base=1/1000|start={n}|start_time={start}|end=5|end_time={end}"
    f"|tag:title={title}\n"
    for n, (start, end, title) in enumerate(ROWS)
)
INI = "".join(
    f"[chapters.chapter.{n}]\nid={n}\nstart_time={start}\nend_time={end}\n\n"
    f"[chapters.chapter.{n}.tags]\ntitle={title.replace('=', chr(92) + '=')}\n\n"
    for n, (start, end, title) in enumerate(ROWS)
)
FLAT = "".join(
    f'chapters.chapter.{n}.start_time="{start}"\nchapters.chapter.{n}.end_time="{end}"\n'
    f'chapters.chapter.{n}.tags.title="{title}"\n'
    for n, (start, end, title) in enumerate(ROWS)
)
XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ffprobe>\n<chapters>\n'
    + "".join(
        f'<chapter id="{n}" time_base="1/1000" start="{n}" start_time="{start}" end="5"'
        f' end_time="{end}"><tags><tag key="title" value="{title}"/></tags></chapter>\n'
        for n, (start, end, title) in enumerate(ROWS)
    )
    + "</chapters>\n</ffprobe>\n"
)


@pytest.mark.parametrize(
    "text", [TEXT, CSV, COMPACT, INI, FLAT, XML, XML.replace("<tags>", "").replace("</tags>", "")]
)
def test_what_ffprobe_prints_is_read(text: str) -> None:
    parsed = formats.loads(text)
    assert parsed.chapters.starts == (0, 400.25)
    assert parsed.chapters.titles == ("Kiln", "Wax, a=b")
    assert parsed.chapters.duration == 1140


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[STREAM]\nindex=0\n[/STREAM]\n", "ffprobe"),
        (TEXT.replace("start_time", "x"), "ffprobe"),
        (TEXT.replace("400.250000", "N/A"), "ffprobe"),
        ("<ffprobe/>", "ffprobe-xml"),
        (XML.replace("start_time", "x"), "ffprobe-xml"),
    ],
)
def test_output_without_chapters_or_times_is_a_format_error(text: str, name: str) -> None:
    with pytest.raises(FormatError):
        formats.loads(text, name)

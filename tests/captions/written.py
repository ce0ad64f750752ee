"""Caption files as text, and what is read from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from chapterize.data import Transcript
from chapterize.timecode import format_timestamp

Write = Callable[..., Path]
"""Write text or bytes to a file, ``talk.srt`` unless named."""

SRT = """1
00:00:01,000 --> 00:00:02,500
Hello there.

2
00:00:03,000 --> 00:00:04,000
General
remark.
"""
VTT = """WEBVTT - made by hand
Kind: captions
Language: de

NOTE a comment
on two lines

STYLE
::cue { color: red }

first
00:01.000 --> 00:02.500 align:start position:0%
<v Anna Berg>Guten <b>Tag</b> &amp; hallo.</v>

01:00:03.000 --> 01:00:04.000
<v.loud Bob>Und weiter.
"""
ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname
Style: Default,Arial

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:05.00,0:00:07.00,Default,,0,0,0,,{\\an8}Second\\Nline, here
Comment: 0,0:00:05.00,0:00:07.00,Default,,0,0,0,,not said
Dialogue: 0,0:00:01.00,0:00:03.00,Default,Bob,0,0,0,,First one
Dialogue: 0,0:00:01.00,0:00:03.00,Default,Bob,0,0,0,,{\\p1}m 0 0 l 1 1{\\p0}
"""


def said(transcript: Transcript) -> list[tuple[float, float, str]]:
    return [(cue.start, cue.end, cue.text) for cue in transcript.cues]


def srt(*cues: tuple[float, float, str]) -> str:
    return "\n".join(
        f"{number}\n{format_timestamp(start, separator=',')} --> "
        f"{format_timestamp(end, separator=',')}\n{text}\n"
        for number, (start, end, text) in enumerate(cues, 1)
    )

r"""Chapter files: formats of players, podcasts, editors and tools, written and read.

>>> from chapterize import formats
>>> from chapterize.data import Chapters
>>> chapters = Chapters.from_starts([0, 61.5], ["Opening", "Bees & honey"], duration=120)
>>> text = formats.dumps(chapters, "youtube")
>>> print(text, end="")
0:00 Opening
1:01 Bees & honey

Reading recognises the format by content, or takes its name. Formats that store no end need the
duration of the media, in seconds:

>>> formats.loads(text, duration=120).chapters.titles
('Opening', 'Bees & honey')
>>> formats.loads(formats.dumps(chapters, "webvtt"), format="webvtt").chapters == chapters
True
"""

from chapterize.formats.description import Described, describe
from chapterize.formats.frames import FrameClock, FrameRate, known_rate, parse_frame_rate
from chapterize.formats.kinds import Format
from chapterize.formats.listing import Listing, Parsed, length_of, marks_of, tile
from chapterize.formats.reading import (
    format_to_read,
    loads,
    read_chapters,
    read_listing,
    read_text,
    read_titles,
    recognise,
    scan,
    scan_bytes,
)
from chapterize.formats.table import (
    FORMATS,
    MAX_BYTES,
    READABLE,
    SUFFIXES,
    changes,
    check,
    dumps,
    format_of,
)

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "READABLE",
    "SUFFIXES",
    "Described",
    "Format",
    "FrameClock",
    "FrameRate",
    "Listing",
    "Parsed",
    "changes",
    "check",
    "describe",
    "dumps",
    "format_of",
    "format_to_read",
    "known_rate",
    "length_of",
    "loads",
    "marks_of",
    "parse_frame_rate",
    "read_chapters",
    "read_listing",
    "read_text",
    "read_titles",
    "recognise",
    "scan",
    "scan_bytes",
    "tile",
]

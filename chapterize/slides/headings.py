"""What each slide is about: its heading, its topic, and whether it lists or announces topics."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from chapterize.data import Slide, TextLine
from chapterize.slides.furniture import body_lines, is_alike, is_screen, key_of

__all__ = ["headed", "topic_of"]

_LONGEST = 120  # characters of a heading
_SMALLEST = 0.028  # height of a heading, of the frame
_LOWEST = 0.7  # of the frame, below which no heading begins

_AGENDA = re.compile(
    "agenda|(?:lecture)?outline|(?:tableof)?contents|overview|today(?:stopics)?|topics|roadmap|plan"
    "|whatwewillcover|inhalt(?:sverzeichnis)?|gliederung|übersicht|überblick|ablauf|programm"
    "|themen(?:heute)?|(?:agendafür)?heute|sommaire|plandelaprésentation|auprogramme|aujourdhui"
    "|índice|contenidos?|esquema|temario|hoy|sommario|indice|oggi|inhoud|vandaag|目录|目錄|大纲|大綱"
    "|提纲|议程|議程|今天的内容|今日内容|本讲内容|主要内容|内容提要|目次|アジェンダ"
)
_NUMBERING = re.compile(
    r"^\s*(?:(?:part|chapter|section|lesson|lecture|teil|kapitel|abschnitt|partie|chapitre)\s+"
    r"(?:\d{1,3}|[ivx]{1,5})\s*[.:–—-]?|\d{1,2}(?:\.\d{1,2})*[.):]|\d{1,2}(?:\.\d{1,2})+"
    r"|[ivx]{1,4}[.):]|[a-h][.)]|[一二三四五六七八九十]+[、.])\s+(?=\S)"
    r"|^\s*第[一二三四五六七八九十\d]+[章节讲部分]+[:：\s]*(?=\S)",
    re.IGNORECASE,
)
_AGAIN = r"cont(?:inued|[’']?d|\.)|ctd\.?|forts(?:etzung|\.)"
_CONTINUED = re.compile(
    rf"\s*[(\[（【]\s*(?:{_AGAIN}|cont|suite|continuación|continua|続き?|续|續|接上页"
    r"|\d{1,2}(?:\s*(?:/|of|von|de)\s*\d{1,2})?|[ivx]{1,4})\s*[)\]）】]\s*$"
    rf"|(?:\s*[,:–—-])?\s+(?:{_AGAIN}|\d{{1,2}}\s*/\s*\d{{1,2}}|#\d{{1,2}}|II|III|IV)\s*$",
    re.IGNORECASE,
)


def topic_of(heading: str) -> str:
    """`heading` without its numbering, and without marks of a slide that continues another."""
    plain = heading.strip()
    for extra in (_NUMBERING, _CONTINUED):
        plain = extra.sub("", plain, count=1).strip() or plain
    return plain


@dataclass(frozen=True)
class _Title:
    """One or more lines that are read as one heading."""

    lines: tuple[TextLine, ...]

    @property
    def text(self) -> str:
        parts = [" ".join(line.text.split()) for line in self.lines]
        joint = "" if _is_unspaced(parts[0]) else " "
        return joint.join(parts)

    @property
    def height(self) -> float:
        return max(line.height for line in self.lines)

    @property
    def top(self) -> float:
        return self.lines[0].y


def headed(slides: Sequence[Slide]) -> tuple[Slide, ...]:
    """`slides` with kind, heading and topic, from the text and boxes of their lines.

    `slides` are in order; those that show the same slide have equal lines. Headings are chosen by
    size, place, and what recurs over the whole video: most slides have theirs at one place. Slides
    to which lines were added while they were shown become one.
    """
    slides = _typed(slides)
    bodies = body_lines(slides)
    bodies = [
        body if slide.kind == "slide" else () for slide, body in zip(slides, bodies, strict=True)
    ]
    titles = _titles(bodies)
    texts = [None if title is None else title.text for title in titles]
    headings = {key_of(topic_of(text)): text for text in texts if text is not None}
    usual = median([title.height for title in titles if title is not None] or [0.0])
    found = []
    for slide, body, title in zip(slides, bodies, titles, strict=True):
        if title is None:
            found.append(replace(slide, heading=None))
            continue
        rest = [line for line in body if line not in title.lines]
        is_agenda = _is_agenda(title.text, rest, headings)
        is_section = bool(found) and not is_agenda and _is_section(title, rest, usual)
        named = replace(slide, heading=title.text, is_agenda=is_agenda, is_section=is_section)
        found.append(named)
    return _with_topics(_joined(found, bodies))


def _typed(slides: Sequence[Slide]) -> list[Slide]:
    """`slides` with the kind that their text shows: a slide may contain a camera inset."""
    typed = []
    for slide, body in zip(slides, body_lines(slides), strict=True):
        kind = slide.kind
        if is_screen(slide.lines):
            kind = "screen"
        elif kind == "camera":
            is_slide = any(map(_is_written, body)) and sum(map(_is_written, slide.lines)) >= 2
            kind = "slide" if is_slide else "camera"
        typed.append(replace(slide, kind=kind))
    return typed


def _is_written(line: TextLine) -> bool:
    """Whether a line in moving video belongs to a slide, not to a thing in a room."""
    return line.confidence >= 0.8 and line.height >= _SMALLEST and line.y < _LOWEST


def _titles(bodies: Sequence[tuple[TextLine, ...]]) -> list[_Title | None]:
    """The heading of each slide, None if it has none."""
    first = {body: _largest(body) for body in dict.fromkeys(bodies)}
    place = _usual_place([title for title in first.values() if title is not None])
    if place is None:
        # Headings in the size of the text, perhaps in another weight or colour.
        apart = [_Title(body[:1]) for body in first if _is_apart(body)]
        place = _usual_place(apart) if len(apart) >= max(4, 0.6 * len(first)) else None
    titles = {}
    for body, title in first.items():
        usual = None if place is None else _at(body, place)
        if usual is not None and (title is None or title.top >= usual.top):
            title = usual
        titles[body] = title if title is not None and _is_heading(title) else None
    return [titles[body] for body in bodies]


def _largest(body: tuple[TextLine, ...]) -> _Title | None:
    """The topmost of the largest lines, None if no line stands out."""
    candidates = [line for line in body if line.y < _LOWEST and _is_worded(line.text)]
    if not candidates:
        return None
    tallest = max(line.height for line in candidates)
    start = next(line for line in candidates if line.height >= 0.8 * tallest)
    title = _extended(start, body)
    others = [line.height for line in body if line not in title.lines and _is_worded(line.text)]
    if others and title.height < 1.15 * median(others):
        return None
    return title


def _is_apart(body: tuple[TextLine, ...]) -> bool:
    """Whether the first line is far above the others."""
    if len(body) < 2 or body[0].y > 0.2:
        return False
    gaps = [after.y - before.y - before.height for before, after in pairwise(body)]
    return gaps[0] > body[0].height and gaps[0] > 1.3 * median(gaps)


def _extended(start: TextLine, body: tuple[TextLine, ...]) -> _Title:
    """A heading from its first line, with the lines of the same size right below it."""
    lines = [start]
    for line in body:
        last = lines[-1]
        if line.y <= last.y or line in lines:
            continue
        gap = line.y - (last.y + last.height)
        is_aligned = (
            abs(line.x - start.x) < 0.03
            or abs(line.x + line.width / 2 - start.x - start.width / 2) < 0.04
        )
        is_large = abs(line.height / last.height - 1) < 0.2
        if not is_aligned or not is_large or gap > 0.6 * last.height or len(lines) == 3:
            break
        lines.append(line)
    return _Title(tuple(lines))


Place = tuple[float, float]


def _usual_place(titles: Sequence[_Title]) -> Place | None:
    """Middle and height of the first line of most headings, None if they have no place."""
    best: list[Place] = []
    places = [(title.lines[0].y + title.lines[0].height / 2, title.height) for title in titles]
    for middle, height in places:
        near = [each for each in places if _is_near(each, (middle, height))]
        if len(near) > len(best):
            best = near
    if len(best) < max(3, 0.3 * len(places)):
        return None
    return median(middle for middle, _ in best), median(height for _, height in best)


def _is_near(one: Place, other: Place) -> bool:
    return abs(one[0] - other[0]) < 0.025 and abs(one[1] / other[1] - 1) < 0.2


def _at(body: tuple[TextLine, ...], place: Place) -> _Title | None:
    """The heading at the usual place; its lines may be more than usual, centred on it."""
    for line in body:
        title = _extended(line, body)
        last = title.lines[-1]
        middles = (line.y + line.height / 2, (line.y + last.y + last.height) / 2)
        if any(_is_near((middle, line.height), place) for middle in middles):
            return title
    return None


def _is_heading(title: _Title) -> bool:
    """Whether a text can be a heading: neither tiny, nor long, nor without words."""
    text = title.text
    is_repeated = len(set(key_of(text))) <= 2 and len(text) > 4
    is_usable = not is_repeated and _is_worded(text)
    return is_usable and len(text) <= _LONGEST and title.height >= _SMALLEST


def _is_worded(text: str) -> bool:
    letters = sum(character.isalpha() for character in text)
    return letters >= 2 and letters >= 0.4 * len(text.replace(" ", ""))


def _is_agenda(heading: str, rest: Sequence[TextLine], headings: Mapping[str, str]) -> bool:
    """Whether the lines of a slide are the topics of the talk; `headings` are all, by their key."""
    if len(rest) < 2:
        return False
    if _AGENDA.fullmatch(key_of(topic_of(heading))):
        return True
    others = {key: text for key, text in headings.items() if key != key_of(topic_of(heading))}
    n_found = n_near = 0
    for line in rest:
        text = topic_of(line.text)
        is_found = any(is_alike(key_of(text), key) for key in others)
        n_found += is_found
        n_near += is_found or any(_stems(text) & _stems(other) for other in others.values())
    # A list in the speaker's words: some are headings, most share a word with one.
    is_list = n_found >= 0.5 * len(rest) or n_near >= 0.7 * len(rest)
    return len(rest) >= 3 and is_list and (n_found >= 2 or n_found == 1 < n_near - 1)


def _stems(text: str) -> set[str]:
    """The beginnings of the longer words of `text`."""
    return {word[:5] for word in re.findall(r"\w{4,}", text.casefold())}


def _is_section(title: _Title, rest: Sequence[TextLine], usual: float) -> bool:
    """Whether a slide has a few large words in its middle, and little else."""
    middle = (title.top + title.lines[-1].y + title.lines[-1].height) / 2
    is_short = len(title.text.split()) <= 10 and len(title.text) <= 60
    few = len(rest) <= 1 and all(line.height < title.height for line in rest)
    return is_short and few and 0.25 <= middle <= 0.7 and title.height >= 0.9 * usual


def _joined(slides: Sequence[Slide], bodies: Sequence[tuple[TextLine, ...]]) -> list[Slide]:
    """`slides`, with those that only add lines to the one before as one with it."""
    joined: list[tuple[Slide, tuple[TextLine, ...]]] = []
    for slide, body in zip(slides, bodies, strict=True):
        if joined and _is_build(*joined[-1], slide, body):
            before = joined.pop()[0]
            slide = replace(slide, start=before.start)
        joined.append((slide, body))
    return [slide for slide, _ in joined]


def _is_build(
    before: Slide, old: tuple[TextLine, ...], after: Slide, new: tuple[TextLine, ...]
) -> bool:
    """Whether `after` has all lines of `before`, at their place, under the same heading."""
    if before.heading is None or after.heading is None or before.lines == after.lines:
        return before.heading is not None and before.lines == after.lines
    if not is_alike(key_of(before.heading), key_of(after.heading)) or before.end < after.start:
        return False
    n_kept = sum(
        any(
            abs(line.y - other.y) < 0.02 and is_alike(key_of(line.text), key_of(other.text))
            for other in new
        )
        for line in old
    )
    return n_kept >= 0.8 * len(old) and len(new) >= len(old)


def _with_topics(slides: Sequence[Slide]) -> tuple[Slide, ...]:
    """`slides` with a number for each topic: that of an equal heading, or of the same lines."""
    topics: list[tuple[str, tuple[TextLine, ...]]] = []
    numbered = []
    for slide in slides:
        key = "" if slide.heading is None else key_of(topic_of(slide.heading))
        topic = next(_matching(topics, key, slide.lines), len(topics))
        if topic == len(topics):
            topics.append((key, slide.lines))
        numbered.append(replace(slide, topic=topic))
    return tuple(numbered)


def _matching(
    topics: Sequence[tuple[str, tuple[TextLine, ...]]], key: str, lines: tuple[TextLine, ...]
) -> Iterator[int]:
    for topic, (other, same) in enumerate(topics):
        if (key and is_alike(key, other)) or (not key and not other and lines and lines == same):
            yield topic


def _is_unspaced(text: str) -> bool:
    """Whether the script of `text` has no spaces between words."""
    return any("\u3040" <= character <= "\u9fff" for character in text)

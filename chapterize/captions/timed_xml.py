"""Read XML captions: TTML and DFXP, with any profile and prefix, and YouTube's srv1, srv2, srv3.

pysubs2 reads TTML without frames, ticks, ``dur`` and timed spans, and only in one namespace.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from chapterize.captions.cues import Fault, Parsed, Span, cues_of_spans
from chapterize.captions.words import words_from_starts
from chapterize.data import Cue
from chapterize.errors import FormatError
from chapterize.timecode import parse_time
from chapterize.xml_tree import FORBIDDEN, Element, parse_xml

__all__ = ["parse_timedtext", "parse_ttml"]

# What careless programs write: bare ampersands, HTML entities, and prefixes without a namespace.
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)(?:\w+;)?")
_PREFIX = re.compile(r"(</?|\s)(?!xmlns)[\w.-]+:(?=[\w.-]+[\s=/>])")
_OFFSET = re.compile(r"(\d+(?:[.,]\d+)?)\s*(h|m|s|ms|f|t)")
_FRAMES = re.compile(r"(\d+):(\d\d):(\d\d)[:;](\d+)(?:\.(\d+))?")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
# Elements inside a paragraph whose text is not shown: its description, animation, and readings.
_UNSPOKEN = frozenset(("metadata", "set", "title", "desc", "agent", "rt", "rp"))


def _tree(text: str) -> Element:
    text = _ENTITY.sub(_escaped, text.lstrip().translate(FORBIDDEN))
    try:
        return parse_xml(text)
    except FormatError as error:
        if error.why != "unbound prefix":
            raise
        return parse_xml(_PREFIX.sub(r"\1", text))


def _escaped(match: re.Match[str]) -> str:
    return html.escape(html.unescape(match[0]), quote=False)


def _plain_attributes(element: Element) -> dict[str, str]:
    """The attributes of an element, by name without namespace."""
    return {name.rpartition(" ")[2]: value for name, value in element.attributes.items()}


@dataclass(frozen=True)
class _Clock:
    """What the times of a TTML file count."""

    nominal: Fraction
    frame_rate: Fraction
    tick_rate: Fraction
    sub_frames: int
    is_smpte: bool
    drops: int

    @classmethod
    def of(cls, root: Element) -> _Clock:
        """The clock that the attributes of the root describe; ValueError if a number is wrong."""
        said = _plain_attributes(root)
        nominal = Fraction(said.get("frameRate", "30"))
        multiplier = [
            Fraction(part)
            for part in re.split(r"[\s:/]+", said.get("frameRateMultiplier", "1").strip())
        ]
        rate = nominal * multiplier[0] / (multiplier[1] if len(multiplier) > 1 else 1)
        sub_frames = int(said.get("subFrameRate", "1"))
        usual = rate * sub_frames if "frameRate" in said else Fraction(1)
        ticks = Fraction(said["tickRate"]) if "tickRate" in said else usual
        drops = 2 if said.get("dropMode") == "dropNTSC" else 0
        if rate <= 0 or ticks <= 0 or sub_frames <= 0:
            raise ValueError("a rate is zero")
        return cls(nominal, rate, ticks, sub_frames, said.get("timeBase") == "smpte", drops)

    def seconds(self, text: str) -> float:
        """Seconds of a time expression; FormatError if it is none."""
        text = text.strip()
        if match := _OFFSET.fullmatch(text):
            number, unit = Fraction(match[1].replace(",", ".")), match[2]
            if unit in _UNITS:
                return float(number) * _UNITS[unit]
            return float(number / (self.frame_rate if unit == "f" else self.tick_rate))
        if match := _FRAMES.fullmatch(text):
            hours, minutes, secs, frames = (int(part) for part in match.groups()[:4])
            part = frames + Fraction(int(match[5] or 0), self.sub_frames)
            whole = hours * 3600 + minutes * 60 + secs
            if frames >= math.ceil(self.nominal) and len(match[4]) == 3:
                return whole + frames / 1000  # milliseconds after a colon
            if not self.is_smpte:
                return float(whole + part / self.frame_rate)
            # SMPTE time code counts frames at the nominal rate, and may skip some numbers.
            skipped = (minutes + hours * 60) - (minutes + hours * 60) // 10
            return float((whole * self.nominal + part - self.drops * skipped) / self.frame_rate)
        return parse_time(text)


@dataclass(frozen=True)
class _Interval:
    """When an element is shown; `is_own`: it has a time itself."""

    start: float
    end: float
    is_own: bool


_ALWAYS = _Interval(0.0, math.inf, False)


def parse_ttml(text: str) -> Parsed:
    """Cues of TTML: paragraphs, with word times from timed spans; FormatError if it is no XML."""
    root = _tree(text)
    parsed = Parsed("TTML", language=_language(root), keeps_order=False)
    try:
        clock = _Clock.of(root)
    except (ValueError, ZeroDivisionError) as error:
        raise FormatError("not readable TTML", why=f"a rate is wrong: {error}", line=1) from error
    for body in root.children:
        if body.local == "body":
            _keep_one_language(body, parsed)
            _collect(body, _interval(body, _ALWAYS, clock), clock, parsed)
    return parsed


def _language(element: Element) -> str | None:
    return _plain_attributes(element).get("lang") or None


def _keep_one_language(body: Element, parsed: Parsed) -> None:
    """Remove the parts of `body` in other languages than its first part, with a note."""
    found = list(dict.fromkeys(filter(None, map(_language, body.children))))
    if found:
        parsed.language = found[0]
    if len(found) > 1:
        body.children = [each for each in body.children if _language(each) in (None, found[0])]
        others = ", ".join(found[1:])
        parsed.notes.append(f"The captions in {found[0]} are read; the file also has {others}.")


def _collect(element: Element, outer: _Interval, clock: _Clock, parsed: Parsed) -> None:
    """Add the cues of all paragraphs in `element`, which is shown within `outer`."""
    children = [each for each in element.children if each.local in ("div", "p", "section")]
    is_sequence = _plain_attributes(element).get("timeContainer") == "seq"
    inside = _Interval(_origin(children, outer, clock), outer.end, outer.is_own)
    for child in children:
        try:
            interval = _interval(child, inside, clock)
            if child.local == "p":
                parsed.cues += _cues(child, interval, clock)
        except FormatError as error:
            parsed.faults.append(Fault(child.line, error.what))
            continue
        if child.local != "p":
            _collect(child, interval, clock, parsed)
        if is_sequence and interval.end < math.inf:
            inside = _Interval(interval.end, outer.end, outer.is_own)


def _origin(children: Sequence[Element], outer: _Interval, clock: _Clock) -> float:
    """What the times of `children` are relative to.

    That is the start of their parent; but some lyrics have times from the start of the file, which
    then are at or after that start, and past the end if they were relative.
    """
    begins: list[float] = []
    for child in children:
        with suppress(FormatError, KeyError):
            begins.append(clock.seconds(_plain_attributes(child)["begin"]))
    is_absolute = begins and min(begins) >= outer.start and max(begins) <= outer.end
    return 0.0 if is_absolute and max(begins) > outer.end - outer.start else outer.start


def _interval(element: Element, outer: _Interval, clock: _Clock) -> _Interval:
    said = _plain_attributes(element)
    start, end = outer.start, outer.end
    if "begin" in said:
        start += clock.seconds(said["begin"])
    if "dur" in said:
        end = min(end, start + clock.seconds(said["dur"]))
    if "end" in said:
        end = min(end, outer.start + clock.seconds(said["end"]))
    return _Interval(start, end, bool({"begin", "end", "dur"} & said.keys()))


def _cues(paragraph: Element, shown: _Interval, clock: _Clock) -> Iterator[Cue]:
    pieces = list(_pieces(paragraph, shown, clock))
    is_timed = any(interval != shown for interval, _ in pieces)
    if is_timed and not shown.is_own:
        # The spans are the captions, and the paragraph only holds them.
        for interval, text in pieces:
            if interval != shown and text.strip():
                yield _cue(interval, text)
        return
    cue = _cue(shown, "".join(text for _, text in pieces))
    if shown == _ALWAYS and cue.text:
        raise FormatError("a paragraph has no time")
    starts = [(interval.start, text) for interval, text in pieces if text.strip()]
    if is_timed and starts == sorted(starts, key=lambda piece: piece[0]):
        words = words_from_starts(starts, cue.end if cue.end > cue.start else math.inf)
        cue = Cue(cue.start, max(cue.end, words[-1].end), cue.text, tuple(words))
    yield cue


def _cue(shown: _Interval, text: str) -> Cue:
    lines = [" ".join(line.split()) for line in text.split("\n")]
    end = shown.start if shown.end == math.inf else shown.end
    return Cue(shown.start, end, "\n".join(line for line in lines if line))


def _pieces(element: Element, shown: _Interval, clock: _Clock) -> Iterator[tuple[_Interval, str]]:
    """The texts in `element`, in order, with when they are shown; breaks are line ends."""
    inside = _Interval(_origin(element.children, shown, clock), shown.end, True)
    for part in element.parts:
        if isinstance(part, str):
            yield shown, re.sub(r"\s+", " ", part)
        elif part.local == "br":
            yield shown, "\n"
        elif part.local not in _UNSPOKEN:
            inner = shown
            with suppress(FormatError):
                timed = _interval(part, inside, clock)
                inner = timed if timed.is_own else shown
            yield from _pieces(part, inner, clock)


def parse_timedtext(text: str) -> Parsed:
    """Cues of YouTube's XML: ``text`` in seconds (srv1) or milliseconds (srv2), ``p`` (srv3)."""
    parsed = Parsed("YouTube XML")
    spans: list[Span] = []
    for element in _tree(text).walk():
        said = element.attributes
        if element.name not in ("text", "p"):
            continue
        is_srv1 = "start" in said
        start = _number(said.get("start" if is_srv1 else "t"), is_srv1)
        length = _number(said.get("dur" if is_srv1 else "d", "0"), is_srv1)
        if start is None or length is None:
            parsed.faults.append(Fault(element.line, "a line lacks its start"))
            continue
        pieces = _words(element, start)
        if not any(piece.strip() for _, piece in pieces):
            continue
        if said.get("append") == "1" and spans:
            before = spans.pop()
            spans.append((before[0], max(before[1], start + length), [*before[2], *pieces]))
        else:
            spans.append((start, round(start + length, 3), pieces))
    parsed.cues += cues_of_spans(sorted(spans, key=lambda span: span[0]))
    return parsed


def _words(element: Element, start: float) -> list[tuple[float, str]]:
    """The pieces of a line, each with its start; those of srv3 are ``s`` with an offset."""
    pieces: list[tuple[float, str]] = []
    for part in element.parts:
        if isinstance(part, str):
            pieces.append((pieces[-1][0] if pieces else start, part))
        else:
            offset = _number(part.attributes.get("t", "0"), False) or 0.0
            pieces.append((start + offset, "\n" if part.name == "br" else _all_text(part)))
    # Times must ascend, so that a word ends before the next one starts.
    if pieces == sorted(pieces, key=lambda piece: piece[0]):
        return pieces
    return [(start, "".join(text for _, text in pieces))]


def _all_text(element: Element) -> str:
    return "".join(part if isinstance(part, str) else _all_text(part) for part in element.parts)


def _number(text: str | None, is_seconds: bool) -> float | None:
    """Seconds from a number in an attribute; None if it is none."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    if not 0.0 <= number < math.inf:
        return None
    return number if is_seconds else number / 1000

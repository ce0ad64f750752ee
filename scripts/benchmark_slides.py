"""What is read from slides, and what it is worth: headings, boundaries, seconds and memory.

The talks are those of make_decks.py. Without a folder of finished ones, those that were not used
for fitting are made first, which takes a few minutes.
"""

from __future__ import annotations

import json
import os
import random
import re
import statistics
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmark_captions import spoken_captions
from benchmark_rows import MB, Row, python

from chapterize.evaluate import f1, title_rouge, wilson

__all__ = ["Reading", "measure_slides", "plain", "read_pages"]

_TOLERANCE = 10.0
_N_RANDOM = 200
_NEWS = re.compile(r"\b(cont|continued|forts|fortsetzung|续|ii|iii|2|3)\.?$")
_DRAFTS = """
import json, os, sys, time
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
os.environ["OMP_NUM_THREADS"] = "2"
from chapterize.pipeline import Options, make_draft

slides, *rest = sys.argv[1:]
for path, count in zip(rest[::2], map(int, rest[1::2])):
    began = time.perf_counter()
    draft = make_draft(path, Options(slides=slides, edits=False))
    seconds = time.perf_counter() - began
    counted = draft.with_count(count, titled=False) if count > 1 else draft
    pages = [
        {"start": page.start, "end": page.end, "kind": page.kind, "heading": page.heading}
        for page in draft.signals.pages
    ]
    starts = [[chapter.start for chapter in each.chapters.chapters] for each in (draft, counted)]
    titles = [chapter.title for chapter in draft.chapters.chapters]
    found = {"seconds": seconds, "pages": pages, "starts": starts, "titles": titles}
    print(json.dumps(found), flush=True)
"""


@dataclass
class Reading:
    """Counts over the pages of one or more talks.

    A heading is right if it is that of the page for longest on the screen meanwhile. `n_furniture`
    are headings that are a footer, a menu, a logo or code; `n_extra` are all headings of pages
    that have none.
    """

    n_wanted: int = 0
    n_right: int = 0
    n_read: int = 0
    n_furniture: int = 0
    n_extra: int = 0
    seconds: float = 0.0
    seconds_of_kind: float = 0.0
    faults: list[str] = field(default_factory=list)

    def __add__(self, other: Reading) -> Reading:
        return Reading(
            *(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__)
        )


def plain(text: str) -> str:
    """A heading without case, punctuation, number in front, and ``(cont.)``."""
    text = unicodedata.normalize("NFKC", text).casefold().strip()
    text = re.sub(r"^\d+((\.\d+)+|(\.\d+)*[.)])\s+", "", text)
    words = re.sub(r"[^\w\s]|_", lambda sign: "" if sign[0] in "'’‘`" else " ", text)
    words = " ".join(words.split())
    words = _NEWS.sub("", words).strip()
    return re.sub(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])", "", words)


def read_pages(gold: Mapping[str, Any], pages: Sequence[Mapping[str, Any]]) -> Reading:
    """Compare the pages that were found with those that are there."""
    reading = Reading()
    furniture = {plain(text) for text in gold["furniture"]} - {""}
    for page in gold["pages"]:
        shared = [(_overlap(page, found), index) for index, found in enumerate(pages)]
        best, index = max(shared, default=(0.0, -1))
        heading = pages[index]["heading"] if best > 0 else None
        wanted = page["heading"]
        reading.seconds += page["end"] - page["start"]
        reading.seconds_of_kind += sum(
            overlap for overlap, which in shared if pages[which]["kind"] == page["kind"]
        )
        if page["kind"] == "camera":  # where no page is found, nothing can be read
            reading.seconds_of_kind += page["end"] - page["start"] - sum(each for each, _ in shared)
        is_right = wanted is not None and plain(wanted) == plain(heading or "")
        reading.n_wanted += wanted is not None
        reading.n_right += is_right
        reading.n_read += heading is not None
        reading.n_extra += wanted is None and heading is not None
        is_furniture = heading is not None and not is_right and _is_among(plain(heading), furniture)
        reading.n_furniture += is_furniture
        if not is_right and (wanted or heading):
            what = f"{gold['name']} {page['start']:.0f} s: {wanted!r}, read as {heading!r}"
            reading.faults.append(what + (" (furniture)" if is_furniture else ""))
    return reading


def measure_slides(folder: Path, decks: Path | None) -> Iterator[Row]:
    """Headings and boundaries of the decks in `decks`, and the cost of an hour."""
    os.environ["CHAPTERIZE_CACHE"] = str(folder / "cache")
    if decks is None:
        decks = folder / "decks"
        decks.mkdir()
        _make(decks)
    reading = Reading()
    scores: list[dict[str, float]] = []
    talks: list[dict[str, float]] = []
    golds = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(decks.glob("*.gold.json"))
    ]
    asked = [
        text for gold in golds for text in (decks / f"{gold['name']}.mp4", len(gold["chapters"]))
    ]
    drafts = [_drafts(slides, *asked) for slides in ("off", "on")]
    for gold, off, on in zip(golds, *drafts, strict=True):
        reading += read_pages(gold, on["pages"])
        score = _scores(gold, {"off": off, "on": on})
        is_talk = any(page["kind"] != "camera" for page in gold["pages"])
        (scores if is_talk else talks).append(score)
        times = f"{off['seconds']:.1f}/{on['seconds']:.1f} s"
        print(gold["name"], _line(score), times, file=sys.stderr, flush=True)
    print(*reading.faults, sep="\n", file=sys.stderr)
    yield from _reading_rows(reading)
    yield from _score_rows(scores, "talks with slides")
    yield from _score_rows(talks, "talks without slides")
    yield from _cost_rows(folder)


def _make(folder: Path) -> None:
    from make_decks import DECKS, make_deck

    for source in sorted(DECKS.glob("held-*.md")):
        print(f"making {source.stem} ...", file=sys.stderr, flush=True)
        make_deck(source, folder)


def _overlap(page: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    start, end = max(page["start"], other["start"]), min(page["end"], other["end"])
    return max(0.0, float(end) - float(start))


def _is_among(heading: str, furniture: set[str]) -> bool:
    return any(heading == text or (len(heading) > 3 and heading in text) for text in furniture)


def _drafts(slides: str, *videos_and_counts: object) -> list[dict[str, Any]]:
    out = python(_DRAFTS, slides, *map(str, videos_and_counts)).stdout
    return [json.loads(line) for line in out.splitlines()]


def _scores(gold: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, float]:
    """F1 of the inner starts, for the numbers of chapters found and given."""
    duration = gold["duration"]
    wanted = [chapter["start"] for chapter in gold["chapters"]][1:]
    n = len(wanted)

    def score(starts: Sequence[float]) -> float:
        return f1(wanted, starts, _TOLERANCE)

    rng = random.Random(gold["name"])
    by_chance = [
        score(sorted(rng.uniform(0, duration) for _ in range(n))) for _ in range(_N_RANDOM)
    ]
    pages = found["on"]["pages"]
    turns = [
        after["start"]
        for before, after in pairwise(pages)
        if after["heading"] and plain(after["heading"]) != plain(before["heading"] or "")
    ]
    scores = {
        "none": score([]),
        "random": statistics.mean(by_chance),
        "even": score([duration * (i + 1) / (n + 1) for i in range(n)]),
        "every new heading": score(turns),
    }
    for slides in ("off", "on"):
        estimated, given = found[slides]["starts"]
        scores[slides] = score(estimated[1:])
        scores[f"{slides}, number given"] = score(given[1:])
        scores[f"{slides}, titles"] = _title_score(gold, estimated, found[slides]["titles"])
    return scores


def _title_score(gold: Mapping[str, Any], starts: Sequence[float], titles: Sequence[str]) -> float:
    """ROUGE-L with the titles of the chapters that a person wrote; the units are seconds."""
    wanted = [int(chapter["start"]) for chapter in gold["chapters"]]
    names = [chapter["title"] for chapter in gold["chapters"]]
    found = [int(start) for start in starts]
    return title_rouge(wanted, names, found, titles, int(gold["duration"])) or 0.0


def _line(score: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in score.items())


def _reading_rows(reading: Reading) -> Iterator[Row]:
    right = wilson(reading.n_right, max(1, reading.n_wanted))
    interval = f"{right.value:.0%} ({right.low:.0%} to {right.high:.0%})"
    yield Row("headings right", interval, "on the slides", str(reading.n_wanted), None, "≥ 90%")
    share = reading.n_furniture / max(1, reading.n_read)
    yield Row(
        "footers and menus as headings", f"{share:.1%}", "read", str(reading.n_read), None, "≤ 2%"
    )
    yield Row("headings where there are none", str(reading.n_extra), "", "", None)
    kind = reading.seconds_of_kind / max(1.0, reading.seconds)
    yield Row("time with the right kind", f"{kind:.0%}", "", "", None)


def _score_rows(scores: Sequence[Mapping[str, float]], what: str) -> Iterator[Row]:
    if not scores:
        return
    mean = {name: statistics.mean(each[name] for each in scores) for name in scores[0]}
    for measure, suffix in (
        (f"F1@{_TOLERANCE:.0f} s", ""),
        (f"F1@{_TOLERANCE:.0f} s, number given", ", number given"),
        ("ROUGE-L of titles", ", titles"),
    ):
        ours, theirs = (f"{mean[slides + suffix]:.2f}" for slides in ("on", "off"))
        name = f"{measure}, {len(scores)} {what}"
        yield Row(name, ours, "without reading slides", theirs, None)
    for peer in ("every new heading", "even", "random", "none"):
        yield Row(
            f"F1@{_TOLERANCE:.0f} s, {len(scores)} {what}", "", peer, f"{mean[peer]:.2f}", None
        )


def _cost_rows(folder: Path) -> Iterator[Row]:
    """An hour with sixty slides, read and not read."""
    video = folder / "hour.mp4"
    _write_hour(video)
    runs = {slides: python(_DRAFTS, slides, video, "0") for slides in ("off", "on")}
    found = {slides: json.loads(run.stdout) for slides, run in runs.items()}
    seconds = {slides: each["seconds"] for slides, each in found.items()}
    n_read = sum(page["heading"] is not None for page in found["on"]["pages"])
    wall, cpu = seconds["on"] - seconds["off"], runs["on"].cpu - runs["off"].cpu
    what = f"an hour with 60 slides, {n_read} headings read"
    more = f"{wall:.1f} s more, {cpu:.1f} s of CPU time"
    yield Row(what, more, "without", f"{seconds['off']:.1f} s", None, "≤ 60 s")
    yield Row(
        "its peak memory",
        f"{runs['on'].peak_bytes / MB:.0f} MB",
        "without",
        f"{runs['off'].peak_bytes / MB:.0f} MB",
        None,
        "≤ 600 MB",
    )


def _write_hour(video: Path) -> None:
    from deck_frames import write_video
    from deck_talk import State, Talk
    from deck_text import Deck, Page

    settings = {"title": "An hour", "style": "office", "language": "en", "fps": "1", "logo": "HOUR"}
    settings["footer"] = "An hour of slides | Benchmark"
    captions = spoken_captions(3600.0)
    texts = [row for row in captions.splitlines() if row[:1].isalpha()]
    talk = Talk(Deck("hour", settings, ()), duration=3600.0)
    for number in range(60):
        words = texts[number * len(texts) // 60 :]
        lines = tuple(text.capitalize() for text in words[1:6])
        page = Page(
            " ".join(words[0].split()[:6]).capitalize(),
            frozenset(),
            number,
            number + 1,
            list(lines),
        )
        talk.states.append(State(60.0 * number, page, lines, is_build=False))
    write_video(talk, video)
    video.with_suffix(".srt").write_text(captions, encoding="utf-8")

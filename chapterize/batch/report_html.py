"""The page of a batch: one file that opens anywhere, without a network.

The rows are data in the page, and its script writes them as text: a title cannot become markup.
Without scripts, as in the preview of a mail program, a plain table is shown.
"""

from __future__ import annotations

import html
import json
import shlex
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from importlib.resources import files
from statistics import fmean
from typing import Any

from chapterize._version import __version__
from chapterize.timecode import format_clock

__all__ = ["LOOKS", "in_order", "looks_of", "page"]

LOOKS = ("failed", "faults", "wordless", "unsure", "few", "many")
"""Reasons to look at a file, the most urgent first."""

_UNSURE = 0.3
"""Mean confidence of the starts below which a file is worth a look: on average, fewer than three
in ten of them are where a person would put one."""

_FEWEST_PER_HOUR, _LONG = 3.0, 1200.0
_MOST_PER_HOUR, _FEW = 30.0, 10
"""Chapters per hour that are unusual, in files of at least 20 minutes or more than ten chapters."""

_ONE_LONG = 600.0
"""Seconds from which a single chapter is unusual."""

_MOST_ROWS = 20_000
"""Rows of a page; the others are in the file with the rows."""

_MOST_PLAIN = 500
"""Rows of the table for readers without scripts."""

_WORDS = {
    "captions": "captions",
    "whisper": "speech recognition",
    "none": "no words",
    "kept": "not needed",
}

Json = dict[str, Any]


def in_order(rows: Iterable[Json]) -> list[Json]:
    """The rows as the page has them, those to look at first."""
    found = [_shown(row) for row in rows]
    shared = len(_common_folder(found))
    for row in found:
        *folders, row["file"] = row["source"].split("/")
        row["folder"] = "/".join(folders[shared:])
    return sorted(found, key=_urgency)


def looks_of(row: Json) -> list[str]:
    """Why a person should look at the file, from `LOOKS`; empty if nothing is unusual."""
    if row["state"] == "failed":
        return ["failed"]
    mean, n, duration = _mean_confidence(row), len(row["chapters"]), row["duration"]
    found = ["faults"] if row["faults"] else []
    if row["words"] == "none":
        # Without words there is little to count on, and nothing to take titles from.
        return [*found, "wordless"]
    if mean is not None and mean < _UNSURE:
        found.append("unsure")
    if (n == 1 and duration >= _ONE_LONG) or (
        duration >= _LONG and 0 < n * 3600 < _FEWEST_PER_HOUR * duration
    ):
        found.append("few")
    if n > _FEW and n * 3600 > _MOST_PER_HOUR * duration:
        found.append("many")
    return found


def _mean_confidence(row: Json) -> float | None:
    """Mean confidence of the starts after the first, which is always right."""
    known = [each["confidence"] for each in row["chapters"][1:] if each["confidence"] is not None]
    return fmean(known) if known else None


def _shown(row: Json) -> Json:
    mean = _mean_confidence(row)
    is_local = "://" not in row["source"]
    verb = "draft" if row["state"] in ("failed", "waiting") else "review"
    return {
        "source": row["source"],
        "state": row["state"],
        "looks": looks_of(row),
        "reason": row["reason"],
        "faults": row["faults"],
        "stage": row["stage"],
        "duration": round(row["duration"], 3),
        "seconds": round(row["seconds"], 1),
        "language": row["language"],
        "words": _WORDS.get(row["words"].partition(":")[0], ""),
        "confidence": None if mean is None else round(mean, 3),
        "chapters": [
            [each["start"], each["title"], each["confidence"]] for each in row["chapters"]
        ],
        "outputs": row["outputs"],
        "notes": row["notes"],
        "command": f"chapterize {verb} {shlex.quote(row['source'])}" if is_local else "",
    }


def _common_folder(rows: Sequence[Json]) -> list[str]:
    """The parts of the path of the folder that holds all files."""
    folders: list[list[str]] = [row["source"].split("/")[:-1] for row in rows]
    if not folders:
        return []
    # All others are between these two, so they begin with what both begin with.
    first, last = min(folders), max(folders)
    pairs = enumerate(zip(first, last, strict=False))
    shared = next((i for i, (a, b) in pairs if a != b), min(len(first), len(last)))
    return first[:shared]


def _urgency(row: Json) -> tuple[int, float, str, str]:
    """What comes first: the most urgent reason, then the least confident; what waits is last."""
    rank = LOOKS.index(row["looks"][0]) if row["looks"] else len(LOOKS)
    rank += row["state"] == "waiting"
    confidence = row["confidence"]
    return rank, 1.0 if confidence is None else confidence, row["folder"], row["file"]


def page(rows: Sequence[Json], *, now: datetime | None = None) -> str:
    """The page with `rows`, which `in_order` returned."""
    style, script = _part("page.css"), _part("page.js")
    made = (now or datetime.now().astimezone()).strftime("%Y-%m-%d %H:%M")
    # An escaped "<" ends no script element, and JSON reads it as the same character.
    values = {
        "name": next(iter(_common_folder(rows)[-1:]), ""),
        "made": made,
        "version": __version__,
        "n": len(rows),
        "rows": rows[:_MOST_ROWS],
    }
    data = json.dumps(values).replace("<", "\\u003c")
    parts = {
        "policy": _policy(style, script),
        "style": style,
        "script": script,
        "made": made,
        "plain": _plain(rows),
        "data": data,
    }
    pieces = _part("page.html").split("{{")
    # The parts are not searched: a title may contain anything.
    text = pieces[0] + "".join(
        parts[name] + after for name, _, after in (each.partition("}}") for each in pieces[1:])
    )
    # The name of a file may have bytes that are no UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")


def _part(name: str) -> str:
    return files("chapterize.batch").joinpath("report_page", name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """The policy of the page: its own style and script, thumbnails, and nothing else."""
    rules = (
        "default-src 'none'",
        "img-src data:",
        f"style-src {_digest(style)}",
        f"script-src {_digest(script)}",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
    return "; ".join(rules)


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _plain(rows: Sequence[Json]) -> str:
    """The rows of the table without scripts."""
    lines = []
    for row in rows[:_MOST_PLAIN]:
        reason = row["reason"] or {}
        texts = [reason.get("what", ""), reason.get("why", ""), reason.get("hint", "")]
        texts += [f"{format_clock(start)} {title}" for start, title, _ in row["chapters"]]
        shown = "<br>".join(html.escape(text) for text in texts if text)
        name = html.escape(f"{row['folder']}/{row['file']}".lstrip("/"))
        length = format_clock(row["duration"]) if row["duration"] else ""
        lines.append(f"<tr><th>{name}<td>{row['state']}<td>{length}<td>{shown}")
    if len(rows) > _MOST_PLAIN:
        lines.append(f"<tr><td colspan=4>and {len(rows) - _MOST_PLAIN} more")
    return "\n".join(lines)

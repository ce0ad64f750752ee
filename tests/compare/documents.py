"""Documents with three topics."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chapterize.data import Sentence
from chapterize.evaluate import Document
from tests.texts import BREAD, STARS, TAXES

TITLES = ("Baking bread", "The night sky", None)


def document(name: str = "one", **changes: Any) -> Document:
    """Three chapters of 24 sentences, five seconds each."""
    texts = [sentence for topic in (BREAD, STARS, TAXES) for sentence in topic * 3]
    fields: dict[str, Any] = {
        "id": name,
        "source": "kitchen",
        "title": "Three topics",
        "duration": 5.0 * len(texts),
        "units": tuple(Sentence(5.0 * i, 5.0 * i + 4.5, text) for i, text in enumerate(texts)),
        "boundaries": (0, 24, 48),
        "starts": (0.0, 120.0, 240.0),
        "titles": TITLES,
    }
    return Document(**(fields | changes))


def write_corpus(path: Path, *documents: Document) -> Path:
    """`documents` as JSON lines."""
    rows = []
    for each in documents:
        units = [
            {
                "start": unit.start if each.is_timed else None,
                "end": unit.end if each.is_timed else None,
                "text": unit.text,
            }
            for unit in each.units
        ]
        rows.append(
            {
                "id": each.id,
                "source": each.source,
                "title": each.title,
                "duration": each.duration if each.is_timed else None,
                "units": units,
                "boundaries": each.boundaries,
                "titles": each.titles,
                "split": each.split,
            }
        )
    path.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    return path

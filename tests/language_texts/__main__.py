"""Print the table of languages in models/boundary.md: ``python -m tests.language_texts``."""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from chapterize.data import OnProgress
from chapterize.evaluate import f1, tiou_f1
from chapterize.pipeline import Engines, Options, make_draft
from chapterize.segment import SegmentOptions
from chapterize.vectors import Embedder, StaticEmbedder
from tests.fakes import ScriptedTitler
from tests.language_texts import LANGUAGES, read_talk
from tests.texts import write_srt

TOLERANCE = 10.0
N_ARRANGEMENTS = 60
N_DRAWS = 100


class _WithTable:
    """The built-in table under another type, so that it is used in addition to wording."""

    def __init__(self) -> None:
        self._table = StaticEmbedder()
        self.fingerprint = self._table.fingerprint
        self.n_dimensions = self._table.n_dimensions

    def embed(
        self, texts: Sequence[str], *, on_progress: OnProgress | None = None
    ) -> NDArray[np.float32]:
        return self._table.embed(texts, on_progress=on_progress)


def main() -> None:
    """Print one row per language and kind of captions: percent, and the mean number of chapters."""
    ways: dict[str, tuple[Embedder, SegmentOptions | None]] = {
        "with the table": (_WithTable(), None),
        "as drafted": (StaticEmbedder(), None),
        "estimated number": (StaticEmbedder(), SegmentOptions()),
        "fine": (StaticEmbedder(), SegmentOptions(granularity="fine")),
    }
    names = ["even", "random", *ways]
    print("| captions |", " | ".join(f"{name}: F1 / tIoU-F1 / number" for name in names), "|")
    print("|---" * (len(names) + 1) + "|")
    with tempfile.TemporaryDirectory() as folder:
        for language in LANGUAGES:
            for is_bare in (False, True):
                scores = _scores(Path(folder), language, is_bare, ways)
                cells = [
                    "{:.0f} / {:.0f} / {:.1f}".format(*map(mean, zip(*rows, strict=True)))
                    for rows in (scores[name] for name in names)
                ]
                print(f"| {language}{', without marks' if is_bare else ''} |",
                      " | ".join(cells), "|", flush=True)  # fmt: skip


def _scores(
    folder: Path,
    language: str,
    is_bare: bool,
    ways: dict[str, tuple[Embedder, SegmentOptions | None]],
) -> dict[str, list[tuple[float, float, int]]]:
    """By name, the scores of every arrangement; without options, the true number is asked for."""
    found: dict[str, list[tuple[float, float, int]]] = defaultdict(list)
    for seed in range(500, 500 + N_ARRANGEMENTS):
        talk = read_talk(language).arranged(seed)
        cues = talk.bare_cues() if is_bare else talk.cues()
        path = write_srt(folder / "talk.srt", cues)
        gold, n, duration = talk.starts(), len(talk.topics), cues[-1].end
        dice = random.Random(seed)
        lists = [("even", tuple(i * duration / n for i in range(n)))]
        for _ in range(N_DRAWS):
            marks = sorted(dice.uniform(0.0, duration) for _ in range(n - 1))
            lists.append(("random", (0.0, *marks)))
        for name, (embedder, asked) in ways.items():
            engines = Engines(embedder=embedder, titler=ScriptedTitler())
            options = Options(segment=asked or SegmentOptions(count=n))
            draft = make_draft(path, options, engines=engines)
            lists.append((name, draft.chapters.starts))
        for name, starts in lists:
            shares = f1(gold, starts, TOLERANCE), tiou_f1(gold, starts, duration)
            found[name].append((100 * shares[0], 100 * shares[1], len(starts)))
    return found


if __name__ == "__main__":
    main()

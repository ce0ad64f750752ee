"""Titles from a language model, compared with reading the examples again for every chapter."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmark_rows import Row, python, sizes, times

LECTURE = Path(__file__).resolve().parents[1] / "tests" / "data" / "lecture.mp4"

_CHAPTERS = """
import json, sys, time
from pathlib import Path
from chapterize.pipeline import Options, make_draft
from chapterize.pipeline.draft import chapter_texts
from chapterize.segment import SegmentOptions

folder = Path(sys.argv[1])
options = Options(titles="none", segment=SegmentOptions(count=8))
draft = make_draft(sys.argv[2], options)
chapters = chapter_texts(draft.sentences, draft.boundaries)
"""
_OURS = (
    _CHAPTERS
    + """
from chapterize.title import GeneratorTitler

starts, notes = [], []
def on_progress(stage, fraction):
    starts.append(time.perf_counter())
titler = GeneratorTitler(folder, device="cpu")
titler.entitle(chapters, language="en", on_progress=on_progress, on_note=notes.append)
# The first report is of loading, the second of the first chapter.
print(json.dumps([(starts[-1] - starts[1]) / len(chapters), notes[-1]]))
"""
)
_PEER = (
    _CHAPTERS
    + """
import os
import ctranslate2
from tokenizers import Tokenizer
from chapterize.title.llm.chat import Chat, template_of
from chapterize.title.llm.prompt import excerpts, introduction

tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
chat = Chat(tokenizer, template_of(lambda token: tokenizer.token_to_id(token) is not None))
model = ctranslate2.Generator(str(folder), compute_type="int8", intra_threads=os.cpu_count())
began = time.perf_counter()
opening = chat.opening(introduction("en"))
for prompt in excerpts(chapters):
    question = opening + chat.question(prompt.text)
    model.generate_batch(
        [question], max_length=24, include_prompt_in_result=False, end_token=chat.ends
    )
print(json.dumps((time.perf_counter() - began) / len(chapters)))
"""
)


def measure_titles(models: Sequence[Path]) -> Iterator[Row]:
    """Eight chapters of the sample lecture with each model: time, memory and refused titles."""
    name = "reading the examples again for every chapter"
    for model in models:
        peer, ours = python(_PEER, model, LECTURE), python(_OURS, model, LECTURE)
        seconds, summary = json.loads(ours.stdout)
        what = f"titles from {model.resolve().name}"
        yield times(f"{what}, a chapter", seconds, name, json.loads(peer.stdout), "")
        weights = (model / "model.bin").stat().st_size
        yield sizes(f"{what}, peak memory", ours.peak_bytes, "its weights", weights, "")
        yield Row(f"{what}, accepted", summary.partition(" titles")[0], "", "", None)

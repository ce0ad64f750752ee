"""The vocabulary and the modules of the tiny sentence-transformers model."""

from __future__ import annotations

import json
from pathlib import Path

QUERY = ["how", "to", "bake", "bread"]
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *QUERY, "knead", "the", "dough"]
WORDS += ["tax", "return", "a", "b", "c"]


def write_modules(folder: Path, *extra: dict[str, object]) -> None:
    first = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}
    pool = {
        "idx": 1,
        "name": "1",
        "path": "1_Pooling",
        "type": "sentence_transformers.models.Pooling",
    }
    (folder / "modules.json").write_text(json.dumps([first, pool, *extra]), encoding="utf-8")
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 32}', encoding="utf-8")
    (folder / "1_Pooling").mkdir(exist_ok=True)
    pooling = {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling), encoding="utf-8")

"""The models that can be downloaded: repository, size and licence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["MODELS", "Model", "Purpose", "how_to_get", "known", "size_text"]

Purpose = Literal["speech", "sentences", "titles"]


@dataclass(frozen=True)
class Model:
    """A model on the Hugging Face hub.

    Parameters
    ----------
    name : its name for ``--model``, ``--embedder`` or ``--titles-model``; `aliases` are others.
    purpose : what the model is used for.
    repository : ``owner/name`` on the hub.
    revision : the commit to download; None means the branch ``main``.
    megabytes : size of the download, rounded up; None if unknown.
    memory_mb : approximate memory in use; None if unknown.
    licence : SPDX identifier; None if unknown.
    """

    name: str
    purpose: Purpose
    repository: str
    revision: str | None = None
    megabytes: int | None = None
    memory_mb: int | None = None
    licence: str | None = None
    aliases: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The kind in messages: ``speech model``, ``sentence model`` or ``title model``."""
        return f"{self.purpose.removesuffix('s')} model"


# Memory: benchmarks in the README of faster-whisper 1.2.1, batches of eight windows. small: int8 on
# a CPU. large-v2, whose architecture v1 and v3 share: float16 on a GPU.
_SMALL_MEMORY = 3608
_LARGE_MEMORY = 6090


# Where they are not published by Systran.
_REPOSITORIES = {
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "distil-large-v3.5": "distil-whisper/distil-large-v3.5-ct2",
}
_ALIASES = {"large-v3": ("large",), "large-v3-turbo": ("turbo",)}


def _speech(name: str, revision: str, megabytes: int, memory_mb: int | None = None) -> Model:
    distil, rest = ("distil-", name[7:]) if name.startswith("distil-") else ("", name)
    repository = _REPOSITORIES.get(name, f"Systran/faster-{distil}whisper-{rest}")
    aliases = _ALIASES.get(name, ())
    return Model(name, "speech", repository, revision, megabytes, memory_mb, "MIT", aliases)


def _sentences(name: str, revision: str, megabytes: int) -> Model:
    repository = f"sentence-transformers/{name}"
    return Model(name, "sentences", repository, revision, megabytes, licence="Apache-2.0")


def _titles(name: str, repository: str, revision: str, megabytes: int) -> Model:
    return Model(name, "titles", repository, revision, megabytes, licence="Apache-2.0")


# Revisions: taken from snapshot folders and pinned downloads of public projects, each in several.
# Sizes: total size of the downloaded files as those projects record it, rounded up; accurate to a
# few MB for distil-large-v2 and the multilingual sentence model.
MODELS: tuple[Model, ...] = (
    _speech("tiny", "d90ca5fe260221311c53c58e660288d3deb8d356", 79),
    _speech("tiny.en", "0d3d19a32d3338f10357c0889762bd8d64bbdeba", 79),
    _speech("base", "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66", 148),
    _speech("base.en", "3d3d5dee26484f91867d81cb899cfcf72b96be6c", 148),
    _speech("small", "536b0662742c02347bc0e980a01041f333bce120", 487, _SMALL_MEMORY),
    _speech("small.en", "d1d751a5f8271d482d14ca55d9e2deeebbae577f", 487, _SMALL_MEMORY),
    _speech("medium", "08e178d48790749d25932bbc082711ddcfdfbc4f", 1531),
    _speech("medium.en", "a29b04bd15381511a9af671baec01072039215e3", 1531),
    _speech("large-v1", "b07c8d4be0be90092aa01a29c975077acb8d15c9", 3090, _LARGE_MEMORY),
    _speech("large-v2", "f0fe81560cb8b68660e564f55dd99207059c092e", 3090, _LARGE_MEMORY),
    _speech("large-v3", "edaa852ec7e145841d8ffdb056a99866b5f0a478", 3091, _LARGE_MEMORY),
    _speech("large-v3-turbo", "0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf", 1622),
    _speech("distil-small.en", "ef77d90526ccd62cde3808ee70626a01e5cf83e4", 336),
    _speech("distil-medium.en", "80ddfce281f77766d8943d63109199fc8145dfa5", 793),
    _speech("distil-large-v2", "fe9b404fc56de3f7c38606ef9ba6fd83526d05e4", 1516),
    _speech("distil-large-v3", "c3058b475261292e64a0412df1d2681c06260fab", 1517),
    _speech("distil-large-v3.5", "9793ccc07920e0f830e1dba0343efcdf0ef8c903", 1517),
    _sentences("all-MiniLM-L6-v2", "c9745ed1d9f207416be6d2e6f8de32d1f16199bf", 92),
    # The commit after 86741b4e: the same weights, with a tokenizer that transformers 5 can read.
    _sentences(
        "paraphrase-multilingual-MiniLM-L12-v2", "e8f8c211226b894fcb81acc59f3b34ba3efd5f42", 500
    ),
    _titles(
        "qwen2.5-1.5b",
        "jncraton/Qwen2.5-1.5B-Instruct-ct2-int8",
        "55bb006d27f0b32c8b872a49fecc1d27b5071276",
        1560,
    ),
    _titles(
        "qwen2.5-0.5b",
        "ctranslate2-4you/Qwen2.5-0.5B-Instruct-ct2-int8",
        "67476932975961bde6bf0a786e96c149d524229e",
        496,
    ),
)


def known(name: str) -> Model | None:
    """Return the model with this name, alias or repository, or None."""
    return next((m for m in MODELS if name in (m.name, *m.aliases, m.repository)), None)


def size_text(megabytes: int | None) -> str:
    """Return a size as text: ``487 MB``, ``1.6 GB`` or ``unknown size``."""
    if megabytes is None:
        return "unknown size"
    return f"{megabytes} MB" if megabytes < 1000 else f"{megabytes / 1000:.1f} GB"


def how_to_get(name: str) -> str:
    """Return the instruction to download a model: ``run "chapterize models pull …"``."""
    model = known(name)
    size = f" ({size_text(model.megabytes)})" if model and model.megabytes else ""
    return f'run "chapterize models pull {name}"{size}'

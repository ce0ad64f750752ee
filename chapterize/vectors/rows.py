"""Text and row functions that the embedders share."""

from __future__ import annotations

import re

import numpy as np

from chapterize.data import FloatArray

__all__ = ["SIGN", "STAGE", "WORD", "encodable", "one_line", "unit"]

STAGE = "embedding sentences"
"""The stage name in progress reports of embedders."""

# Combining marks are part of a word: without them, words of Indic scripts are split.
WORD = re.compile(
    r"(?:[^\W_]|[\u0300-\u036f\u05b0-\u05c7\u064b-\u065f\u0900-\u0dff\u0e30-\u109f])+"
)
SIGN = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
"""A character of a script without spaces, or of a syllabary; one or two of them are a word."""


def unit(vectors: FloatArray) -> FloatArray:
    """Scale the rows of `vectors` to unit length in place, except zeros; returns `vectors`."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.where(norms > 0, norms, 1)
    return vectors


def encodable(text: str) -> str:
    """Return `text` with a question mark for each lone surrogate.

    They occur in damaged captions, cannot be encoded as UTF-8 and make tokenizers fail.
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def one_line(error: BaseException) -> str:
    """Return the first line of the message of `error`, or its class name."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__

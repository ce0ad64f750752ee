"""Recognise windows with faster-whisper: audio in, words with times and languages out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from chapterize.data import SAMPLE_RATE

if TYPE_CHECKING:
    from chapterize.data import FloatArray

__all__ = ["FasterWhisper", "Recognised", "RecognisedWord", "Recogniser", "silence_logs"]


@dataclass(frozen=True)
class RecognisedWord:
    """One word; times are seconds of its window, `text` includes the space before it."""

    start: float
    end: float
    text: str
    probability: float


@dataclass(frozen=True)
class Recognised:
    """The recognised content of one window.

    `language` : code of the language in which it was recognised. `languages` : probabilities of the
    detected languages; empty for an English-only model. `no_speech` : probability that the window
    contains no speech. `confidence` : mean log probability of the tokens.
    """

    words: tuple[RecognisedWord, ...]
    language: str
    languages: dict[str, float]
    no_speech: float = 0.0
    confidence: float = 0.0


class Recogniser(Protocol):
    """Recognises windows of at most 30 s."""

    def recognise(
        self, windows: Sequence[FloatArray], *, language: str | None, beam_size: int
    ) -> list[Recognised]:
        """Recognise `windows` as one batch in one language; return one result per window.

        `windows` : 16 kHz mono float32, each of shape (n,), n at most 480,000. `language` None
        means the language of the first window.
        """
        ...


class FasterWhisper:
    """A Recogniser on faster-whisper's batched pipeline.

    Parameters
    ----------
    model : a loaded ``faster_whisper.WhisperModel``.
    """

    def __init__(self, model: Any) -> None:
        from faster_whisper import BatchedInferencePipeline

        class Pipeline(BatchedInferencePipeline):  # type: ignore[misc,unused-ignore]
            """Keeps the language probabilities of the windows, which the pipeline discards."""

            languages: list[dict[str, float]]

            def generate_segment_batched(self, features: Any, tokenizer: Any, options: Any) -> Any:
                encoded, outputs = super().generate_segment_batched(features, tokenizer, options)
                if self.model.model.is_multilingual:
                    # The windows are already encoded, so this is one step of the decoder.
                    for ranked in self.model.model.detect_language(encoded):
                        self.languages.append({token[2:-2]: share for token, share in ranked[:5]})
                return encoded, outputs

        self.model = model
        self._pipeline = Pipeline(model)

    def recognise(
        self, windows: Sequence[FloatArray], *, language: str | None, beam_size: int
    ) -> list[Recognised]:
        """See `Recogniser.recognise`; raises whatever faster-whisper and CTranslate2 raise."""
        silence_logs()
        edges = np.cumsum([0, *(len(window) for window in windows)])
        # Half a sample is added because the pipeline rounds down.
        clips = [
            {"start": (a + 0.5) / SAMPLE_RATE, "end": (b + 0.5) / SAMPLE_RATE}
            for a, b in pairwise(edges)
        ]
        self._pipeline.languages = []
        segments, info = self._pipeline.transcribe(
            np.concatenate(windows),
            clip_timestamps=clips,
            language=language,
            beam_size=beam_size,
            batch_size=len(windows),
            temperature=0.0,
            condition_on_previous_text=False,
            # With timestamps, version 1.2.1 drops the incomplete last segment of every window, a
            # twelfth of all words (SYSTRAN/faster-whisper #1427).
            without_timestamps=True,
            word_timestamps=True,
            language_detection_segments=len(windows),
        )
        by_seek: dict[int, list[Any]] = {}
        for segment in segments:
            by_seek.setdefault(int(segment.seek), []).append(segment)
        languages = self._pipeline.languages or [{} for _ in windows]
        # The pipeline identifies a window by its start in hundredths of a second.
        seeks = [int(edge / SAMPLE_RATE * 100) for edge in edges[:-1]]
        return [
            _recognised(by_seek.get(seek, []), seek / 100, probabilities, info.language)
            for seek, probabilities in zip(seeks, languages, strict=True)
        ]


def _recognised(
    segments: Sequence[Any], offset: float, languages: dict[str, float], language: str
) -> Recognised:
    words = tuple(
        RecognisedWord(
            float(word.start) - offset, float(word.end) - offset, word.word, float(word.probability)
        )
        for segment in segments
        for word in segment.words or ()
    )
    scores = [(float(each.no_speech_prob), float(each.avg_logprob)) for each in segments[:1]]
    return Recognised(words, language, languages, *(scores[0] if scores else ()))


def silence_logs() -> None:
    """Keep warnings of faster-whisper off stderr unless the program has configured logging."""
    logger = logging.getLogger("faster_whisper")
    if not any(isinstance(h, logging.NullHandler) for h in logger.handlers):
        logger.addHandler(logging.NullHandler())

"""Speech for the sample lecture: sentences spoken by espeak-ng, with the time of every word."""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Speaker", "Spoken"]

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: espeak_Synth returns after all audio is delivered
_POS_CHARACTER = 1
_CHARS_UTF8 = 1
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
_LIST_TERMINATED, _WORD = 0, 1
_SILENT = 60  # of 32767; espeak's own pause at the end is below this


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True)
class Spoken:
    """One sentence: `samples`, shape (n,), int16, and the start of each word in seconds."""

    samples: NDArray[np.int16]
    words: tuple[str, ...]
    word_starts: tuple[float, ...]


class Speaker:
    """espeak-ng from the espeakng-loader wheel; one per process, as the library is global.

    `rate` is in words per minute as espeak counts them; `sample_rate` is that of the output.

    Raises
    ------
    RuntimeError : the library cannot be loaded, or the voice is unknown.
    """

    def __init__(self, voice: str = "en", rate: int = 158) -> None:
        import espeakng_loader

        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self.sample_rate = int(self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, 0))
        if self.sample_rate <= 0:
            raise RuntimeError("espeak-ng did not start")
        self._blocks: list[NDArray[np.int16]] = []
        self._marks: list[tuple[int, float]] = []
        # ctypes keeps no reference to the callback; without this one, it would be freed.
        self._callback = _CALLBACK(self._collect)
        self._library.espeak_SetSynthCallback(self._callback)
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise RuntimeError(f"espeak-ng has no voice {voice!r}")
        for parameter, value in ((_RATE, rate), (_VOLUME, 90), (_PITCH, 42), (_RANGE, 58)):
            self._library.espeak_SetParameter(parameter, value, 0)

    def say(self, text: str) -> Spoken:
        """Speak one sentence; the silence around it is removed."""
        self._blocks, self._marks = [], []
        raw = text.encode()
        status = self._library.espeak_Synth(
            ctypes.c_char_p(raw),
            ctypes.c_size_t(len(raw) + 1),
            0,
            _POS_CHARACTER,
            0,
            _CHARS_UTF8,
            None,
            None,
        )
        if status != 0 or not self._blocks:
            raise RuntimeError(f"espeak-ng could not say {text!r}")
        samples = np.concatenate(self._blocks)
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > _SILENT)
        first, last = int(loud[0]), int(loud[-1]) + 1
        length = (last - first) / self.sample_rate
        words, starts = self._word_starts(text, first / self.sample_rate, length)
        return Spoken(samples[first:last], words, starts)

    def _collect(self, wave: ctypes._Pointer[ctypes.c_short], count: int, events: object) -> int:
        if count > 0 and wave:
            self._blocks.append(np.ctypeslib.as_array(wave, (count,)).astype(np.int16))
        index = 0
        while (event := events[index]).type != _LIST_TERMINATED:  # type: ignore[index]
            if event.type == _WORD:
                self._marks.append((event.text_position - 1, event.audio_position / 1000))
            index += 1
        return 0

    def _word_starts(
        self, text: str, offset: float, length: float
    ) -> tuple[tuple[str, ...], tuple[float, ...]]:
        """Words of `text` and their starts, interpolated for words that espeak did not mark."""
        found = list(re.finditer(r"\S+", text))
        known = {0: 0.0, len(found): length}
        for position, second in self._marks:
            for index, word in enumerate(found):
                if word.start() <= position < word.end():
                    known.setdefault(index, min(max(second - offset, 0.0), length))
        indices = sorted(known)
        starts = np.interp(range(len(found)), indices, [known[index] for index in indices])
        return tuple(word.group() for word in found), tuple(float(start) for start in starts)

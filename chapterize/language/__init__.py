"""Language data for the stages: codes and names, stop words, fillers and cue phrases.

Languages are identified by ISO 639-1 codes. The word lists are for transcripts of speech, so they
contain "gonna" and "um".
"""

from chapterize.language.cues import find_cue_words
from chapterize.language.guess import guess_language
from chapterize.language.names import (
    WHISPER_LANGUAGES,
    has_case,
    has_spaces,
    language_code,
    language_from,
    language_name,
    normalise_language,
)
from chapterize.language.words import filler_words, stop_words, topic_words

__all__ = [
    "WHISPER_LANGUAGES",
    "filler_words",
    "find_cue_words",
    "guess_language",
    "has_case",
    "has_spaces",
    "language_code",
    "language_from",
    "language_name",
    "normalise_language",
    "stop_words",
    "topic_words",
]

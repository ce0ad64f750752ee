"""What the stages need to know of a language: its name, stop words, fillers and announcing phrases.

Languages are named by ISO 639-1 codes. Transcripts are speech, so the lists know "gonna" and "um".
"""

from chapterize.language.cues import find_cue_words
from chapterize.language.guess import guess_language
from chapterize.language.names import language_from, language_name, whisper_knows
from chapterize.language.tags import has_case, has_spaces, normalise_language
from chapterize.language.topic_words import topic_words
from chapterize.language.words import filler_words, stop_words

__all__ = [
    "filler_words",
    "find_cue_words",
    "guess_language",
    "has_case",
    "has_spaces",
    "language_from",
    "language_name",
    "normalise_language",
    "stop_words",
    "topic_words",
    "whisper_knows",
]

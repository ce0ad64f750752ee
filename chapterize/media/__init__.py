"""Media files: what they contain, and their audio, on the player's clock."""

from chapterize.data import SAMPLE_RATE
from chapterize.media.audio import decode_audio
from chapterize.media.probe import captions_alone, open_media

__all__ = ["SAMPLE_RATE", "captions_alone", "decode_audio", "open_media"]

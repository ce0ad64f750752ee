"""What a media file holds, and its sound, both on the player's clock."""

from chapterize.data import SAMPLE_RATE
from chapterize.media.audio import decode_audio
from chapterize.media.captions_alone import captions_alone
from chapterize.media.probe import open_media

__all__ = ["SAMPLE_RATE", "captions_alone", "decode_audio", "open_media"]

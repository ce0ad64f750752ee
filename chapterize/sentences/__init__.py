"""Split transcripts into sentences with times, and lay them out as subtitles and paragraphs."""

from chapterize.sentences.layout import paragraphs, readable_cues
from chapterize.sentences.splitting import resentence

__all__ = ["paragraphs", "readable_cues", "resentence"]

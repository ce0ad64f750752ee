"""Pieces of any source to real sentences with times, and sentences to subtitles and paragraphs."""

from chapterize.sentences.paragraphs import paragraphs
from chapterize.sentences.splitting import resentence
from chapterize.sentences.subtitles import readable_cues

__all__ = ["paragraphs", "readable_cues", "resentence"]

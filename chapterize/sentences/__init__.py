"""Pieces of any source to real sentences with times."""

from chapterize.sentences.splitting import resentence

__all__ = ["resentence"]

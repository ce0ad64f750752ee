"""A title for each chapter: what it says that the rest of the video does not.

Candidates are phrases of one to five words that neither begin nor end in a stop word. A phrase is
worth the mean class-based tf-idf of its words (Grootendorst 2022), how early in the chapter it is
said, and whether it stands in a sentence that announces something.
"""

from chapterize.title.numbers import numbered_titles
from chapterize.title.titler import KeyphraseTitler, Titler

__all__ = ["KeyphraseTitler", "Titler", "numbered_titles"]

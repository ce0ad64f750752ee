"""A title for each chapter: what it says that the rest of the video does not.

Candidates are phrases that neither begin nor end in a stop word. Where nothing was learned, a
phrase is worth the mean class-based tf-idf of its words (Grootendorst 2022), how early in the
chapter it is said, and whether it stands in a sentence that announces something. In English,
questions, pairs and titles that fit any beginning or end stand beside them, and trees that learned
from people's titles choose (models/title.md).
"""

from chapterize.title.endpoint import EndpointTitler, entitle, load_titler
from chapterize.title.numbers import numbered_titles
from chapterize.title.titler import KeyphraseTitler, Titler

__all__ = [
    "EndpointTitler",
    "KeyphraseTitler",
    "Titler",
    "entitle",
    "load_titler",
    "numbered_titles",
]

"""A title for each chapter: what it says that the rest of the video does not.

In English, candidates are noun phrases found by a part-of-speech tagger, questions and typical
titles, and trees trained on people's titles choose among them (models/title.md). In other
languages, candidates are phrases that neither begin nor end with a stop word; the score of a phrase
is the mean class-based tf-idf of its words (Grootendorst 2022), plus terms for how early in the
chapter it is said and whether its sentence announces a topic.
"""

from chapterize.title.llm.generator import model_on_disk
from chapterize.title.llm.headings import written_titles
from chapterize.title.llm.titler import (
    KINDS,
    EndpointTitler,
    Entitled,
    GeneratorTitler,
    entitle,
    load_titler,
)
from chapterize.title.numbers import chapter_words, numbered_titles
from chapterize.title.phrases.titler import KeyphraseTitler, Titler

__all__ = [
    "KINDS",
    "EndpointTitler",
    "Entitled",
    "GeneratorTitler",
    "KeyphraseTitler",
    "Titler",
    "chapter_words",
    "entitle",
    "load_titler",
    "model_on_disk",
    "numbered_titles",
    "written_titles",
]

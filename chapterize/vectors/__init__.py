"""Sentence vectors: from a built-in table, or from any sentence-transformers model."""

from chapterize.vectors.embedder import Embedder, embed_sentences, load_embedder
from chapterize.vectors.lexical import LexicalEmbedder
from chapterize.vectors.sentence import SentenceEmbedder
from chapterize.vectors.static import StaticEmbedder, word_piece_tokenizer

__all__ = [
    "Embedder",
    "LexicalEmbedder",
    "SentenceEmbedder",
    "StaticEmbedder",
    "embed_sentences",
    "load_embedder",
    "word_piece_tokenizer",
]

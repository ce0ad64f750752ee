"""Sentence vectors: a built-in table, MiniLM on onnxruntime, or a sentence-transformers model."""

from chapterize.vectors.embedder import Embedder, embed_sentences, load_embedder
from chapterize.vectors.lexical import LexicalEmbedder
from chapterize.vectors.minilm import MINILM, MiniLMEmbedder, minilm_weights
from chapterize.vectors.sentence import SentenceEmbedder
from chapterize.vectors.static import StaticEmbedder, word_piece_tokenizer

__all__ = [
    "MINILM",
    "Embedder",
    "LexicalEmbedder",
    "MiniLMEmbedder",
    "SentenceEmbedder",
    "StaticEmbedder",
    "embed_sentences",
    "load_embedder",
    "minilm_weights",
    "word_piece_tokenizer",
]

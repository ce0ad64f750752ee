"""Titles from a language model on this machine, checked against the transcript."""

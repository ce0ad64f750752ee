"""The built-in titler: phrases of the transcript."""

"""The remote editing session."""

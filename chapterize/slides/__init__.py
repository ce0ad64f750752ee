"""Slides in a video: where they are, what is written on them, and what they are about."""

"""Chapters in MP4, M4A and MOV, and tracks and tags moved from one such file into another."""

"""The parts of a file, one for each chapter: planned by packet, copied, and verified."""

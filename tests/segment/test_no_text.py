"""Stretches of sound and picture."""

from chapterize.data import Pause, Signals
from chapterize.segment import stretches


def test_stretches_begin_after_pauses_and_end_before_the_next() -> None:
    signals = Signals(pauses=(Pause(10.0, 12.0), Pause(30.0, 33.0)))
    found = stretches(signals, 60.0)
    assert [(s.start, s.end) for s in found] == [(0.0, 10.0), (12.0, 30.0), (33.0, 60.0)]


def test_a_picture_change_begins_a_stretch_unless_a_pause_does() -> None:
    signals = Signals(pauses=(Pause(10.0, 12.0),), slides=(12.8, 40.0))
    found = stretches(signals, 60.0)
    assert [(s.start, s.end) for s in found] == [(0.0, 10.0), (12.0, 40.0), (40.0, 60.0)]


def test_nothing_heard_or_seen_is_one_stretch() -> None:
    assert [(s.start, s.end) for s in stretches(Signals(), 60.0)] == [(0.0, 60.0)]


def test_silence_from_end_to_end_is_one_stretch() -> None:
    found = stretches(Signals(pauses=(Pause(0.0, 60.0),)), 60.0)
    assert [s.start for s in found] == [0.0]
    assert all(s.start <= s.end for s in found)

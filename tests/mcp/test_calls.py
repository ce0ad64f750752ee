"""Calls of the MCP server: progress only grows, and a client that cannot be asked says no."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import pytest

from chapterize.mcp.calls import Call, Calls
from chapterize.remote.brief import check_plan
from chapterize.remote.timeline import Timeline
from tests.deliver.scene import CHAPTERS


def test_progress_only_grows_even_if_a_stage_starts_over() -> None:
    call, seen = Call(), [0.0]
    for stage, fraction in (("a", 0.5), ("a", 0.1), ("a", 1.0), ("b", 0.0), ("b", 0.7), ("a", 0.2)):
        call.progress(stage, fraction)
        done, shown = call.done
        assert shown == stage
        assert done >= seen[-1]
        seen.append(done)
    call.show("Ready.")
    assert call.done[0] > seen[-1]
    assert call.messages == ["Ready."]


def test_a_stopped_call_ends_at_its_next_report() -> None:
    call = Call()
    call.stop()
    with pytest.raises(KeyboardInterrupt):
        call.progress("reading", 0.1)
    with pytest.raises(KeyboardInterrupt):
        call.show("Ready.")


def test_calls_are_given_time_to_end() -> None:
    calls, call, ended = Calls(), Call(), threading.Event()

    def work() -> None:
        with calls.running(call), suppress(KeyboardInterrupt):
            while True:
                call.progress("reading", 0.5)
                time.sleep(0.01)
        ended.set()

    thread = threading.Thread(target=work)
    thread.start()
    while call.done[0] == 0.0:
        time.sleep(0.01)
    calls.stop(5.0)
    thread.join()
    assert ended.is_set()


def test_nobody_can_be_asked_so_nothing_is_paid_again_and_no_wrong_plan_is_rendered() -> None:
    call = Call()
    nothing_done = check_plan(CHAPTERS, Timeline(()))
    assert not call.accepts(nothing_done, "Shall I go on?")
    assert not call.pays_again("the session has expired")

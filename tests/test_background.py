"""Work in a background thread: results, errors, Ctrl-C."""

from __future__ import annotations

import threading
import time

import pytest

from chapterize.background import THREAD_PREFIX, in_background, wait_for


def test_the_result_of_the_work_is_returned() -> None:
    assert wait_for(in_background(lambda: 7, name="seven")) == 7


@pytest.mark.slow
def test_ticks_come_five_times_a_second_until_the_work_ends() -> None:
    ticks: list[float] = []
    wait_for(in_background(lambda: time.sleep(1.1), name="sleep"), lambda: ticks.append(0.0))
    assert 3 <= len(ticks) <= 6


@pytest.mark.slow
@pytest.mark.parametrize("error", [ValueError("no"), TimeoutError("no"), SystemExit(3)])
def test_an_exception_of_the_work_is_raised_by_wait_for(error: BaseException) -> None:
    def fail() -> None:
        time.sleep(0.3)
        raise error

    with pytest.raises(type(error)) as caught:
        wait_for(in_background(fail, name="fail"), lambda: None)
    assert caught.value is error


def test_ctrl_c_in_a_tick_is_raised_and_the_work_continues() -> None:
    released = threading.Event()
    future = in_background(lambda: released.wait(10), name="long")

    def interrupt() -> None:
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        wait_for(future, interrupt)
    assert time.monotonic() - started < 0.5
    assert not future.done()
    released.set()
    assert wait_for(future)


def test_a_result_that_arrives_during_a_tick_is_returned() -> None:
    released = threading.Event()
    future = in_background(lambda: released.wait(10), name="long")

    def release() -> None:
        released.set()
        while not future.done():
            time.sleep(0.001)

    assert wait_for(future, release)


def test_the_thread_is_a_daemon_with_a_recognisable_name() -> None:
    thread = wait_for(in_background(threading.current_thread, name="who"))
    assert thread.name == f"{THREAD_PREFIX}who"
    assert thread.daemon

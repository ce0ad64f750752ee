"""Jobs of the MCP server: progress that only grows, and what a client that cannot be asked says."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import pytest

from chapterize.mcp.jobs import Job, Jobs
from chapterize.remote.brief import check_plan
from chapterize.remote.timeline import Timeline
from tests.deliver.scene import CHAPTERS


def test_progress_only_grows_even_if_a_stage_starts_over() -> None:
    job, seen = Job(), [0.0]
    for stage, fraction in (("a", 0.5), ("a", 0.1), ("a", 1.0), ("b", 0.0), ("b", 0.7), ("a", 0.2)):
        job.progress(stage, fraction)
        done, shown = job.done
        assert shown == stage
        assert done >= seen[-1]
        seen.append(done)
    job.show("Ready.")
    assert job.done[0] > seen[-1]
    assert job.messages == ["Ready."]


def test_a_stopped_job_ends_at_its_next_report() -> None:
    job = Job()
    job.stop()
    with pytest.raises(KeyboardInterrupt):
        job.progress("reading", 0.1)
    with pytest.raises(KeyboardInterrupt):
        job.show("Ready.")


def test_jobs_are_given_time_to_end() -> None:
    jobs, job, ended = Jobs(), Job(), threading.Event()

    def work() -> None:
        with jobs.running(job), suppress(KeyboardInterrupt):
            while True:
                job.progress("reading", 0.5)
                time.sleep(0.01)
        ended.set()

    thread = threading.Thread(target=work)
    thread.start()
    while job.done[0] == 0.0:
        time.sleep(0.01)
    jobs.stop(5.0)
    thread.join()
    assert ended.is_set()


def test_nobody_can_be_asked_so_nothing_is_paid_again_and_no_wrong_plan_is_rendered() -> None:
    job = Job()
    nothing_done = check_plan(CHAPTERS, Timeline(()))
    assert not job.accepts(nothing_done, "Shall I go on?")
    assert not job.pays_again("the session has expired")

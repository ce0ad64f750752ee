#!/usr/bin/env python3
"""`chapterize deliver` against the fake service of the tests, on this machine alone.

First without problems, then out of credits, so that the video is made on this machine.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "tests" / "data" / "lecture.mp4"
PACE = "0.02"
"""Factor on all waits: the fake renders at once."""


def main() -> int:
    """Run the demo; return the exit code of the first command that failed, or 0."""
    with tempfile.TemporaryDirectory(prefix="chapterize-demo-") as folder:
        video = Path(folder) / SAMPLE.name
        shutil.copyfile(SAMPLE, video)
        state = {"CHAPTERIZE_STATE": str(Path(folder) / "state"), "CHAPTERIZE_PACE": PACE}
        for title, switches, options in (
            ("Without problems", [], []),
            ("Out of credits", ["out_of_credits=sse-text"], ["--force"]),
        ):
            print(f"== {title}", flush=True)
            with fake_service(*switches) as address:
                environment = {**os.environ, **state, "NEMO_API_URL": address}
                environment.pop("NEMO_TOKEN", None)
                for command in (
                    ["deliver", video.name, "--yes", *options],
                    ["remote", "status"],
                    ["remote", "credits"],
                ):
                    print(f"$ chapterize {' '.join(command)}", flush=True)
                    done = subprocess.run(
                        [sys.executable, "-m", "chapterize", "--no-config", *command],
                        env=environment,
                        cwd=folder,
                        check=False,
                    )
                    if done.returncode != 0:
                        return done.returncode
            print(flush=True)
    return 0


@contextmanager
def fake_service(*switches: str) -> Iterator[str]:
    """Run a fake service until the end of the ``with`` block; yield its address."""
    chosen = [part for switch in switches for part in ("--switch", switch)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fake_service", *chosen],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["base"]
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)

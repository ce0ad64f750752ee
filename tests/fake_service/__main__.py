"""The fake service alone: ``python -m tests.fake_service --port 0 --switch dialect=mixed``.

Prints one line of JSON with its address and runs until SIGTERM or SIGINT. The value of a switch is
JSON, or else plain text. `control` describes the requests that control it while it runs.
"""

from __future__ import annotations

import argparse
import json
import signal
import tempfile
import threading
from pathlib import Path
from typing import Any

from tests.fake_service.server import running_service


def read_switch(text: str) -> tuple[str, Any]:
    """``name=value`` or a bare ``name``, which means true."""
    name, has_value, value = text.partition("=")
    if not has_value:
        return name, True
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fake_service", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--folder", type=Path, help="where uploads and renders are kept")
    chosen = parser.parse_args()
    is_over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: is_over.set())
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        with running_service(folder, port=chosen.port) as fake:
            fake.switches.set(dict(map(read_switch, chosen.switch)))
            print(json.dumps({"base": fake.base}), flush=True)
            while not is_over.wait(0.2):
                pass


if __name__ == "__main__":
    main()

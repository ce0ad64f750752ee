"""What the page needs and gets later: prepared in the background, with progress."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chapterize.background import in_background
from chapterize.children import Stop
from chapterize.errors import ChapterizeError
from chapterize.review.memory import give_back

if TYPE_CHECKING:
    from starlette.responses import Response

__all__ = ["Preparation", "Status"]


@dataclass(frozen=True)
class Status:
    """How far a preparation is.

    `state` is ``preparing``, ``ready``, ``failed``, ``none`` (there is nothing to prepare) or, for
    a video that needs no copy, ``direct``. `why` is for the user.
    """

    state: str
    progress: float = 0.0
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the status as the page reads it."""
        return {"state": self.state, "progress": round(self.progress, 4), "why": self.why or None}


class Preparation:
    """Work in a thread of its own, and its status; `name` is that of the thread."""

    def __init__(self, name: str) -> None:
        self.status = Status("preparing")
        self._name = name
        self._stop = Stop()
        self._future: Future[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether the work has started and not ended."""
        return self._future is not None and not self._future.done()

    def run(self, work: Callable[[], Status]) -> None:
        """Start `work`, whose result becomes the status; an error becomes ``failed``."""
        self.status = Status("preparing")
        self._future = in_background(lambda: self._work(work), name=self._name)

    def report(self, fraction: float) -> None:
        """Note the progress, in [0, 1]; raises KeyboardInterrupt after `end`."""
        self._stop.check()
        self.status = Status("preparing", min(1.0, max(self.status.progress, fraction)))

    def join(self, seconds: float) -> bool:
        """Wait for the end of the work; return whether it has ended."""
        return self._future is None or not wait([self._future], timeout=seconds).not_done

    def end(self, seconds: float = 2.0) -> None:
        """Stop the work for good, and give it `seconds` to delete its temporary files."""
        self._stop.set()
        self.join(seconds)

    def refusal(self, coming: str) -> Response:
        """The answer while there is nothing to serve; `coming` says what is being done."""
        from starlette.responses import PlainTextResponse

        is_coming = self.status.state == "preparing"
        return PlainTextResponse(self.status.why or coming, 503 if is_coming else 404)

    def _work(self, work: Callable[[], Status]) -> None:
        try:
            with self._stop.applies():
                self.status = work()
        except KeyboardInterrupt:
            self.status = Status("failed", why="it was stopped")
        except Exception as error:
            is_known = isinstance(error, ChapterizeError)
            why = str(error) if is_known else f"{type(error).__name__}: {error}"
            self.status = Status("failed", why=why)
        finally:
            give_back()

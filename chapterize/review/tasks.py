"""What the page has made, one thing after the other, with progress, questions and cancelling."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from itertools import count
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from chapterize.background import in_background
from chapterize.children import Stop
from chapterize.data import Chapters
from chapterize.errors import Declined, InputError
from chapterize.review.answers import Answer, Call, Conflict, Json, Missing, endpoint, error_json
from chapterize.review.memory import give_back
from chapterize.review.results import Source, Wish, find_existing, make, wish

if TYPE_CHECKING:
    from starlette.routing import Route

    from chapterize.deliver import Choice, Offer
    from chapterize.remote.brief import PlanCheck

__all__ = ["Task", "Tasks"]

_MOST_TASKS = 100
"""Tasks that are listed; the oldest finished ones are forgotten."""

_TICK = 0.1


class Task:
    """One thing that is being made; it is the `Person` of the work, who answers on the page.

    `state` is ``running``, ``asking``, ``done``, ``failed`` or ``cancelled``.
    """

    def __init__(self, name: str, asked: Wish, chapters: Chapters) -> None:
        self.id = name
        self.asked = asked
        self.chapters = chapters
        self.stop = Stop()
        self.state = "running"
        self._has_begun = False
        self._stage = "waiting"
        self._fraction = 0.0
        self._notes: list[str] = []
        self._files: tuple[str, ...] = ()
        self._why: dict[str, Any] | None = None
        self._next = ""
        self._question: dict[str, Any] | None = None
        self._answer: bool | None = None
        self._changed = threading.Condition()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed", "cancelled")

    def to_json(self) -> dict[str, Any]:
        """Return the task as the page reads it."""
        stage = "cancelling" if self.stop.is_set and not self.is_over else self._stage
        return {
            "id": self.id,
            "kind": self.asked.kind,
            "state": self.state,
            "stage": stage,
            "fraction": round(self._fraction, 4),
            "files": list(self._files),
            "notes": list(self._notes),
            "why": self._why,
            "next": self._next or None,
            "question": self._question,
        }

    def run(self, source: Source) -> None:
        """Do the work, in the current thread, and keep how it ended."""
        with self._changed:
            if self.is_over:
                return
            self._has_begun = True
        try:
            with self.stop.applies():
                made = make(source, self.asked, self.chapters, self)
        except KeyboardInterrupt:
            self._end("cancelled")
        except Declined as error:
            self._why = error_json(error)
            self._end("cancelled")
        except Exception as error:
            self._why = error_json(error)
            self._end("failed")
        else:
            self._files, self._next, self._fraction = made.files, made.next, 1.0
            self._end("done")
        finally:
            give_back()

    def cancel(self) -> None:
        """End the work soon; the programs that it runs are killed."""
        self.stop.set()
        with self._changed:
            if not self._has_begun:
                self._end("cancelled")
            self._changed.notify_all()

    def answer(self, *, accepts: bool) -> bool:
        """Answer the question; return whether there was one."""
        with self._changed:
            if self.state != "asking" or self._answer is not None:
                return False
            self._answer = accepts
            self._changed.notify_all()
            return True

    def progress(self, stage: str, fraction: float) -> None:
        """Note the progress of a stage; raises KeyboardInterrupt after `cancel`."""
        self.stop.check()
        before = self._fraction if stage == self._stage else 0.0
        self._stage, self._fraction = stage, min(1.0, max(before, fraction))

    def note(self, text: str) -> None:
        """Keep a note, once."""
        if text not in self._notes:
            self._notes.append(text)

    def show(self, text: str) -> None:
        """Show one sentence as the stage, and keep it."""
        self.progress(text, 0.0)
        self.note(text)

    def detail(self, text: str) -> None:
        """Leave out the details of requests."""

    def consent(self, offer: Offer) -> Choice:
        """Ask on the page, with what the terminal would show."""
        from chapterize.deliver import Choice, consent_lines, offer_json

        is_sent = self._ask(
            {
                "kind": "send",
                "lines": consent_lines(offer),
                "is_proxy": not offer.is_accepted,
                "service": offer.service,
                "offer": offer_json(offer, None),
            }
        )
        if not is_sent:
            return Choice.STOP
        return Choice.SEND if offer.is_accepted else Choice.PROXY

    def accepts(self, check: PlanCheck, question: str | None) -> bool:
        """Ask whether to render although the plan was not carried out as asked."""
        asked = [f"The service asks: {question}"] if question else []
        return self._ask({"kind": "plan", "lines": [*check.lines, *asked]})

    def pays_again(self, why: str) -> bool:
        """Ask whether to repeat, and pay for, what was paid for already."""
        return self._ask({"kind": "pay_again", "lines": [f"{why[:1].upper()}{why[1:]}."]})

    def _ask(self, question: dict[str, Any]) -> bool:
        with self._changed:
            self._question, self._answer, self.state = question, None, "asking"
            while self._answer is None and not self.stop.is_set:
                self._changed.wait(_TICK)
            self._question, self.state = None, "running"
        self.stop.check()
        return bool(self._answer)

    def _end(self, state: str) -> None:
        self._question, self.state = None, state


class Tasks:
    """The tasks of one page: exports are written at once, all others one after the other.

    `chapters` returns those on the page at the moment. `on_made` is called with the chapters that a
    result was made of.
    """

    def __init__(
        self,
        source: Source,
        chapters: Callable[[], Chapters],
        on_made: Callable[[Chapters], None] | None = None,
    ) -> None:
        self._source = source
        self._chapters = chapters
        self._on_made = on_made
        self._tasks: dict[str, Task] = {}
        self._numbers = count(1)
        self._queue: SimpleQueue[Task] = SimpleQueue()
        self._worker: Future[None] | None = None
        self._lock = threading.Lock()
        self._is_ended = False

    def start(self, kind: object, options: object) -> str:
        """Start a task with the chapters as they are now; return its id.

        Raises
        ------
        Exists : a file would be replaced, and the options do not allow it.
        InputError, OutputError, MissingDependency : the task would fail at once.
        """
        asked, chapters = wish(kind, options), self._chapters()
        find_existing(self._source, asked, chapters)
        with self._lock:
            if self._is_ended:
                raise InputError("the server is stopping")
            task = Task(str(next(self._numbers)), asked, chapters)
            self._tasks[task.id] = task
            self._forget()
            if asked.kind != "export":
                self._queue.put(task)
                if self._worker is None:
                    self._worker = in_background(self._work, name="tasks")
        if asked.kind == "export":
            self._run(task)
        return task.id

    def to_json(self) -> list[dict[str, Any]]:
        """Return all tasks as the page reads them, oldest first."""
        with self._lock:
            tasks = list(self._tasks.values())
        return [task.to_json() for task in tasks]

    def find(self, name: str) -> Task | None:
        """The task of this id, or None."""
        with self._lock:
            return self._tasks.get(name)

    def end(self, seconds: float = 5.0) -> None:
        """Cancel all tasks, and give them `seconds` to delete their temporary files."""
        with self._lock:
            self._is_ended = True
            tasks, worker = list(self._tasks.values()), self._worker
        for task in tasks:
            task.cancel()
        if worker is not None:
            wait([worker], timeout=seconds)

    def routes(self) -> list[Route]:
        """``/api/tasks``: POST starts one, GET lists all; each may be cancelled and answered."""
        from starlette.routing import Route

        answers: tuple[tuple[str, str, Callable[[Call], Answer]], ...] = (
            ("GET", "", lambda call: self.to_json()),
            ("POST", "", self._answer_start),
            ("POST", "/{id}/cancel", self._answer_cancel),
            ("POST", "/{id}/answer", self._answer_answer),
        )
        return [
            Route(f"/api/tasks{path}", endpoint(work), methods=[method])
            for method, path, work in answers
        ]

    def _work(self) -> None:
        while not self._is_ended:
            try:
                task = self._queue.get(timeout=_TICK)
            except Empty:
                continue
            self._run(task)

    def _run(self, task: Task) -> None:
        task.run(self._source)
        if task.state == "done" and self._on_made is not None:
            self._on_made(task.chapters)

    def _forget(self) -> None:
        over = [task for task in self._tasks.values() if task.is_over]
        for task in over[: max(0, len(self._tasks) - _MOST_TASKS)]:
            del self._tasks[task.id]

    def _answer_start(self, call: Call) -> Json:
        return Json({"id": self.start(call.body.get("kind"), call.body.get("options") or {})}, 202)

    def _answer_cancel(self, call: Call) -> Json:
        task = self._existing(call)
        task.cancel()
        return Json(task.to_json(), 202)

    def _answer_answer(self, call: Call) -> Json:
        task, accepts = self._existing(call), call.body.get("accepts")
        if not isinstance(accepts, bool):
            raise InputError("an answer has accepts: true or false")
        if not task.answer(accepts=accepts):
            raise Conflict("nothing is asked")
        return Json(task.to_json(), 202)

    def _existing(self, call: Call) -> Task:
        task = self.find(call.path["id"])
        if task is None:
            raise Missing("there is no such task")
        return task

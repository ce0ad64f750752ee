"""What a title server is asked: one request for each prompt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chapterize.data import OnNote, Sent
from chapterize.title.llm.prompt import Message, Prompt
from chapterize.title.llm.server import Failure, Server

__all__ = ["Asking", "announcement"]

_MOST_TOKENS = 2048
"""Of a server's answer: models that think need many more than a title has."""


class Asking:
    """Requests to one server, and what was sent with them."""

    def __init__(
        self, server: Server, model: str, opening: Sequence[Message], show: OnNote | None
    ) -> None:
        self.sent = Sent(server.base, server.shown(model), 0, 0, 0)
        self._server = server
        self._model = model
        self._opening = opening
        self._show = show
        self._is_plain = False
        self._chapters: set[int] = set()

    def answers(self, prompt: Prompt, *, is_second: bool) -> list[str]:
        """The answer to the prompt; Failure if the server gives none."""
        for is_plain in (True,) if self._is_plain else (False, True):
            body = self._body(prompt, is_second=is_second, is_plain=is_plain)
            if self._show:
                where = f"{self._server.base}/chat/completions"
                self._show(f"Sent to {where}: {json.dumps(body, ensure_ascii=False)}")
            try:
                answer = self._server.complete(body)
            except Failure as failure:
                if failure.was_sent:
                    self._count(prompt)
                # Servers that do not support a field answer with one of these.
                if is_plain or failure.status not in (400, 422):
                    raise
            else:
                self._count(prompt)
                self._is_plain = is_plain
                return [answer]
        raise AssertionError("a plain request is the last")

    def _body(self, prompt: Prompt, *, is_second: bool, is_plain: bool) -> dict[str, Any]:
        """The request body; `is_plain` leaves out what some servers do not support."""
        messages = (*self._opening, ("user", prompt.text))
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": role, "content": text} for role, text in messages],
            "temperature": 0.7 if is_second else 0,
            "max_tokens": _MOST_TOKENS,
            "stream": False,
        }
        if not is_plain:
            body |= {"seed": 0, "chat_template_kwargs": {"enable_thinking": False}}
        return body

    def _count(self, prompt: Prompt) -> None:
        self._chapters.add(prompt.chapter)
        self.sent = replace(
            self.sent,
            requests=self.sent.requests + 1,
            chapters=len(self._chapters),
            characters=self.sent.characters + len(prompt.text),
        )


def announcement(server: Server, model: str, prompts: Sequence[Prompt]) -> str:
    """What is about to be sent, and where to."""
    n_characters = sum(len(prompt.text) for prompt in prompts)
    first, last = prompts[0].chapter + 1, prompts[-1].chapter + 1
    which = f"chapters {first} to {last}" if len(prompts) > 1 else "one chapter"
    return (
        f"Sending excerpts of {which} ({n_characters} characters) to the model "
        f"{server.shown(model)} at {server.base} for titles. --show-prompt shows them."
    )

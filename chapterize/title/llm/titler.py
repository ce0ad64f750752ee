"""Titles from a language model on this machine, checked against the transcript."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from chapterize.data import OnNote, OnProgress, Sent
from chapterize.errors import InputError
from chapterize.language import guess_language, normalise_language
from chapterize.title.llm.answers import fold, parse_titles, tidy, why_refused
from chapterize.title.llm.prompt import Batch, make_batches
from chapterize.title.llm.server import (
    EndpointLimits,
    Failure,
    Server,
    checked_base,
    checked_key,
)
from chapterize.title.phrases.titler import KeyphraseTitler, Titler

__all__ = ["EndpointTitler", "Entitled", "entitle", "load_titler"]

STAGE = "titles"
"""The stage name in progress reports."""

_MOST_FAILURES = 2
"""Failures in a row after which the server is not asked again."""


class Entitled(NamedTuple):
    """`titles` : one for each chapter; `sent` : what was sent to the title server for them."""

    titles: tuple[str, ...]
    sent: Sent | None = None


class EndpointTitler:
    """Asks an OpenAI-compatible server on this machine; a title that fails the check is dropped.

    A keyphrase replaces a dropped title, and all titles if the server fails. Nothing but the
    titles depends on the server. The variable CHAPTERIZE_TITLES_KEY holds a key for servers that
    need one.

    Parameters
    ----------
    url : base address such as ``http://127.0.0.1:11434/v1``; loopback only.
    model : its name on the server; by default, the first one that the server lists.
    is_shown : report every request body as a note.

    Raises
    ------
    InputError : the address is invalid or not on this machine, or the key cannot be sent.
    """

    def __init__(
        self,
        url: str,
        model: str | None = None,
        *,
        is_shown: bool = False,
        limits: EndpointLimits | None = None,
    ) -> None:
        self.url = checked_base(url)
        checked_key()
        self.model = model
        self.is_shown = is_shown
        self.limits = limits or EndpointLimits()
        # The answers of the same server and model may still change.
        self.fingerprint = f"endpoint/1:{self.url}:{model or 'first'}"
        self._keyphrases = KeyphraseTitler()

    def title(
        self, chapters_text: Sequence[Sequence[str]], *, language: str | None
    ) -> tuple[str, ...]:
        """One title for each chapter, given its sentences; `language` as ISO 639-1 or None."""
        return self.entitle(chapters_text, language=language).titles

    def entitle(
        self,
        chapters_text: Sequence[Sequence[str]],
        *,
        language: str | None,
        on_progress: OnProgress | None = None,
        on_note: OnNote | None = None,
    ) -> Entitled:
        """Titles, and what was sent for them; `on_note` is called with notes for the user."""
        note = on_note or (lambda text: None)
        drafts = self._keyphrases.title(chapters_text, language=language)
        code = normalise_language(language) or guess_language(
            " ".join(text for chapter in chapters_text for text in chapter[:20])
        )
        batches = make_batches(chapters_text, drafts, code, self.limits)
        if not batches:
            return Entitled(drafts)
        run = _Run(chapters_text, code, drafts)
        try:
            with Server.opened(self.url, self.limits) as server:
                model = self._model(server, note)
                note(_announcement(server, model, batches))
                sent = self._ask_all(server, model, batches, run, on_progress, note)
        except (Failure, InputError) as error:
            # Even localhost may resolve to another address than when it was checked.
            note(
                f"The title server {self.url} cannot be used: {error.why}. Nothing was sent, and "
                "the titles are keyphrases."
            )
            return Entitled(drafts)
        note(run.summary())
        return Entitled(tuple(run.titles), sent)

    def _model(self, server: Server, note: OnNote) -> str:
        if self.model is not None:
            return self.model
        names = server.models()
        if len(names) > 1:
            note(
                f"The title server has {len(names)} models; using {server.shown(names[0])}. "
                "Choose another with --titles-model."
            )
        return names[0]

    def _ask_all(
        self,
        server: Server,
        model: str,
        batches: Sequence[Batch],
        run: _Run,
        on_progress: OnProgress | None,
        note: OnNote,
    ) -> Sent:
        sent = Sent(self.url, server.shown(model), 0, 0, 0)
        n_failures = 0
        is_plain = False
        for number, batch in enumerate(batches):
            if on_progress:
                on_progress(STAGE, number / len(batches))
            was_plain = is_plain
            try:
                answer, is_plain = self._ask(server, model, batch, is_plain, note)
            except Failure as failure:
                sent = _counted(sent, batch) if failure.was_sent else sent
                n_failures += 1
                is_over = failure.is_final or n_failures == _MOST_FAILURES
                run.lose(batches[number:] if is_over else [batch], failure.why)
                if is_over:
                    break
            else:
                # A server that rejected the first request has received the excerpts twice.
                sent = _counted(sent, batch, n_requests=1 + (is_plain and not was_plain))
                n_failures = 0
                run.take(batch, answer)
        if on_progress:
            on_progress(STAGE, 1.0)
        return sent

    def _ask(
        self, server: Server, model: str, batch: Batch, is_plain: bool, note: OnNote
    ) -> tuple[str, bool]:
        """The answer, and whether the server needs plain requests."""
        for plain in (True,) if is_plain else (False, True):
            body = batch.body(model, is_plain=plain)
            if self.is_shown:
                note(f"Sent to {self.url}/chat/completions: {json.dumps(body, ensure_ascii=False)}")
            try:
                return server.complete(body), plain
            except Failure as failure:
                # Servers that do not support response_format or seed answer with one of these.
                if plain or failure.status not in (400, 422):
                    raise
        raise AssertionError("a plain request is the last")


class _Run:
    """The titles of one video so far, and why others were dropped."""

    def __init__(
        self, chapters: Sequence[Sequence[str]], language: str | None, drafts: Sequence[str]
    ) -> None:
        self.titles = list(drafts)
        self._chapters = chapters
        self._language = language
        self._n_written = 0
        self._refused: Counter[str] = Counter()

    def take(self, batch: Batch, answer: str) -> None:
        found = parse_titles(answer, len(batch.chapters))
        for place, chapter in enumerate(batch.chapters):
            title = tidy(found.get(place, ""))
            others = {fold(t) for at, t in enumerate(self.titles) if at != chapter}
            said = " ".join(self._chapters[chapter])
            why = why_refused(title, said, language=self._language, taken=others)
            if place not in found:
                why = "missing in the answer"
            if why is not None:
                self._refused[why] += 1
                continue
            self.titles[chapter] = title
            self._n_written += 1

    def lose(self, batches: Sequence[Batch], why: str) -> None:
        for batch in batches:
            self._refused[f"not answered ({why})"] += len(batch.chapters)

    def summary(self) -> str:
        n_asked = self._n_written + self._refused.total()
        text = f"{self._n_written} of {n_asked} titles are from the server"
        if not self._refused:
            return f"{text}."
        reasons = ", ".join(f"{n} {why}" for why, n in self._refused.most_common())
        return f"{text}, the others are keyphrases: {reasons}."


def _counted(sent: Sent, batch: Batch, *, n_requests: int = 1) -> Sent:
    return replace(
        sent,
        requests=sent.requests + n_requests,
        chapters=sent.chapters + len(batch.chapters),
        characters=sent.characters + len(batch.text),
    )


def _announcement(server: Server, model: str, batches: Sequence[Batch]) -> str:
    chapters = [index for batch in batches for index in batch.chapters]
    n_characters = sum(len(batch.text) for batch in batches)
    which = (
        f"chapters {chapters[0] + 1} to {chapters[-1] + 1}" if len(chapters) > 1 else "one chapter"
    )
    return (
        f"Sending excerpts of {which} ({n_characters} characters) to the model "
        f"{server.shown(model)} at {server.base} for titles. --show-prompt shows them."
    )


def load_titler(url: str | None = None, model: str | None = None, is_shown: bool = False) -> Titler:
    """The titler that asks the server at `url` (as `EndpointTitler`), or the built-in one."""
    return KeyphraseTitler() if url is None else EndpointTitler(url, model, is_shown=is_shown)


def entitle(
    titler: Titler,
    chapters_text: Sequence[Sequence[str]],
    language: str | None,
    on_progress: OnProgress | None = None,
    on_note: OnNote | None = None,
) -> Entitled:
    """Titles from any titler; one that asks a server also reports progress and what it sent."""
    if isinstance(titler, EndpointTitler):
        return titler.entitle(
            chapters_text, language=language, on_progress=on_progress, on_note=on_note
        )
    return Entitled(titler.title(chapters_text, language=language))

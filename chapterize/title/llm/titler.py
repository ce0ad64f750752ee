"""Titles from a language model on this machine, checked against the transcript."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from chapterize import hub
from chapterize.data import OnNote, OnProgress, Sent
from chapterize.errors import EngineError, InputError
from chapterize.language import guess_language, normalise_language
from chapterize.title.llm import generator
from chapterize.title.llm.asking import Asking, announcement
from chapterize.title.llm.check import Talk
from chapterize.title.llm.headings import shown_headings, word_table, written_titles
from chapterize.title.llm.prompt import Message, Prompt, excerpts, introduction
from chapterize.title.llm.server import (
    EndpointLimits,
    Failure,
    Server,
    checked_base,
    checked_key,
)
from chapterize.title.llm.writing import UNANSWERED, Writing
from chapterize.title.numbers import numbered_titles
from chapterize.title.phrases.titler import KeyphraseTitler, Titler

__all__ = [
    "KINDS",
    "EndpointTitler",
    "Entitled",
    "GeneratorTitler",
    "NumberTitler",
    "entitle",
    "load_titler",
]

KINDS = ("phrases", "llm", "none")
"""Where titles come from, besides the address of a server."""


class Entitled(NamedTuple):
    """Titles, one for each chapter.

    `sent` : what was sent to the title server for them. `refused` : why titles that the model was
    asked for are phrases, and how many for each reason.
    """

    titles: tuple[str, ...]
    sent: Sent | None = None
    refused: tuple[tuple[str, int], ...] = ()

    @property
    def n_unanswered(self) -> int:
        """The number of titles that the model gave no answer for."""
        return sum(n for why, n in self.refused if why.startswith(UNANSWERED))


class NumberTitler:
    """Numbers the chapters."""

    fingerprint = "numbers/1"

    def title(
        self, chapters_text: Sequence[Sequence[str]], *, language: str | None
    ) -> tuple[str, ...]:
        """``Chapter 1`` and so on, in the language."""
        return numbered_titles(len(chapters_text), language)


class _ModelTitler(ABC):
    """Asks a model about each chapter; a phrase replaces each title that fails the check."""

    fingerprint: str

    def __init__(self, *, is_shown: bool) -> None:
        self.is_shown = is_shown
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
        only: Collection[int] | None = None,
        headings: Sequence[Sequence[str]] = (),
    ) -> Entitled:
        """Titles, and what was sent for them; chapters that are not in `only` get phrases.

        `headings` : of each chapter's slides, as of `entitle`.
        """
        drafts = _phrases(self._keyphrases, chapters_text, language, headings)
        code = normalise_language(language) or guess_language(
            " ".join(text for chapter in chapters_text for text in chapter[:20])
        )
        shown = [shown_headings(each) for each in headings]
        asked = excerpts(chapters_text, slides=shown)
        prompts = [prompt for prompt in asked if only is None or prompt.chapter in only]
        if not prompts:
            return Entitled(drafts)
        n_wanted = None if only is None else len(only)
        # What the lecturer wrote supports a title like what was said.
        known = chapters_text
        if any(shown):
            known = [[*text, each] for text, each in zip(chapters_text, shown, strict=True)]
        writing = Writing(Talk(known, code, word_table), drafts, n_wanted)
        note = on_note or (lambda text: None)
        sent = self._write(
            prompts, introduction(code, has_slides=any(shown)), writing, on_progress, note
        )
        return Entitled(tuple(writing.titles), sent, tuple(writing.refused.most_common()))

    @abstractmethod
    def _write(
        self,
        prompts: Sequence[Prompt],
        opening: Sequence[Message],
        writing: Writing,
        on_progress: OnProgress | None,
        note: OnNote,
    ) -> Sent | None:
        """Ask about all prompts."""


class GeneratorTitler(_ModelTitler):
    """Runs a language model in this process, on the engine of speech recognition.

    The model is loaded for each video and its memory freed afterwards, so that speech recognition
    and titles need not fit in memory together; `loaded` keeps it for several videos.

    Parameters
    ----------
    folder : a model converted for CTranslate2.
    device : ``auto``, ``cpu`` or ``cuda``.
    is_shown : report every prompt as a note.

    Raises
    ------
    EngineError : files of the model are missing, or it is of another kind.
    """

    def __init__(self, folder: Path, *, device: str = "auto", is_shown: bool = False) -> None:
        super().__init__(is_shown=is_shown)
        generator.check_folder(folder)
        self.folder = folder
        self.device = device
        self.fingerprint = f"generator/1:{folder.resolve()}"
        self._kept: generator.Generator | None = None

    @contextmanager
    def loaded(self) -> Iterator[generator.Generator]:
        """The model, loaded once for all videos of the block; EngineError if it cannot be loaded.

        The titles of second attempts then depend on the videos before.
        """
        if self._kept is not None:
            yield self._kept
            return
        with generator.opened(self.folder, introduction(None), self.device) as self._kept:
            try:
                yield self._kept
            finally:
                self._kept = None

    def _write(
        self,
        prompts: Sequence[Prompt],
        opening: Sequence[Message],
        writing: Writing,
        on_progress: OnProgress | None,
        note: OnNote,
    ) -> Sent | None:
        if self.is_shown:
            for role, text in (*opening, *(("user", prompt.text) for prompt in prompts)):
                note(f"Prompt, {role}: {text}")
        if on_progress:
            on_progress("loading the title model", 0.0)
        try:
            with self.loaded() as model:
                model.introduce(opening)
                writing.ask(prompts, model.answers, on_progress)
        except EngineError as error:
            note(f"The titles are phrases: {error}; {error.hint}.")
            writing.refused[f"{UNANSWERED} ({error.why})"] += len(prompts)
            return None
        note(writing.summary("the language model"))
        return None


class EndpointTitler(_ModelTitler):
    """Asks an OpenAI-compatible server on this machine.

    Nothing but the titles depends on the server. The variable CHAPTERIZE_TITLES_KEY holds a key
    for servers that need one.

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
        super().__init__(is_shown=is_shown)
        self.url = checked_base(url)
        checked_key()
        self.model = model
        self.limits = limits or EndpointLimits()
        # The answers of the same server and model may still change.
        self.fingerprint = f"endpoint/2:{self.url}:{model or 'first'}"

    def _write(
        self,
        prompts: Sequence[Prompt],
        opening: Sequence[Message],
        writing: Writing,
        on_progress: OnProgress | None,
        note: OnNote,
    ) -> Sent | None:
        try:
            with Server.opened(self.url, self.limits) as server:
                model = self._model(server, note)
                note(announcement(server, model, prompts))
                asking = Asking(server, model, opening, note if self.is_shown else None)
                writing.ask(prompts, asking.answers, on_progress)
        except (Failure, InputError) as error:
            # Even localhost may resolve to another address than when it was checked.
            note(
                f"The title server {self.url} cannot be used: {error.why}. Nothing was sent, and "
                "the titles are phrases."
            )
            writing.refused[f"{UNANSWERED} ({error.why})"] += len(prompts)
            return None
        note(writing.summary("the server"))
        return asking.sent

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


def entitle(
    titler: Titler,
    chapters_text: Sequence[Sequence[str]],
    language: str | None,
    on_progress: OnProgress | None = None,
    on_note: OnNote | None = None,
    only: Collection[int] | None = None,
    headings: Sequence[Sequence[str]] = (),
) -> Entitled:
    """Titles from any titler; a model reports progress, and is asked about `only` or all.

    `headings` : of the slides of each chapter, without numbering, first that of the slide at its
    start, "" if none appears there; empty without slides. A titler of one's own does not get them.
    """
    if isinstance(titler, _ModelTitler):
        return titler.entitle(
            chapters_text,
            language=language,
            on_progress=on_progress,
            on_note=on_note,
            only=only,
            headings=headings,
        )
    if isinstance(titler, KeyphraseTitler):
        return Entitled(_phrases(titler, chapters_text, language, headings))
    return Entitled(titler.title(chapters_text, language=language))


def _phrases(
    titler: KeyphraseTitler,
    chapters_text: Sequence[Sequence[str]],
    language: str | None,
    headings: Sequence[Sequence[str]],
) -> tuple[str, ...]:
    if not any(headings):
        return titler.title(chapters_text, language=language)
    written = written_titles(headings, chapters_text, language)
    return titler.title(chapters_text, language=language, written=written)


def load_titler(
    titles: str = "phrases",
    model: str | Path | None = None,
    *,
    is_shown: bool = False,
    device: str = "auto",
) -> Titler:
    """The titler that `titles` names: one of `KINDS`, or the address of a server.

    `model` is the folder of the language model, or the name of the server's model. Raises as the
    titlers, and InputError if ``llm`` has no model on this disk.
    """
    if titles == "phrases":
        return KeyphraseTitler()
    if titles == "none":
        return NumberTitler()
    if titles != "llm":
        return EndpointTitler(titles, str(model) if model else None, is_shown=is_shown)
    found = generator.model_on_disk(model)
    folder = found if isinstance(found, Path) else hub.require(found)
    return GeneratorTitler(folder, device=device, is_shown=is_shown)

"""A language model in CTranslate2's format, in this process: nothing is sent anywhere."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from chapterize import hub
from chapterize.background import in_background, wait_for
from chapterize.errors import EngineError
from chapterize.title.llm.chat import Chat, template_of
from chapterize.title.llm.prompt import Message, Prompt
from chapterize.title.llm.server import Failure
from chapterize.transcribe.device import (
    COMPUTE_TYPES,
    Device,
    choose_device,
    free_memory,
    preload_cublas,
)
from chapterize.weights import cpu_threads

__all__ = ["DEFAULT_MODEL", "Generator", "check_folder", "model_on_disk", "opened"]

DEFAULT_MODEL = "qwen2.5-1.5b"

_MOST_TOKENS = 24
_MAX_THREADS = 16
_SEED = 0
# A second attempt samples, and gives several titles and the first good one is used.
_SAMPLES = {"sampling_topk": 20, "sampling_temperature": 0.7, "num_hypotheses": 3}
_HINT = "use Qwen2, Llama 3 or Gemma, converted for CTranslate2, or a name such as qwen2.5-1.5b"


class Generator:
    """A loaded model that names chapters, made by `opened`."""

    def __init__(self, model: Any, chat: Chat, opening: Sequence[Message]) -> None:
        self._model = model
        self._chat = chat
        self._answering: Future[Any] | None = None
        self.introduce(opening)

    def introduce(self, opening: Sequence[Message]) -> None:
        """Put other messages before every question."""
        self._opening = self._chat.opening(opening)

    def answers(self, prompt: Prompt, *, is_second: bool) -> list[str]:
        """The answer to the prompt; a second attempt gives others, and several.

        Raises Failure if the engine fails.
        """
        # One at a time: four in a batch took longer when it was measured.
        generate = partial(
            self._model.generate_batch,
            [self._chat.question(prompt.text)],
            max_length=_MOST_TOKENS,
            include_prompt_in_result=False,
            static_prompt=self._opening,
            # The examples are read once, not once a chapter.
            cache_static_prompt=True,
            end_token=self._chat.ends,
            **(_SAMPLES if is_second else {}),
        )
        self._answering = in_background(generate, name="title")
        try:
            (result,) = wait_for(self._answering)
        except RuntimeError as error:
            # The memory of the GPU is used up, for example.
            raise Failure(_first_line(str(error))) from error
        return [self._chat.text(ids) for ids in result.sequences_ids]

    def close(self) -> None:
        """Free the memory of the model."""
        # After Ctrl-C it may still be answering, and unloading it then ends the process.
        if self._answering is None or self._answering.done():
            self._model.unload_model()
        # Unloading alone keeps what the model has computed.
        self._model = None
        free_memory()


def model_on_disk(name_or_dir: str | Path | None) -> Path | hub.Model:
    """The folder of a title model, or the model that must be downloaded; raises as `hub.choose`."""
    chosen = hub.choose(name_or_dir or DEFAULT_MODEL, "titles")
    return chosen if isinstance(chosen, Path) else hub.find(chosen) or chosen


@contextmanager
def opened(folder: Path, opening: Sequence[Message], device: str = "auto") -> Iterator[Generator]:
    """A model for the block; its memory is freed at the end.

    `opening` are the messages before every question. Raises EngineError if the files are missing
    or damaged, the model is of another kind, or it does not fit on the device.
    """
    chat = _chat(folder)
    model = Generator(_load(folder, choose_device(device)), chat, opening)
    try:
        yield model
    finally:
        model.close()


def check_folder(folder: Path) -> None:
    """Raise EngineError if `folder` lacks a file, or its model is of another kind."""
    _chat(folder)


def _chat(folder: Path) -> Chat:
    from tokenizers import Tokenizer

    if missing := hub.missing_files("titles", folder):
        raise _broken(folder, hub.plural_missing(missing))
    try:
        settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    # The tokenizers package raises bare Exception.
    except Exception as error:
        raise _broken(folder, str(error)) from error
    template = template_of(lambda token: tokenizer.token_to_id(token) is not None)
    if template is None or not isinstance(settings, dict) or "lang_ids" in settings:
        raise _broken(folder, "it is not a chat model of a known kind")
    return Chat(tokenizer, template)


def _load(folder: Path, device: Device) -> Any:
    import ctranslate2

    ctranslate2.set_log_level(logging.CRITICAL)
    try:
        if device.name == "cuda":
            preload_cublas()
        usable = ctranslate2.get_supported_compute_types(device.name)
        # The threads of a new model start with this seed, so that every run gives the same titles.
        ctranslate2.set_random_seed(_SEED)
        return ctranslate2.Generator(
            str(folder),
            device=device.name,
            compute_type=next(t for t in COMPUTE_TYPES[device.name] if t in usable),
            intra_threads=cpu_threads(_MAX_THREADS),
        )
    except (RuntimeError, ValueError) as error:
        raise _broken(folder, str(error), device) from error


def _broken(folder: Path, why: str, device: Device | None = None) -> EngineError:
    hint = _HINT
    if device is not None and device.name == "cuda":
        hint = "try --device cpu, or a smaller model"
    return EngineError(f"cannot load the title model {folder}", why=_first_line(why), hint=hint)


def _first_line(why: str) -> str:
    return (why.strip().splitlines() or ["no reason given"])[0][:300]

"""The tokens of a conversation, in the form that a model was trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chapterize.title.llm.prompt import Message

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["Chat", "Template", "template_of"]

_NEWLINES = ("Ċ", "ĊĊ", "<0x0A>", "\n", "\n\n")
_THINKS = "<think>"


@dataclass(frozen=True)
class Template:
    """How a family of models marks the messages of a conversation.

    `start` and `end` surround a message; ``{role}`` is replaced. `model` : the role of the model.
    `has_system` : whether there is a system role; otherwise its text opens the first message of
    the user.
    """

    name: str
    first: str
    start: str
    end: str
    model: str = "assistant"
    has_system: bool = True

    @property
    def stop(self) -> str:
        """The token that ends an answer."""
        return self.end.strip()


# Qwen2, SmolLM2 and others; Llama 3; Gemma 2 and 3.
_TEMPLATES = (
    Template("ChatML", "", "<|im_start|>{role}\n", "<|im_end|>\n"),
    Template(
        "Llama",
        "<|begin_of_text|>",
        "<|start_header_id|>{role}<|end_header_id|>\n\n",
        "<|eot_id|>",
    ),
    Template(
        "Gemma",
        "<bos>",
        "<start_of_turn>{role}\n",
        "<end_of_turn>\n",
        model="model",
        has_system=False,
    ),
)


def template_of(has_token: Callable[[str], bool]) -> Template | None:
    """The template of the model whose vocabulary `has_token` knows; None if it is another."""
    return next((each for each in _TEMPLATES if has_token(each.stop)), None)


class Chat:
    """Turns messages into tokens, and tokens into text."""

    def __init__(self, tokenizer: Tokenizer, template: Template) -> None:
        self._tokenizer = tokenizer
        self._template = template
        self._thinks = tokenizer.token_to_id(_THINKS) is not None
        newlines = (each for each in _NEWLINES if tokenizer.token_to_id(each) is not None)
        self.ends = [template.stop, *newlines]
        """The tokens that end a title."""

    def opening(self, messages: Sequence[Message]) -> list[str]:
        """The tokens of the messages before the question."""
        first = self._marks(self._template.first) if self._template.first else []
        return first + self._tokens(self._merged(messages))

    def question(self, text: str) -> list[str]:
        """The tokens of a question, up to where the answer starts; a model that thinks does not."""
        tokens = self._tokens([("user", text)]) + self._marks(self._start("assistant"))
        return tokens + self._marks("<think>\n\n</think>\n\n") if self._thinks else tokens

    def text(self, ids: Sequence[int]) -> str:
        """The text of an answer."""
        return str(self._tokenizer.decode(list(ids)))

    def _merged(self, messages: Sequence[Message]) -> Sequence[Message]:
        if self._template.has_system or messages[0][0] != "system":
            return messages
        (_, rules), (role, text), *rest = messages
        return [(role, f"{rules}\n\n{text}"), *rest]

    def _tokens(self, messages: Iterable[Message]) -> list[str]:
        tokens: list[str] = []
        for role, text in messages:
            tokens += self._marks(self._start(role))
            # A transcript that contains a mark, such as <|im_end|>, must not end the message.
            self._tokenizer.encode_special_tokens = True
            tokens += self._tokenizer.encode(text, add_special_tokens=False).tokens
            tokens += self._marks(self._template.end)
        return tokens

    def _start(self, role: str) -> str:
        name = self._template.model if role == "assistant" else role
        return self._template.start.format(role=name)

    def _marks(self, text: str) -> list[str]:
        self._tokenizer.encode_special_tokens = False
        return list(self._tokenizer.encode(text, add_special_tokens=False).tokens)

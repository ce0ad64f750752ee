"""Conversations as the tokens of each family of models."""

from __future__ import annotations

import pytest
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

from chapterize.title.llm.chat import Chat, template_of
from chapterize.title.llm.prompt import Message

TALK: tuple[Message, ...] = (("system", "Rules"), ("user", "Dough"), ("assistant", "Bread"))
MARKS = {
    "ChatML": ("<|im_start|>", "<|im_end|>"),
    "Llama": ("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    "Gemma": ("<bos>", "<start_of_turn>", "<end_of_turn>"),
}


def chat_with(*marks: str) -> Chat:
    """A chat of whole words and line breaks, with these marks."""
    words = "system user assistant model Rules Dough Bread Stars think".split()  # noqa: SIM905
    vocabulary = {word: at for at, word in enumerate(["?", "\n", "\n\n", *words, *"<|>im_endk/"])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("\n", "contiguous")
    tokenizer.add_special_tokens([AddedToken(mark, special=True) for mark in marks])
    template = template_of(lambda token: tokenizer.token_to_id(token) is not None)
    assert template is not None
    return Chat(tokenizer, template)


@pytest.mark.parametrize(
    ("family", "opening", "question"),
    [
        (
            "ChatML",
            "<|im_start|>system\nRules<|im_end|>\n<|im_start|>user\nDough<|im_end|>\n"
            "<|im_start|>assistant\nBread<|im_end|>\n",
            "<|im_start|>user\nStars<|im_end|>\n<|im_start|>assistant\n",
        ),
        (
            "Llama",
            "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nRules<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\nDough<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\nBread<|eot_id|>",
            "<|start_header_id|>user<|end_header_id|>\n\nStars<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n",
        ),
        (
            "Gemma",
            "<bos><start_of_turn>user\nRules\n\nDough<end_of_turn>\n"
            "<start_of_turn>model\nBread<end_of_turn>\n",
            "<start_of_turn>user\nStars<end_of_turn>\n<start_of_turn>model\n",
        ),
    ],
)
def test_messages_are_marked_as_the_family_was_trained(
    family: str, opening: str, question: str
) -> None:
    chat = chat_with(*MARKS[family])
    assert "".join(chat.opening(TALK)) == opening
    assert "".join(chat.question("Stars")) == question
    assert chat.ends[0] == MARKS[family][-1]


def test_a_model_that_thinks_starts_after_an_empty_thought() -> None:
    chat = chat_with(*MARKS["ChatML"], "<think>", "</think>")
    assert "".join(chat.question("Stars")).endswith("assistant\n<think>\n\n</think>\n\n")


def test_a_title_ends_with_its_line() -> None:
    assert {"\n", "\n\n"} <= set(chat_with(*MARKS["ChatML"]).ends)


def test_a_model_of_another_family_has_no_template() -> None:
    assert template_of(lambda token: token == "[INST]") is None

"""A random Whisper model of 3 MB: real files for the real loading code; the text is nonsense.

Written with CTranslate2's own specification, so it needs no torch, no transformers and no download.
The vocabulary has the size, the empty token and the special tokens of the multilingual models:
CTranslate2 and faster-whisper recognise these models by them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import islice, product
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np

# The order of the languages is that of the token ids in OpenAI's models.
_CODES = """
    en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur
    hr bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si
    km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha
    ba jw su
"""
LANGUAGES = tuple(_CODES.split())
N_TEXT_TOKENS = 50257
N_TIMESTAMPS = 1501
WIDTH = 32
N_HEADS = 2
N_LAYERS = 2
N_MELS = 80
N_AUDIO_POSITIONS = 1500
N_TEXT_POSITIONS = 448


def make_tiny_whisper(folder: Path, *, seed: int = 0) -> Path:
    """Write model.bin, config.json, tokenizer.json and the rest into `folder`; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens = [*_text_tokens(), *_special_tokens()]
    spec = _make_spec(np.random.default_rng(seed), len(tokens))
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [220, N_TEXT_TOKENS]
    spec.config.lang_ids = [tokens.index(f"<|{code}|>") for code in LANGUAGES]
    spec.config.alignment_heads = list(product(range(N_LAYERS), range(N_HEADS)))
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    (folder / "tokenizer.json").write_text(_tokenizer_json(), encoding="utf-8")
    features = {"feature_size": N_MELS, "sampling_rate": 16000, "hop_length": 160, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps(features), encoding="utf-8")
    return folder


def _byte_letters() -> list[str]:
    """The 256 printable characters that stand for bytes in byte-level BPE."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    stand_ins = iter(range(256, 512))
    return [chr(byte if byte in printable else next(stand_ins)) for byte in range(256)]


def _merges() -> Iterator[tuple[str, str]]:
    """Made-up merges, each of parts that come earlier: syllables, then words made of them."""
    space = _byte_letters()[32]
    yield from product(ascii_lowercase, ascii_lowercase)
    pairs = ["".join(pair) for pair in product(ascii_lowercase, ascii_lowercase)]
    yield from product([space], pairs)
    yield from product([space + pair for pair in pairs], ascii_lowercase)
    yield from product([space + pair for pair in pairs], pairs)


@cache
def _bpe() -> tuple[list[str], list[tuple[str, str]]]:
    letters = _byte_letters()
    merges = list(islice(_merges(), N_TEXT_TOKENS - len(letters) - 1))
    # The empty token ends the list: CTranslate2 takes a model without it for an English-only one.
    return [*letters, *(first + second for first, second in merges), ""], merges


def _text_tokens() -> list[str]:
    return _bpe()[0]


def _special_tokens() -> list[str]:
    tasks = "translate transcribe startoflm startofprev nospeech notimestamps"
    names = ["endoftext", "startoftranscript", *LANGUAGES, *tasks.split()]
    names += [f"{step * 0.02:.2f}" for step in range(N_TIMESTAMPS)]
    return [f"<|{name}|>" for name in names]


def _tokenizer_json() -> str:
    import tokenizers
    from tokenizers import decoders, models, pre_tokenizers

    texts, merges = _bpe()
    vocabulary = {token: number for number, token in enumerate(texts)}
    tokenizer = tokenizers.Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    # As in the published files, only the model knows the timestamps.
    names = [token for token in _special_tokens() if not re.fullmatch(r"<\|\d+\.\d\d\|>", token)]
    tokenizer.add_special_tokens(
        [tokenizers.AddedToken(name, special=True, normalized=False) for name in names]
    )
    return str(tokenizer.to_str())


def _make_spec(random: np.random.Generator, n_tokens: int) -> Any:
    from ctranslate2.specs import WhisperSpec

    spec = WhisperSpec(N_LAYERS, N_HEADS, N_LAYERS, N_HEADS)
    _fill_linear(spec.encoder.conv1, random, (WIDTH, N_MELS, 3))
    _fill_linear(spec.encoder.conv2, random, (WIDTH, WIDTH, 3))
    for part, n_positions in ((spec.encoder, N_AUDIO_POSITIONS), (spec.decoder, N_TEXT_POSITIONS)):
        part.position_encodings.encodings = _weights(random, (n_positions, WIDTH))
        _fill_norm(part.layer_norm)
        for layer in part.layer:
            _fill_attention(layer.self_attention, random, [3 * WIDTH, WIDTH])
            if part is spec.decoder:
                _fill_attention(layer.attention, random, [WIDTH, 2 * WIDTH, WIDTH])
            _fill_norm(layer.ffn.layer_norm)
            _fill_linear(layer.ffn.linear_0, random, (4 * WIDTH, WIDTH))
            _fill_linear(layer.ffn.linear_1, random, (WIDTH, 4 * WIDTH))
    spec.decoder.embeddings.weight = _weights(random, (n_tokens, WIDTH))
    spec.decoder.projection.weight = _weights(random, (n_tokens, WIDTH))
    return spec


def _fill_attention(part: Any, random: np.random.Generator, rows: list[int]) -> None:
    _fill_norm(part.layer_norm)
    for linear, n_rows in zip(part.linear, rows, strict=True):
        _fill_linear(linear, random, (n_rows, WIDTH))


def _fill_linear(part: Any, random: np.random.Generator, shape: tuple[int, ...]) -> None:
    part.weight = _weights(random, shape)
    part.bias = np.zeros(shape[0], np.float32)


def _fill_norm(part: Any) -> None:
    part.gamma = np.ones(WIDTH, np.float32)
    part.beta = np.zeros(WIDTH, np.float32)


def _weights(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    return random.standard_normal(shape, dtype=np.float32) * 0.3

"""The network of chapterize/segment/network.py in PyTorch, and its training."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from chapterize.segment.features import N_BUCKETS, N_FEATURES
from chapterize.segment.network import DILATIONS, VECTOR_SCALE

CHANNELS = 64
KERNEL = 7
RECURRENT = 32
PHRASE = 16
DROP_VECTOR, DROP_PHRASE, DROP_HIDDEN = 0.2, 0.4, 0.1

EPOCHS = 6
CROP, BATCH = 256, 16
RATE, DECAY, WARM_UP = 1e-3, 0.01, 100
POSITIVE_WEIGHT = 3.0
NEIGHBOUR = 0.3
"""Target of the sentences next to a true start: people are exact to about one sentence."""


@dataclass(frozen=True)
class Example:
    """One document: arrays with a row per sentence, and the sentences at which chapters begin."""

    source: str
    table: NDArray[np.float32]
    features: NDArray[np.float32]
    grams: Sequence[Sequence[int]]
    boundaries: Sequence[int]

    def targets(self) -> NDArray[np.float32]:
        """The target of each sentence, shape (n,)."""
        found = np.zeros(len(self.table), dtype=np.float32)
        starts = np.asarray(self.boundaries[1:], dtype=np.intp)
        for shift in (-1, 1):
            near = starts + shift
            found[near[(near > 0) & (near < len(found))]] = NEIGHBOUR
        found[starts] = 1.0
        return found


class BoundaryNet(nn.Module):  # type: ignore[misc]
    """The network; names and shapes of its parameters are those that `run_network` reads."""

    def __init__(self, n_dimensions: int, n_features: int) -> None:
        super().__init__()
        self.vector = nn.Linear(n_dimensions, CHANNELS, bias=False)
        self.feature = nn.Linear(n_features, CHANNELS)
        self.gram = nn.EmbeddingBag(N_BUCKETS, PHRASE, mode="sum")
        nn.init.normal_(self.gram.weight, 0.0, 0.05)
        self.phrase = nn.Linear(PHRASE, CHANNELS, bias=False)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(CHANNELS, CHANNELS, KERNEL, padding=KERNEL // 2 * d, dilation=d)
            for d in DILATIONS
        )
        self.recurrent = nn.GRU(CHANNELS, RECURRENT, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * RECURRENT, 1)
        self.drop_vector = nn.Dropout(DROP_VECTOR)
        self.drop_hidden = nn.Dropout(DROP_HIDDEN)

    def forward(self, vectors: Any, features: Any, grams: Any, offsets: Any) -> Any:
        """Log-odds, shape (batch, n)."""
        kept = torch.ones(len(grams))
        if self.training:
            kept = (torch.rand(len(grams)) > DROP_PHRASE).float() / (1.0 - DROP_PHRASE)
        phrases = self.phrase(self.gram(grams, offsets, per_sample_weights=kept))
        hidden = VECTOR_SCALE * self.vector(self.drop_vector(vectors)) + self.feature(features)
        hidden = (hidden + phrases.view(hidden.shape)).transpose(1, 2)
        for convolution in self.convolutions:
            hidden = hidden + self.drop_hidden(torch.relu(convolution(hidden)))
        states, _ = self.recurrent(hidden.transpose(1, 2))
        return self.out(states)[..., 0]


def train_net(
    examples: Sequence[Example],
    *,
    seed: int = 0,
    n_features: int = N_FEATURES,
    epochs: int = EPOCHS,
    crop: int = CROP,
) -> Mapping[str, NDArray[np.float32]]:
    """Weights by name, of a network that reads the first `n_features`.

    Sources are drawn in proportion to the square root of their size, so that small ones count.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    # mkldnn chooses its instructions by the processor and ignores the settings of `scripts/train`.
    torch.backends.mkldnn.enabled = False
    draw = _Draw(examples, crop, n_features, np.random.default_rng(seed))
    net = BoundaryNet(examples[0].table.shape[1], n_features)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    loss_of = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(POSITIVE_WEIGHT), reduction="none")
    n_steps = epochs * max(1, draw.n_sentences // (crop * BATCH))
    # Only matters for trainings that are much shorter than the shipped recipe.
    warm_up = min(WARM_UP, n_steps // 2)
    net.train()
    for step in range(n_steps):
        vectors, features, targets, mask, grams, offsets = draw.batch()
        for group in optimiser.param_groups:
            anneal = 0.5 + 0.5 * math.cos(math.pi * step / n_steps)
            group["lr"] = RATE * min(1.0, step / max(1, warm_up)) * anneal
        losses = loss_of(net(vectors, features, grams, offsets), targets)
        optimiser.zero_grad()
        ((losses * mask).sum() / mask.sum()).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
    return {name: weight.detach().numpy().copy() for name, weight in net.state_dict().items()}


class _Draw:
    """Draws batches of crops of documents."""

    def __init__(
        self, examples: Sequence[Example], crop: int, n_features: int, random: np.random.Generator
    ) -> None:
        self.random, self.crop, self.n_features = random, crop, n_features
        self.sources: dict[str, list[tuple[Example, NDArray[np.float32]]]] = {}
        for example in examples:
            self.sources.setdefault(example.source, []).append((example, example.targets()))
        sizes = {
            source: np.array([len(example.table) for example, _ in each], dtype=float)
            for source, each in self.sources.items()
        }
        self.n_sentences = int(sum(each.sum() for each in sizes.values()))
        share = np.array([np.sqrt(each.sum()) for each in sizes.values()])
        self.share = share / share.sum()
        self.shares = {source: each / each.sum() for source, each in sizes.items()}

    def batch(self) -> tuple[Any, ...]:
        """Vectors, features, targets and mask, shape (batch, crop, …); phrase rows and offsets."""
        n_dimensions = next(iter(self.sources.values()))[0][0].table.shape[1]
        vectors = np.zeros((BATCH, self.crop, n_dimensions), dtype=np.float32)
        features = np.zeros((BATCH, self.crop, self.n_features), dtype=np.float32)
        targets, mask = (np.zeros((BATCH, self.crop), dtype=np.float32) for _ in range(2))
        rows: list[Sequence[int]] = []
        names = list(self.sources)
        for i in range(BATCH):
            source = names[self.random.choice(len(names), p=self.share)]
            which = self.random.choice(len(self.sources[source]), p=self.shares[source])
            example, target = self.sources[source][which]
            start = int(self.random.integers(0, max(1, len(target) - self.crop + 1)))
            part = slice(start, start + self.crop)
            n = len(target[part])
            vectors[i, :n] = example.table[part]
            features[i, :n] = example.features[part, : self.n_features]
            targets[i, :n], mask[i, :n] = target[part], 1.0
            rows += [*example.grams[part], *([()] * (self.crop - n))]
        offsets = np.cumsum([0, *(len(row) for row in rows[:-1])])
        flat = np.fromiter((j for row in rows for j in row), dtype=np.int64)
        arrays = (vectors, features, targets, mask, flat, offsets)
        return tuple(torch.from_numpy(array) for array in arrays)

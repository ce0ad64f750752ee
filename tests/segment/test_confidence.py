"""How sure a boundary is."""

from __future__ import annotations

import numpy as np

from chapterize.segment.confidence import N_CLUES, confidence, confidence_clues
from chapterize.segment.model import shipped_model

SOLUTIONS = {3: (0, 10, 40), 4: (0, 10, 25, 40), 5: (0, 10, 25, 41, 50)}


def clues(scores: np.ndarray | None = None, cued: np.ndarray | None = None) -> np.ndarray:
    given = np.zeros(60) if scores is None else scores
    return confidence_clues(SOLUTIONS, 4, given, np.zeros(60, bool) if cued is None else cued)


def test_what_nearby_divisions_agree_about_is_steady() -> None:
    steady = clues()[:, 1]
    assert clues().shape == (60, N_CLUES)
    assert steady[10] == steady[40] == 1.0  # 41 is a sentence away
    assert 0.0 < steady[25] < 1.0
    assert steady[30] == 0.0


def test_confidence_rises_with_agreement_score_and_announcing_words() -> None:
    scores, cued = np.zeros(60), np.zeros(60, dtype=bool)
    scores[25], cued[25] = 3.0, True
    for coefficients in shipped_model().confidence.values():
        plain = confidence(clues(), coefficients)
        assert plain[10] > plain[25] > plain[30]
        assert confidence(clues(scores, cued), coefficients)[25] > plain[25]
        assert plain[0] == 1.0
        assert ((plain >= 0.0) & (plain <= 1.0)).all()

"""Whether this machine has what chapterize needs: one check for each thing, with a remedy."""

from chapterize.doctor.check import Check, Plan
from chapterize.doctor.examination import can_draft, examine

__all__ = ["Check", "Plan", "can_draft", "examine"]

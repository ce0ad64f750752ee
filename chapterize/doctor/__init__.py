"""Check whether this machine has what chapterize needs; every failed check has a remedy."""

from chapterize.doctor.check import Check, Plan
from chapterize.doctor.examination import can_draft, examine
from chapterize.doctor.machine import check_config

__all__ = ["Check", "Plan", "can_draft", "check_config", "examine"]

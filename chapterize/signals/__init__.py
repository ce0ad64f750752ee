"""What a file tells besides its words: pauses in the speech, changes of the picture."""

from chapterize.signals.pauses import PauseOptions, find_pauses
from chapterize.signals.slides import SlideOptions, find_slides

__all__ = ["PauseOptions", "SlideOptions", "find_pauses", "find_slides"]

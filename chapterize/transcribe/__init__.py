"""Speech to text: the Transcriber protocol and faster-whisper behind it."""

from chapterize.transcribe.device import Device, choose_device
from chapterize.transcribe.model import default_model, model_on_disk, planned_download
from chapterize.transcribe.whisper import Transcriber, WhisperOptions, WhisperTranscriber

__all__ = [
    "Device",
    "Transcriber",
    "WhisperOptions",
    "WhisperTranscriber",
    "choose_device",
    "default_model",
    "model_on_disk",
    "planned_download",
]

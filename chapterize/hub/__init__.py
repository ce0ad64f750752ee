"""Models from the Hugging Face hub: which there are, what is on disk, and how they get there."""

from chapterize.hub.disk import Verified, find, remove, size_on_disk, store, verify
from chapterize.hub.downloading import Download, download, planned
from chapterize.hub.failures import host
from chapterize.hub.files import VOCABULARIES, missing_files, plural_missing
from chapterize.hub.names import choose, folder_of, named
from chapterize.hub.quiet import quiet
from chapterize.hub.registry import MODELS, Model, Purpose, how_to_get, known, size_text

__all__ = [
    "MODELS",
    "VOCABULARIES",
    "Download",
    "Model",
    "Purpose",
    "Verified",
    "choose",
    "download",
    "find",
    "folder_of",
    "host",
    "how_to_get",
    "known",
    "missing_files",
    "named",
    "planned",
    "plural_missing",
    "quiet",
    "remove",
    "size_on_disk",
    "size_text",
    "store",
    "verify",
]

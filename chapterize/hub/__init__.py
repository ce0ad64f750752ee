"""Models of the Hugging Face hub: the known ones, those on disk, and their download."""

from chapterize.hub.disk import (
    VOCABULARIES,
    Verified,
    find,
    missing_files,
    plural_missing,
    remove,
    require,
    size_on_disk,
    store,
    verify,
)
from chapterize.hub.downloading import Download, download, planned, quiet, unplugged
from chapterize.hub.failures import host
from chapterize.hub.names import choose, folder_of, named
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
    "require",
    "size_on_disk",
    "size_text",
    "store",
    "unplugged",
    "verify",
]

"""Explain why a download failed, and what the user can do about it."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from chapterize.errors import EngineError
from chapterize.hub.registry import Model, size_text

__all__ = ["explain", "host", "no_space", "require_online"]

_OPTION = {"speech": "--model", "sentences": "--embedder", "titles": "--titles-model"}
_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
_CREDENTIALS = re.compile(r"//[^/@\s]+@")
_INTERRUPTED = ("RemoteProtocolError", "ReadError", "ReadTimeout", "ChunkedEncodingError")
_OFFLINE_VARIABLES = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")


Explanation = tuple[str, str]
"""Why a download failed, and what to do."""


def host() -> str:
    """Return the host that models come from: that of HF_ENDPOINT, else huggingface.co."""
    from huggingface_hub import constants

    parts = urlsplit(constants.ENDPOINT)
    # Not the whole address, which may contain a password.
    name = parts.hostname or "huggingface.co"
    return f"{name}:{parts.port}" if parts.port else name


def require_online(model: Model) -> None:
    """Raise EngineError if the environment forbids downloads."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        variable = next(
            (name for name in _OFFLINE_VARIABLES if os.environ.get(name)), _OFFLINE_VARIABLES[0]
        )
        raise EngineError(
            _what(model),
            why=f"{variable} is set, which forbids downloads",
            hint=f"unset {variable}, or {_by_hand(model)}",
        )


def no_space(model: Model, folder: Path, needed: int, free: int) -> EngineError:
    """Return the error for a disk with too little space, found before the download starts."""
    return EngineError(
        _what(model),
        why=f"it needs {needed / 1e6:.0f} MB, but {folder} has only {free / 1e6:.0f} MB free",
        hint="free some space, or set HF_HUB_CACHE to a folder on another disk",
    )


def explain(model: Model, folder: Path, error: Exception) -> EngineError:
    """Return the error for a failed download into `folder`: what failed, why, and what to do."""
    chain = _chain(error)
    why, hint = (
        _disk_failure(model, folder, chain)
        or _hub_failure(model, chain)
        or _file_failure(folder, chain)
        or _no_connection(model, chain)
    )
    return EngineError(_what(model), why=why, hint=hint)


def _disk_failure(model: Model, folder: Path, chain: Sequence[BaseException]) -> Explanation | None:
    numbers = {each.errno for each in chain if isinstance(each, OSError)}
    if numbers & {errno.ENOSPC, errno.EDQUOT}:
        size = size_text(model.megabytes) if model.megabytes else "some space"
        return f"the disk is full: {folder}", (
            f"free {size} and a little more, or set HF_HUB_CACHE to a folder on another disk"
        )
    if numbers & {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"no permission to write to {folder}", (
            "change its permissions, or set HF_HUB_CACHE to another folder"
        )
    return None


def _hub_failure(model: Model, chain: Sequence[BaseException]) -> Explanation | None:
    from huggingface_hub import errors

    by_hand, name = _by_hand(model), model.repository
    for each in chain:
        if isinstance(each, errors.GatedRepoError):
            return f"{name} requires accepting its terms on {host()}", (
                f"accept them and set HF_TOKEN, or {by_hand}"
            )
        if isinstance(each, errors.RepositoryNotFoundError):
            return f"{host()} has no public repository {name}", (
                "check the name; for a private repository set HF_TOKEN"
            )
        if isinstance(each, errors.RevisionNotFoundError):
            return f"{host()} does not have revision {model.revision} of {name}", (
                f"update chapterize, or {by_hand}"
            )
        if isinstance(each, errors.HfHubHTTPError) and each.response is not None:
            return f"{host()} answered with status {each.response.status_code}", (
                f"try again later: what was downloaded is kept; or {by_hand}"
            )
    return None


def _file_failure(folder: Path, chain: Sequence[BaseException]) -> Explanation | None:
    # Only errors of files have a file name, not those of connections.
    for each in chain:
        if isinstance(each, OSError) and each.filename is not None:
            return f"{each.strerror}: {each.filename}", (
                f"check {folder}, or set HF_HUB_CACHE to another folder"
            )
    return None


def _no_connection(model: Model, chain: Sequence[BaseException]) -> Explanation:
    """The explanation for any other failure; its hint names the variables that are set."""
    # Compared by name: huggingface_hub has changed its HTTP library twice.
    is_interrupted = any(type(each).__name__ in _INTERRUPTED for each in chain)
    reached = "lost the connection to" if is_interrupted else "cannot reach"
    proxy = next((name for name in _PROXIES if os.environ.get(name)), None)
    has_mirror = os.environ.get("HF_ENDPOINT")
    steps = (
        "check the connection",
        f"check {proxy}, which is set" if proxy else "behind a proxy set HTTPS_PROXY",
        f"check HF_ENDPOINT, which is set to {host()}"
        if has_mirror
        else "with a mirror set HF_ENDPOINT",
        f"or {_by_hand(model)}",
    )
    return f"{reached} {host()}, {_line(chain)}", "; ".join(steps)


def _what(model: Model) -> str:
    return f"cannot download the {model.kind} {model.name}"


def _by_hand(model: Model) -> str:
    return f"download it on another machine and pass the folder with {_OPTION[model.purpose]}"


def _line(chain: Sequence[BaseException]) -> str:
    """The deepest cause on one line, without credentials in addresses."""
    for each in reversed(chain):
        if lines := str(each).strip().splitlines():
            return _CREDENTIALS.sub("//", lines[0])[:200]
    return type(chain[0]).__name__


def _chain(error: BaseException) -> list[BaseException]:
    """`error` and its causes, outermost first."""
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) and cause not in chain:
        chain.append(cause)
    return chain

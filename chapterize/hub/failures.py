"""Explain why a download failed, and what the user can do about it."""

from __future__ import annotations

import errno
import os
import re
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
    from huggingface_hub import errors

    chain = _chain(error)
    numbers = {each.errno for each in chain if isinstance(each, OSError)}
    if numbers & {errno.ENOSPC, errno.EDQUOT}:
        return EngineError(
            _what(model),
            why=f"the disk is full: {folder}",
            hint=f"free {size_text(model.megabytes) if model.megabytes else 'some space'} and a "
            "little more, or set HF_HUB_CACHE to a folder on another disk",
        )
    if numbers & {errno.EACCES, errno.EPERM, errno.EROFS}:
        return EngineError(
            _what(model),
            why=f"no permission to write to {folder}",
            hint="change its permissions, or set HF_HUB_CACHE to another folder",
        )
    for each in chain:
        if isinstance(each, errors.GatedRepoError):
            return EngineError(
                _what(model),
                why=f"{model.repository} requires accepting its terms on {host()}",
                hint="accept them and set HF_TOKEN, or " + _by_hand(model),
            )
        if isinstance(each, errors.RepositoryNotFoundError):
            return EngineError(
                _what(model),
                why=f"{host()} has no public repository {model.repository}",
                hint="check the name; for a private repository set HF_TOKEN",
            )
        if isinstance(each, errors.RevisionNotFoundError):
            return EngineError(
                _what(model),
                why=f"{host()} does not have revision {model.revision} of {model.repository}",
                hint="update chapterize, or " + _by_hand(model),
            )
        if isinstance(each, errors.HfHubHTTPError) and each.response is not None:
            return EngineError(
                _what(model),
                why=f"{host()} answered with status {each.response.status_code}",
                hint="try again later: what was downloaded is kept; or " + _by_hand(model),
            )
    for each in chain:
        # Only errors of files have a file name, not those of connections.
        if isinstance(each, OSError) and each.filename is not None:
            return EngineError(
                _what(model),
                why=f"{each.strerror}: {each.filename}",
                hint=f"check {folder}, or set HF_HUB_CACHE to another folder",
            )
    reached = "lost the connection to" if _is_interrupted(chain) else "cannot reach"
    return EngineError(_what(model), why=f"{reached} {host()}, {_line(error)}", hint=_net(model))


def _is_interrupted(chain: list[BaseException]) -> bool:
    # Compared by name: huggingface_hub has changed its HTTP library twice.
    return any(type(each).__name__ in _INTERRUPTED for each in chain)


def _what(model: Model) -> str:
    return f"cannot download the {model.kind} {model.name}"


def _by_hand(model: Model) -> str:
    return f"download it on another machine and pass the folder with {_OPTION[model.purpose]}"


def _net(model: Model) -> str:
    """What to check if there is no connection; names the variables that are set."""
    steps = ["check the connection"]
    proxy = next((name for name in _PROXIES if os.environ.get(name)), None)
    steps.append(
        f"check {proxy}, which is set" if proxy else "behind a proxy set HTTPS_PROXY",
    )
    steps.append(
        f"check HF_ENDPOINT, which is set to {host()}"
        if os.environ.get("HF_ENDPOINT")
        else "with a mirror set HF_ENDPOINT",
    )
    return "; ".join([*steps, f"or {_by_hand(model)}"])


def _line(error: Exception) -> str:
    """The deepest cause on one line, without credentials in addresses."""
    for each in reversed(_chain(error)):
        if lines := str(each).strip().splitlines():
            return _CREDENTIALS.sub("//", lines[0])[:200]
    return type(error).__name__


def _chain(error: BaseException) -> list[BaseException]:
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) and cause not in chain:
        chain.append(cause)
    return chain

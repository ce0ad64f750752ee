"""Why a download failed, and what the user can do."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from chapterize.errors import EngineError
from chapterize.hub.registry import Model, size_text

__all__ = ["explain", "host", "no_room", "require_online"]

_OPTION = {"speech": "--model", "sentences": "--embedder", "titles": "--titles-model"}
_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
_CREDENTIALS = re.compile(r"//[^/@\s]+@")
_BROKEN_OFF = ("RemoteProtocolError", "ReadError", "ReadTimeout", "ChunkedEncodingError")
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")


def host() -> str:
    """Return the host that models come from: huggingface.co unless HF_ENDPOINT names another."""
    from huggingface_hub import constants

    parts = urlsplit(constants.ENDPOINT)
    # Never the whole address: it may hold a password.
    name = parts.hostname or "huggingface.co"
    return f"{name}:{parts.port}" if parts.port else name


def require_online(model: Model) -> None:
    """Raise EngineError when the environment forbids downloads."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        variable = next((name for name in _OFFLINE if os.environ.get(name)), _OFFLINE[0])
        raise EngineError(
            _what(model),
            why=f"{variable} is set, which forbids downloads",
            hint=f"unset {variable}, or {_by_hand(model)}",
        )


def no_room(model: Model, folder: Path, needed: int, free: int) -> EngineError:
    """The error of a disk that has not enough room, told before the download begins."""
    return EngineError(
        _what(model),
        why=f"it needs {needed / 1e6:.0f} MB, and {free / 1e6:.0f} MB are free in {folder}",
        hint="free some space, or set HF_HUB_CACHE to a folder on another disk",
    )


def explain(model: Model, folder: Path, error: Exception) -> EngineError:
    """Return the error of a failed download into `folder`: what, why, and what next."""
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
            why=f"no permission to write into {folder}",
            hint="change its permissions, or set HF_HUB_CACHE to a folder of yours",
        )
    for each in chain:
        if isinstance(each, errors.GatedRepoError):
            return EngineError(
                _what(model),
                why=f"{model.repository} has to be unlocked on {host()} first",
                hint="accept its terms there and set HF_TOKEN, or " + _by_hand(model),
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
                hint="try again later: the part that has arrived is kept; or " + _by_hand(model),
            )
    for each in chain:
        # Connections have no file name.
        if isinstance(each, OSError) and each.filename is not None:
            return EngineError(
                _what(model),
                why=f"{each.strerror}: {each.filename}",
                hint=f"check {folder}, or set HF_HUB_CACHE to another folder",
            )
    reached = "lost the connection to" if _is_broken_off(chain) else "cannot reach"
    return EngineError(_what(model), why=f"{reached} {host()}, {_line(error)}", hint=_net(model))


def _is_broken_off(chain: list[BaseException]) -> bool:
    # By name: huggingface_hub has changed its HTTP library twice.
    return any(type(each).__name__ in _BROKEN_OFF for each in chain)


def _what(model: Model) -> str:
    return f"cannot download the {model.kind} {model.name}"


def _by_hand(model: Model) -> str:
    return f"download on another machine and pass the folder with {_OPTION[model.purpose]}"


def _net(model: Model) -> str:
    """What to do without a connection; variables that are set are named."""
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
    """The deepest cause in one line, without the credentials that an address may hold."""
    for each in reversed(_chain(error)):
        if lines := str(each).strip().splitlines():
            return _CREDENTIALS.sub("//", lines[0])[:200]
    return type(error).__name__


def _chain(error: BaseException) -> list[BaseException]:
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) and cause not in chain:
        chain.append(cause)
    return chain

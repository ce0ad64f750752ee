"""The remote service and the model hub: the token, and whether they can be reached."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chapterize._version import __version__
from chapterize.doctor.check import Check, ok, warning
from chapterize.errors import InputError
from chapterize.remote.identity import TOKEN_VARIABLE, Identity, service_address

__all__ = ["check_hub", "check_service", "check_token"]

HUB = "https://huggingface.co"
HUB_VARIABLE = "HF_ENDPOINT"
OFFLINE_VARIABLE = "HF_HUB_OFFLINE"

_SECONDS = 5.0
# Looking up a name has no timeout of its own.
_SECONDS_IN_ALL = 8.0
_LENGTHS = ((20, "shorter than 20 characters"), (100, "20 to 99 characters"))


def check_token(folder: Path | None = None) -> Check:
    """Return whether there is a token for the remote service, and from where; no part of it."""
    try:
        token = Identity(service_address(), folder).token()
    except InputError as error:
        return warning("token", str(error), error.hint)
    if token is None:
        return ok("token", "not set; the first delivery asks for a starter token")
    length = next(
        (words for limit, words in _LENGTHS if len(token.secret) < limit), "100 characters or more"
    )
    origin = "a starter token, from the state folder"
    if not token.is_anonymous:
        origin = f"set, from {TOKEN_VARIABLE}"
    return ok("token", f"{origin} ({length})")


def check_service() -> Check:
    """Return whether the remote service can be reached; no token is sent."""
    try:
        address = service_address()
    except InputError as error:
        return warning("remote service", str(error), error.hint)
    return _reached("remote service", address, "deliver makes videos on this machine until then")


def check_hub() -> Check:
    """Return whether the hub that models are downloaded from can be reached."""
    address = os.environ.get(HUB_VARIABLE, "").strip() or HUB
    if os.environ.get(OFFLINE_VARIABLE, "").upper() in ("1", "ON", "YES", "TRUE"):
        return warning(
            "model hub",
            f"not asked, because {OFFLINE_VARIABLE} is set",
            f"unset {OFFLINE_VARIABLE} to download models",
        )
    return _reached("model hub", address, "models on disk work without it")


def _reached(name: str, address: str, otherwise: str) -> Check:
    # The host alone is shown: an address may hold a password.
    host = urlsplit(address).hostname or "no host"
    fault = _within(_SECONDS_IN_ALL, address)
    if fault:
        return warning(
            name, f"{host} cannot be reached: {fault}", f"check network and proxy; {otherwise}"
        )
    return ok(name, f"{host} can be reached")


def _within(seconds: float, address: str) -> str:
    """`_ask` in a thread that nobody waits for longer than `seconds`."""
    done: Future[str] = Future()
    threading.Thread(target=lambda: done.set_result(_ask(address)), daemon=True).start()
    try:
        return done.result(seconds)
    except TimeoutError:
        return f"no answer within {seconds:g} s"


def _ask(address: str) -> str:
    """Send one HEAD request; return why no answer came, empty when one did."""
    import urllib.error
    import urllib.request

    class Stay(urllib.request.HTTPRedirectHandler):
        """Follow no redirect: only the host that was named is contacted."""

        def redirect_request(self, *_: Any) -> None:
            return None

    if urlsplit(address).scheme not in ("http", "https"):
        return "the address does not begin with http:// or https://"
    try:
        request = urllib.request.Request(  # noqa: S310 - the scheme was just checked
            address, method="HEAD", headers={"User-Agent": f"chapterize/{__version__}"}
        )
        with urllib.request.build_opener(Stay).open(request, timeout=_SECONDS):
            return ""
    except urllib.error.HTTPError as error:
        with error:
            return f"it answers {error.code}" if error.code >= 500 else ""
    except TimeoutError:
        return f"no answer within {_SECONDS:g} s"
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            return f"no answer within {_SECONDS:g} s"
        return getattr(error.reason, "strerror", None) or str(error.reason)
    except (OSError, ValueError, HTTPException) as error:
        return str(error) or type(error).__name__

"""Check the token, and which services can be reached: title servers here, and those elsewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chapterize._version import __version__
from chapterize.background import in_background
from chapterize.doctor.check import Check, ok, warning
from chapterize.errors import InputError
from chapterize.remote.identity import TOKEN_VARIABLE, Identity, service_address

__all__ = ["check_hub", "check_service", "check_title_server", "check_token"]

HUB = "https://huggingface.co"
HUB_VARIABLE = "HF_ENDPOINT"
OFFLINE_VARIABLE = "HF_HUB_OFFLINE"

TITLE_PORTS = (11434, 1234, 8080)
"""Usual ports of language model servers: Ollama, LM Studio, llama.cpp."""

_TIMEOUT = 5.0
_LOCAL_TIMEOUT, _LOCAL_TOTAL = 0.5, 2.0
_MOST_BYTES = 1_000_000
# A DNS lookup has no timeout of its own.
_TOTAL_TIMEOUT = 8.0
_LENGTHS = ((20, "shorter than 20 characters"), (100, "20 to 99 characters"))


def check_token(folder: Path | None = None) -> Check:
    """Report where the token for the remote service comes from, without showing any part of it."""
    try:
        token = Identity(service_address(), folder).token()
    except InputError as error:
        return warning("token", str(error), error.hint)
    if token is None:
        return ok("token", "not set; the first delivery requests a starter token")
    length = next(
        (words for limit, words in _LENGTHS if len(token.secret) < limit), "100 characters or more"
    )
    origin = "a starter token, from the state folder"
    if not token.is_anonymous:
        origin = f"set, from {TOKEN_VARIABLE}"
    return ok("token", f"{origin} ({length})")


def check_title_server(ports: Sequence[int] = TITLE_PORTS) -> Check:
    """Report a language model server on this machine, and the option that uses it.

    Only the list of its models is requested; it is never used without the option.
    """
    for port in ports:
        if n_models := _asked(port):
            models = "1 model" if n_models == 1 else f"{n_models} models"
            return ok(
                "title server",
                f"found one with {models}; to use it: --titles http://127.0.0.1:{port}/v1",
            )
    shown = ", ".join(map(str, ports))
    return ok("title server", f"none at 127.0.0.1 on ports {shown}; --titles llm needs none")


def _asked(port: int) -> int:
    try:
        return in_background(lambda: _n_models(port), name="titles").result(_LOCAL_TOTAL)
    except TimeoutError:
        return 0


def _n_models(port: int) -> int:
    """The number of models of the server at `port`; 0 if there is no such server."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_LOCAL_TIMEOUT)
    try:
        connection.request("GET", "/v1/models")
        response = connection.getresponse()
        answer = json.loads(response.read(_MOST_BYTES)) if response.status == 200 else None
    except (OSError, HTTPException, ValueError, RecursionError):
        return 0
    finally:
        connection.close()
    rows = answer.get("data") if isinstance(answer, dict) else None
    return len(rows) if isinstance(rows, list) else 0


def check_service() -> Check:
    """Check that the remote service can be reached, without sending a token."""
    try:
        address = service_address()
    except InputError as error:
        return warning("remote service", str(error), error.hint)
    return _reached("remote service", address, "until then, deliver renders on this machine")


def check_hub() -> Check:
    """Check that the hub from which models are downloaded can be reached."""
    address = os.environ.get(HUB_VARIABLE, "").strip() or HUB
    if os.environ.get(OFFLINE_VARIABLE, "").upper() in ("1", "ON", "YES", "TRUE"):
        return warning(
            "model hub",
            f"not checked, because {OFFLINE_VARIABLE} is set",
            f"unset {OFFLINE_VARIABLE} to download models",
        )
    return _reached("model hub", address, "models on disk work without it")


def _reached(name: str, address: str, consequence: str) -> Check:
    # Only the host is shown, because an address may contain a password.
    host = urlsplit(address).hostname or "no host"
    try:
        fault = in_background(lambda: _ask(address), name="reach").result(_TOTAL_TIMEOUT)
    except TimeoutError:
        fault = f"no response within {_TOTAL_TIMEOUT:g} s"
    if fault:
        return warning(
            name,
            f"{host} cannot be reached: {fault}",
            f"check the network and the proxy; {consequence}",
        )
    return ok(name, f"{host} can be reached")


def _ask(address: str) -> str:
    """Send one HEAD request; return why there was no response, or "" if there was one."""
    import urllib.error
    import urllib.request

    class NoRedirects(urllib.request.HTTPRedirectHandler):
        """Follow no redirects, so only the given host is contacted."""

        def redirect_request(self, *_: Any) -> None:
            return None

    if urlsplit(address).scheme not in ("http", "https"):
        return "the address does not start with http:// or https://"
    try:
        request = urllib.request.Request(  # noqa: S310 - the scheme was just checked
            address, method="HEAD", headers={"User-Agent": f"chapterize/{__version__}"}
        )
        with urllib.request.build_opener(NoRedirects).open(request, timeout=_TIMEOUT):
            return ""
    except urllib.error.HTTPError as error:
        with error:
            return f"it answers with status {error.code}" if error.code >= 500 else ""
    except (OSError, ValueError, HTTPException) as error:
        # URLError wraps the error of the connection.
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            return f"no response within {_TIMEOUT:g} s"
        return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__

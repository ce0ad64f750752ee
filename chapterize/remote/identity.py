"""Who asks the service, and where it lies: address, token, client id, and our own name there."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chapterize.errors import InputError, OutputError
from chapterize.files import replacing

__all__ = [
    "ADDRESS_VARIABLE",
    "TOKEN_VARIABLE",
    "Identity",
    "Token",
    "attribution",
    "blank_secrets",
    "checked_address",
    "is_loopback",
    "make_private_folder",
    "service_address",
    "state_folder",
]

ADDRESS = "https://mega-api-prod.nemovideo.ai"
ADDRESS_VARIABLE = "NEMO_API_URL"
TOKEN_VARIABLE = "NEMO_TOKEN"  # noqa: S105 - the name of a variable
STATE_VARIABLE = "CHAPTERIZE_STATE"

_SKILL = "chapter-generator"
_PLATFORMS = ("clawhub", "cursor")
_SECRET = re.compile(r"nmv_[A-Za-z0-9]+_[^\s\"'&<>,;)}\]]+")
_PRIVATE_FILE, _PRIVATE_FOLDER = 0o600, 0o700


@dataclass(frozen=True)
class Token:
    """What a request is allowed with; `user_id` is None for a token out of the environment."""

    secret: str = field(repr=False)
    is_anonymous: bool
    user_id: str | None = None
    expires_at: str | None = None


def blank_secrets(text: str, *known: str) -> str:
    """`text` with everything that looks like a token, and all that is `known`, made unreadable."""
    for secret in known:
        if secret:
            text = text.replace(secret, "…")
    return _SECRET.sub("…", text)


def state_folder() -> Path:
    """Where tokens and journals lie: ``CHAPTERIZE_STATE``, else the system's place for state."""
    if chosen := os.environ.get(STATE_VARIABLE):
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_state_dir("chapterize", appauthor=False))


def service_address() -> str:
    """The service's base address, without a slash at its end.

    Raises
    ------
    InputError : ``NEMO_API_URL`` is no https address, nor http to this machine.
    """
    chosen = os.environ.get(ADDRESS_VARIABLE, "").strip()
    return checked_address(chosen, ADDRESS_VARIABLE) if chosen else ADDRESS


def checked_address(url: str, name: str) -> str:
    """Return scheme, host, port and path of `url`; `name` says in errors whose address it is.

    Raises
    ------
    InputError : it is no https address, nor http to this machine, or holds more than an address.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise _refusal(name, "it is not an address") from error
    if parts.scheme not in ("http", "https") or not host or not url.isprintable() or " " in url:
        raise _refusal(name, "it does not begin with https:// and a host")
    if parts.username is not None or parts.password is not None:
        raise _refusal(name, f"it holds a name or password; a token belongs into {TOKEN_VARIABLE}")
    if parts.query or parts.fragment:
        raise _refusal(name, "it holds more than scheme, host, port and path")
    if parts.scheme == "http" and not is_loopback(host):
        raise _refusal(name, "plain http would show the token to everyone on the way")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def _refusal(name: str, why: str) -> InputError:
    # The address itself is not repeated: it may hold a password.
    return InputError(
        f"the address in {name} cannot be used",
        why=why,
        hint=f"set {name} to an https address, or unset it",
    )


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def attribution(version: str) -> dict[str, str]:
    """Headers that say who we are: without them the service refuses to export."""
    return {
        "X-Skill-Source": _SKILL,
        "X-Skill-Version": version,
        "X-Skill-Platform": _platform(Path(__file__)),
    }


def _platform(installed: Path) -> str:
    parts = {part.lower().lstrip(".") for part in installed.parts}
    return next((name for name in _PLATFORMS if name in parts), "unknown")


class Identity:
    """Token and client id of this user: out of the environment, or kept in `folder`, mode 0600.

    Parameters
    ----------
    address : of the service; a starter token belongs to the service that gave it.
    """

    def __init__(self, address: str, folder: Path | None = None) -> None:
        self.address = address
        self.folder = folder or state_folder()

    def __repr__(self) -> str:
        return f"Identity({self.address!r})"

    def token(self) -> Token | None:
        """The token to use, or None when a starter token has still to be fetched.

        Raises
        ------
        InputError : the token in the environment cannot be sent.
        """
        secret = os.environ.get(TOKEN_VARIABLE, "").strip()
        if secret:
            return Token(_sendable(secret), is_anonymous=False)
        kept = self._read("token.json")
        secret = _text(kept.get("token")) or ""
        if kept.get("address") != self.address or not _is_sendable(secret):
            return None
        return Token(secret, True, _text(kept.get("user_id")), _text(kept.get("expires_at")))

    def keep(self, token: Token) -> None:
        """Remember a starter token for the next command.

        Raises
        ------
        OutputError : the state folder cannot be written.
        """
        found = {
            "address": self.address,
            "token": token.secret,
            "user_id": token.user_id,
            "expires_at": token.expires_at,
        }
        self._write("token.json", json.dumps(found))

    def client_id(self, *, renew: bool = False) -> str:
        """The id under which starter tokens are asked for; made once, and kept beside the token.

        Raises
        ------
        OutputError : the state folder cannot be written.
        """
        kept = _text(self._read("client.json").get("client_id"))
        if kept is None or renew:
            kept = str(uuid.uuid4())
            self._write("client.json", json.dumps({"client_id": kept}))
        return kept

    def _read(self, name: str) -> Mapping[str, Any]:
        try:
            found = json.loads((self.folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, name: str, text: str) -> None:
        make_private_folder(self.folder)
        with replacing(self.folder / name, force=True) as temporary:
            temporary.chmod(_PRIVATE_FILE)
            temporary.write_text(text, encoding="utf-8")


def make_private_folder(folder: Path) -> None:
    """Make `folder` for this user alone.

    Raises
    ------
    OutputError : it cannot be made.
    """
    try:
        if not folder.is_dir():
            folder.mkdir(_PRIVATE_FOLDER, parents=True, exist_ok=True)
            # mkdir's mode goes through the umask; this one does not.
            folder.chmod(_PRIVATE_FOLDER)
    except OSError as error:
        raise OutputError(
            f"cannot make the folder {folder}",
            why=error.strerror or str(error),
            hint=f"name another folder in {STATE_VARIABLE}",
        ) from error


def _sendable(secret: str) -> str:
    if not _is_sendable(secret):
        raise InputError(
            f"the token in {TOKEN_VARIABLE} cannot be sent",
            why="it holds spaces or characters outside ASCII",
            hint="copy it again, or unset the variable for a starter token",
        )
    return secret


def _is_sendable(secret: str) -> bool:
    return bool(secret) and secret.isascii() and secret.isprintable() and " " not in secret


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None

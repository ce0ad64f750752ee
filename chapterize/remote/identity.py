"""Identity at the service: address, token, client id, attribution headers, and redaction."""

from __future__ import annotations

import ipaddress
import json
import logging
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chapterize.errors import InputError, OutputError
from chapterize.files import STATE_VARIABLE, explaining, make_private, state_folder
from chapterize.masking import blank_secrets, hide
from chapterize.remote.writer import waiting_turn

__all__ = [
    "ADDRESS_VARIABLE",
    "TOKEN_VARIABLE",
    "Identity",
    "Token",
    "attribution",
    "checked_address",
    "is_loopback",
    "make_private_folder",
    "redact_logs",
    "service_address",
]

ADDRESS = "https://mega-api-prod.nemovideo.ai"
ADDRESS_VARIABLE = "NEMO_API_URL"
TOKEN_VARIABLE = "NEMO_TOKEN"  # noqa: S105 - the name of a variable

_SKILL = "chapter-generator"
_PLATFORMS = ("clawhub", "cursor")
_HOMES = ("home", "users", "documents and settings")
_MOST_CHARACTERS = 4096
_PRIVATE_FILE = 0o600
_LOGGERS = (
    *("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2"),
    *("httpcore.proxy", "httpcore.socks"),
)


@dataclass(frozen=True)
class Token:
    """Authorises requests; `user_id` is None for a token from the environment.

    Its characters are masked in all output from now on.
    """

    secret: str = field(repr=False)
    is_anonymous: bool
    user_id: str | None = None
    expires_at: str | None = None

    def __post_init__(self) -> None:
        hide(self.secret)

    @classmethod
    def starter(cls, entry: Mapping[str, Any]) -> Token | None:
        """Return the starter token in an answer or a stored file; None if it cannot be sent."""
        secret = _text(entry.get("token")) or ""
        if not _is_sendable(secret) or len(secret) > _MOST_CHARACTERS:
            return None
        hide(secret)
        user_id = _text(entry.get("user_id"))
        # The id is shown in the registration link.
        is_safe = user_id is not None and blank_secrets(user_id) == user_id
        return cls(secret, True, user_id if is_safe else None, _text(entry.get("expires_at")))


class _Redaction(logging.Filter):
    """An address may carry a token in its query, and so may the headers of an answer."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = blank_secrets(record.getMessage()), ()
        return True


_REDACTION = _Redaction()


def redact_logs() -> None:
    """Keep tokens out of what the HTTP library logs; safe to call any number of times."""
    for name in _LOGGERS:
        # The filter of a logger does not see the records of its children.
        logging.getLogger(name).addFilter(_REDACTION)


def service_address() -> str:
    """Return the base address of the service, without a trailing slash.

    Raises
    ------
    InputError : ``NEMO_API_URL`` is neither an https address nor http to this machine.
    """
    chosen = os.environ.get(ADDRESS_VARIABLE, "").strip()
    return checked_address(chosen, ADDRESS_VARIABLE) if chosen else ADDRESS


def checked_address(url: str, name: str) -> str:
    """Return scheme, host, port and path of `url`; errors mention the variable `name`.

    Raises
    ------
    InputError : it is neither https nor http to this machine, or contains credentials, a query
        or a fragment.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise _refusal(name, "it is not an address") from error
    if parts.scheme not in ("http", "https") or not host or not url.isprintable() or " " in url:
        raise _refusal(name, "it does not start with https:// and a host")
    if parts.username is not None or parts.password is not None:
        raise _refusal(name, f"it contains a name or password; put the token into {TOKEN_VARIABLE}")
    if parts.query or parts.fragment:
        raise _refusal(name, "it contains more than scheme, host, port and path")
    if parts.scheme == "http" and not is_loopback(host):
        raise _refusal(name, "plain http would expose the token on the network")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def _refusal(name: str, why: str) -> InputError:
    # The message leaves the address out: it may contain a password.
    return InputError(
        f"the address in {name} cannot be used",
        why=why,
        hint=f"set {name} to an https address, or unset it",
    )


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine, by name or loopback address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def attribution(version: str) -> dict[str, str]:
    """Return the headers that name this client: without them the service refuses to export."""
    return {
        "X-Skill-Source": _SKILL,
        "X-Skill-Version": version,
        "X-Skill-Platform": _platform(__file__),
    }


def _platform(installed: str) -> str:
    """The program that installed this package, by the folders of its path on any system."""
    parts = installed.lower().replace("\\", "/").split("/")
    for name in _PLATFORMS:
        for above, part in zip(("", *parts), parts[:-1], strict=False):
            # A user may be called cursor.
            if part == f".{name}" or (part == name and above not in _HOMES):
                return name
    return "unknown"


class Identity:
    """Token and client id of this user, from the environment or from files in `folder`.

    Parameters
    ----------
    address : of the service; a starter token is only used with the service that issued it.
    folder : `state_folder` by default; the files in it have mode 0600.
    """

    def __init__(self, address: str, folder: Path | None = None) -> None:
        self.address = address
        self.folder = folder or state_folder()

    def __repr__(self) -> str:
        return f"Identity({self.address!r})"

    def token(self) -> Token | None:
        """Return the token to use, or None if a starter token must be fetched first.

        Raises
        ------
        InputError : the token in the environment cannot be sent.
        """
        secret = os.environ.get(TOKEN_VARIABLE, "").strip()
        hide(secret)
        if _is_sendable(secret):
            return Token(secret, is_anonymous=False)
        if secret:
            raise InputError(
                f"the token in {TOKEN_VARIABLE} cannot be sent",
                why="it contains spaces or characters outside ASCII",
                hint="copy it again, or unset the variable for a starter token",
            )
        kept = self._read("token.json")
        return Token.starter(kept) if kept.get("address") == self.address else None

    def keep(self, token: Token) -> None:
        """Store a starter token for the next command.

        Raises
        ------
        OutputError : the state folder cannot be written.
        """
        entry = {
            "address": self.address,
            "token": token.secret,
            "user_id": token.user_id,
            "expires_at": token.expires_at,
        }
        self._write("token.json", json.dumps(entry))

    @contextmanager
    def waiting_turn(self, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
        """Let one process at a time fetch and store a token; `on_wait` as of the lock.

        Raises
        ------
        OutputError : the state folder cannot be written.
        """
        make_private_folder(self.folder)
        with waiting_turn(self.folder / "token.lock", on_wait):
            yield

    def client_id(self, *, renew: bool = False) -> str:
        """Return the id that requests for a starter token carry; created once, then stored.

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
        target, temporary = self.folder / name, self.folder / f".{name}.new"
        hint = f"set {STATE_VARIABLE} to another folder"
        with (
            waiting_turn(self.folder / f"{name}.lock"),
            explaining(OutputError, f"cannot write {target}", hint),
        ):
            # The name is fixed: what a killed process has left is replaced. Earlier versions used
            # other names.
            for old in self.folder.glob(f".chapterize-*{target.suffix}"):
                old.unlink(missing_ok=True)
            temporary.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(temporary, flags, _PRIVATE_FILE), "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)


def make_private_folder(folder: Path) -> None:
    """Create `folder`, readable by this user only.

    Raises
    ------
    OutputError : it cannot be created.
    """
    hint = f"set {STATE_VARIABLE} to another folder"
    with explaining(OutputError, f"cannot create the folder {folder}", hint):
        make_private(folder)


def _is_sendable(secret: str) -> bool:
    return bool(secret) and secret.isascii() and secret.isprintable() and " " not in secret


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None

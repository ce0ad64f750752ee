"""Address, token and client id; only the user can read them, and nothing shows them."""

from __future__ import annotations

import json
import secrets
import stat
import uuid
from pathlib import Path

import pytest

from chapterize.errors import InputError, OutputError
from chapterize.masking import blank_secrets
from chapterize.remote import identity as module
from chapterize.remote.identity import (
    ADDRESS,
    Identity,
    Token,
    attribution,
    checked_address,
    is_loopback,
    make_private_folder,
    service_address,
)

SECRET = f"nmv_usr_{secrets.token_hex(16)}"
HERE = "http://127.0.0.1:9"


def test_the_address_can_be_overridden(monkeypatch: pytest.MonkeyPatch) -> None:
    assert service_address() == ADDRESS == "https://mega-api-prod.nemovideo.ai"
    monkeypatch.setenv("NEMO_API_URL", " https://Example.org:8443/base/ ")
    assert service_address() == "https://example.org:8443/base"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_plain_http_is_allowed_to_this_machine(host: str) -> None:
    assert checked_address(f"http://{host}:80", "X") == f"http://{host}:80"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.org", "plain http"),
        ("http://localhost.example.org", "plain http"),
        ("http://0.0.0.0:80", "plain http"),
        ("http://10.0.0.1", "plain http"),
        ("HTTP://EXAMPLE.ORG", "plain http"),
        ("https://user:secret@example.org", "name or password"),
        ("https://secret@example.org", "name or password"),
        ("https://example.org/?token=secret", "more than"),
        ("https://example.org/#secret", "more than"),
        ("ftp://example.org", "https://"),
        ("example.org", "https://"),
        ("https://", "https://"),
        ("https://exa mple.org", "https://"),
        ("https://example.org/\n", "https://"),
        ("https://[::1", "not an address"),
        ("https://example.org:99999", "not an address"),
    ],
)
def test_an_unsafe_address_is_refused_and_not_repeated(url: str, why: str) -> None:
    with pytest.raises(InputError) as caught:
        checked_address(url, "NEMO_API_URL")
    assert why in caught.value.why
    assert "secret" not in str(caught.value) + caught.value.hint
    assert "NEMO_API_URL" in str(caught.value)


@pytest.mark.parametrize("host", ["", "example.org", "127.0.0.1.example.org", "::2", "1270.0.0.1"])
def test_other_hosts_are_not_this_machine(host: str) -> None:
    assert not is_loopback(host)


def test_three_headers_name_the_client() -> None:
    assert attribution("1.2.3") == {
        "X-Skill-Source": "chapter-generator",
        "X-Skill-Version": "1.2.3",
        "X-Skill-Platform": "unknown",
    }


@pytest.mark.parametrize(
    ("path", "platform"),
    [
        ("/home/a/.cursor/skills/chapterize/remote/identity.py", "cursor"),
        ("/home/a/.ClawHub/lib/chapterize/remote/identity.py", "clawhub"),
        ("/home/a/.cursor/extensions/clawhub/chapterize/remote/identity.py", "clawhub"),
        ("/opt/cursory/chapterize/remote/identity.py", "unknown"),
        ("/opt/cursor/chapterize/remote/identity.py", "cursor"),
        ("/home/cursor/.venv/chapterize/remote/identity.py", "unknown"),
        ("/Users/ClawHub/lib/chapterize/remote/identity.py", "unknown"),
        ("/home/cursor/.cursor/skills/chapterize/remote/identity.py", "cursor"),
        ("C:\\Users\\A B\\.Cursor\\skills\\chapterize\\remote\\identity.py", "cursor"),
        ("C:\\Users\\a\\.clawhub/lib\\chapterize\\remote\\identity.py", "clawhub"),
        (r"\\?\D:\Programs\cursor\chapterize\remote\identity.py", "cursor"),
        ("C:\\Users\\cursor\\venv\\chapterize\\remote\\identity.py", "unknown"),
        ("C:\\Users\\a\\cursor-notes\\chapterize\\remote\\identity.py", "unknown"),
    ],
)
def test_the_platform_is_found_in_the_install_path(
    path: str, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "__file__", path)
    assert attribution("1")["X-Skill-Platform"] == platform


def test_only_its_user_can_read_a_starter_token(own_state: Path) -> None:
    one = Identity(HERE)
    assert one.token() is None
    one.keep(Token(SECRET, True, "anon_1", "2026-03-18T00:00:00Z"))
    client_id = one.client_id()
    for name in ("token.json", "client.json"):
        assert stat.S_IMODE((own_state / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(own_state.stat().st_mode) == 0o700
    assert Identity(HERE).token() == Token(SECRET, True, "anon_1", "2026-03-18T00:00:00Z")
    assert Identity(HERE).client_id() == client_id == str(uuid.UUID(client_id))
    assert client_id not in (own_state / "token.json").read_text(encoding="utf-8")


def test_what_a_killed_process_left_of_the_token_is_replaced(own_state: Path) -> None:
    Identity(HERE).client_id()
    for name in (".chapterize-abc12.json", ".token.json.new"):
        (own_state / name).write_text("an old token", encoding="utf-8")
    Identity(HERE).keep(Token(SECRET, True))
    holding = [e for e in own_state.rglob("*") if e.is_file() and "token" in e.read_text()]
    assert [each.name for each in holding] == ["token.json"]
    assert not list(own_state.glob(".*"))
    assert Identity(HERE).token() is not None


def test_a_starter_token_is_used_only_with_its_service() -> None:
    Identity(HERE).keep(Token(SECRET, True))
    assert Identity(ADDRESS).token() is None


def test_a_client_id_is_replaced_only_on_demand() -> None:
    one = Identity(HERE)
    first = one.client_id()
    assert one.client_id() == first
    assert one.client_id(renew=True) != first
    assert one.client_id() == Identity(HERE).client_id() != first


def test_the_users_own_token_takes_precedence(monkeypatch: pytest.MonkeyPatch) -> None:
    Identity(HERE).keep(Token(SECRET, True, "anon_1"))
    monkeypatch.setenv("NEMO_TOKEN", "  mine \n")
    assert Identity(HERE).token() == Token("mine", False)


@pytest.mark.parametrize("secret", ["a b", "grün", "a\tb", "a\nb"])
def test_a_token_that_cannot_be_sent_is_refused_and_not_repeated(
    secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEMO_TOKEN", secret)
    with pytest.raises(InputError, match="NEMO_TOKEN") as caught:
        Identity(HERE).token()
    assert secret not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize(
    "kept",
    ["", "{", "[]", "null", '{"token": 5}', "\x00", '{"address": "https://other", "token": "x"}'],
)
def test_damaged_state_files_are_ignored(kept: str, own_state: Path) -> None:
    own_state.mkdir()
    for name in ("token.json", "client.json"):
        (own_state / name).write_text(kept, encoding="utf-8")
    assert Identity(HERE).token() is None
    uuid.UUID(Identity(HERE).client_id())


@pytest.mark.parametrize("secret", ["a b", "grün", "a\nb", ""])
def test_a_stored_token_that_cannot_be_sent_is_ignored(secret: str) -> None:
    Identity(HERE).keep(Token(secret, True))
    assert Identity(HERE).token() is None


def test_a_state_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot create the folder") as caught:
        make_private_folder(tmp_path / "file" / "state")
    assert "CHAPTERIZE_STATE" in caught.value.hint
    with pytest.raises(OutputError):
        Identity(HERE, tmp_path / "file").client_id()


def test_no_secret_is_shown() -> None:
    token = Token(SECRET, True, "anon_1")
    assert SECRET not in repr(token) + str(token) + repr(Identity(HERE))
    assert json.dumps("anon_1") in json.dumps([token.user_id])
    shown = blank_secrets(f'Bearer {SECRET}", {{"t":"{SECRET}"}} plain')
    assert shown == 'Bearer …", {"t":"…"} plain'

"""A secret is masked by its own characters, whole, in pieces and encoded; other text is kept."""

from __future__ import annotations

import base64
import json
import sys
import threading
import time
from urllib.parse import quote

import pytest

from chapterize import masking
from chapterize.masking import blank_secrets, hide, without_secrets

PLAIN = "Kd83-hslQ_02.xmMz/74+bb"
REGISTERED = "nmv_usr_5f0e1d9c8b7a69584736"


@pytest.fixture
def hidden() -> None:
    hide(PLAIN)
    hide(REGISTERED)


@pytest.mark.usefixtures("hidden")
@pytest.mark.parametrize("secret", [PLAIN, REGISTERED])
@pytest.mark.parametrize("text", ["{}", "a {} b", "Bearer {}.", "x{}y", '{{"t": "{}"}}', "t={}&b"])
def test_a_known_secret_is_masked_wherever_it_is(secret: str, text: str) -> None:
    shown = blank_secrets(text.format(secret))
    assert "…" in shown
    assert secret[-8:] not in shown
    assert shown[0] == text.format("…")[0]


def test_what_looks_like_a_token_is_masked_although_it_is_not_known() -> None:
    assert blank_secrets("a nmv_usr_abc123 b") == "a … b"


def test_a_token_is_masked_whole_although_its_start_is_a_piece_of_another() -> None:
    hide("Zq83 nmv_usr_Zq83")
    assert blank_secrets("no nmv_usr_abc123def456 left") == "no … left"


@pytest.mark.usefixtures("hidden")
@pytest.mark.parametrize("secret", [PLAIN, REGISTERED])
def test_both_halves_of_a_secret_are_masked(secret: str) -> None:
    """They may come in two events, or on two lines."""
    middle = len(secret) // 2 + 2
    for half in (secret[:middle], secret[middle:]):
        assert blank_secrets(f"is {half} yours?") == "is … yours?"
    assert blank_secrets(f"{secret[:middle]}\n{secret[middle:]}") == "…\n…"


@pytest.mark.usefixtures("hidden")
def test_an_encoded_secret_is_masked() -> None:
    assert "hslQ" not in blank_secrets(f"https://a/b?t={quote(PLAIN, safe='')}&c=d")
    for before in ("", ":", "Bearer ", "xyz"):
        for after in ("", ":", "ab"):
            content = f"{before}{PLAIN}{after}".encode()
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                encoded = encode(content).decode()
                shown = blank_secrets(f"Basic {encoded}")
                assert "…" in shown
                kept = max(shown.removeprefix("Basic ").split("…"), key=len)
                # What is encoded together with other text may be kept at both ends.
                assert len(kept) <= len(before + after) * 2 + 4


def test_a_short_secret_does_not_blank_ordinary_words() -> None:
    hide("video")
    text = "Export the video of my videos."
    assert blank_secrets(text) == text
    for named in ("Bearer video", "token: video", '"token": "video"', "key=video"):
        assert "video" not in blank_secrets(named)
    assert blank_secrets("token videos") == "token videos"


def test_a_word_that_is_part_of_a_secret_is_kept() -> None:
    hide("my-chapterize-secret-4711-abcd")
    text = "chapterize remote resume: a secret, abcd, 4711: sécret 秘密 " * 3
    assert blank_secrets(text) == text
    assert blank_secrets("chapterize-secret") == "…"


def test_a_long_part_of_a_secret_of_letters_is_masked() -> None:
    hide("qwertzuiopasdfghjklyxcvbnm")
    assert blank_secrets("a qwertzuiopasd b") == "a … b"


@pytest.mark.parametrize("secret", ["", "a", "x" * 5000, 'with "quotes" and \\'])
def test_any_secret_can_be_hidden(secret: str) -> None:
    hide(secret)
    hide(secret)
    assert blank_secrets("nothing here") == "nothing here"
    if len(secret) > 8:
        assert blank_secrets(f"a {secret} b") == "a … b"


@pytest.mark.usefixtures("hidden")
def test_a_json_value_stays_one() -> None:
    value = {
        f"key {PLAIN}": [f"{REGISTERED}\nnext", 'a"b', 1, None, True],
        "nmv_usr_abc": (f'nmv_usr_abc"{PLAIN}', {"deep": REGISTERED}),
    }
    masked = without_secrets(value)
    assert masked == {"key …": ["…\nnext", 'a"b', 1, None, True], "…": ['…"…', {"deep": "…"}]}
    assert json.loads(json.dumps(masked)) == masked


def test_a_secret_may_be_hidden_while_another_thread_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    interval = sys.getswitchinterval()
    monkeypatch.setattr(masking, "_forms", lambda secret: ())

    def hide_many() -> None:
        for n in range(50_000):
            hide(f"{n:08}")

    adding = threading.Thread(target=hide_many)
    sys.setswitchinterval(1e-6)
    try:
        adding.start()
        while adding.is_alive():
            assert blank_secrets("a title") == "a title"
    finally:
        adding.join()
        sys.setswitchinterval(interval)


@pytest.mark.usefixtures("hidden")
def test_every_part_of_eight_characters_is_masked() -> None:
    # The public start of a token is shown.
    for own in (PLAIN, REGISTERED.removeprefix("nmv_usr_")):
        for at in range(len(own) - 7):
            assert "…" in blank_secrets(f"a{own[at : at + 8]}z")


@pytest.mark.usefixtures("hidden")
def test_a_long_text_is_masked_at_once() -> None:
    text = "x y" * 3_000_000
    started = time.monotonic()
    assert blank_secrets(text) == text
    assert time.monotonic() - started < 5.0

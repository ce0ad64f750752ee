"""Waits are those of the contract, and only a service on this machine is asked faster."""

from __future__ import annotations

from dataclasses import fields

import pytest

from chapterize.remote.waits import Waits

HERE = "http://127.0.0.1:8000"
UNPACED = {"connect", "answer", "upload"}


def test_the_waits_of_the_contract() -> None:
    waits = Waits()
    assert (waits.limited, waits.poll, waits.tell) == (30, 30, 120)
    assert (waits.broken, waits.unchanged, waits.n_unchanged) == (30, 60, 5)
    assert (waits.stall, waits.run) == (600, 900)


def test_a_pace_is_a_factor_on_waits_and_not_on_answers_or_counts() -> None:
    waits, fast = Waits(), Waits().paced(0.01)
    for name in (each.name for each in fields(Waits)):
        is_kept = name in UNPACED or name.startswith("n_")
        factor = 1.0 if is_kept else 0.01
        assert getattr(fast, name) == getattr(waits, name) * factor, name


@pytest.mark.parametrize("address", [HERE, "http://localhost:1", "http://[::1]:1", "https://[::1]"])
def test_a_service_on_this_machine_may_be_asked_faster(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Waits.for_address(address) == Waits()
    monkeypatch.setenv("CHAPTERIZE_PACE", "0.5")
    assert Waits.for_address(address) == Waits().paced(0.5)


@pytest.mark.parametrize(
    "address", ["https://mega-api-prod.nemovideo.ai", "https://localhost.example.org", "https://"]
)
def test_a_service_far_away_is_not(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPTERIZE_PACE", "0.001")
    assert Waits.for_address(address) == Waits()


@pytest.mark.parametrize("pace", ["", "fast", "-1", "nan", "inf", "1e9", "0,5"])
def test_a_pace_that_is_none_changes_nothing(pace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPTERIZE_PACE", pace)
    assert Waits.for_address(HERE) == Waits()

"""All checks together."""

from __future__ import annotations

import pytest

from chapterize.doctor import Check, Plan, can_draft, examine, machine, models
from tests.doctor.conftest import SECRET, Host


@pytest.mark.slow
def test_every_failed_check_has_a_remedy_on_one_line() -> None:
    checks = list(examine(Plan(device="cpu")))
    assert can_draft(checks)
    for check in checks:
        assert bool(check.remedy) == (check.status != "ok"), check
        assert "\n" not in check.detail + check.remedy


@pytest.mark.slow
def test_without_online_no_request_is_sent(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMO_API_URL", host)
    monkeypatch.setenv("HF_ENDPOINT", host)
    plan = Plan(device="cpu", embedder="some/model", model="tiny")
    names = {check.name for check in examine(plan)}
    assert Host.requests == []
    assert "default model" in names
    online = {check.name for check in examine(plan, online=True)} - names
    assert online == {"model hub", "remote service"}
    assert len(Host.requests) == 2


@pytest.mark.slow
def test_a_check_that_raises_does_not_hide_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def break_down() -> Check:
        raise RuntimeError(f"no\nidea {SECRET}")

    monkeypatch.setattr(machine, "check_emoji", break_down)
    monkeypatch.setattr(models, "check_artefacts", break_down)
    found = {check.name: check for check in examine(Plan(device="cpu"))}
    assert (found["emoji"].status, found["models"].status) == ("warning", "problem")
    assert found["models"].detail == "the check itself failed, RuntimeError: no idea …"
    assert found["token"].status == "ok"

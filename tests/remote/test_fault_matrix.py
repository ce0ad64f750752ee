"""Every call of the service meets every fault, and a delivery still ends well.

That is: with the service's video, with a local video and the reason, or with an error of this
package; nothing paid twice, no partial file, no token revealed.
"""

from __future__ import annotations

import os
import shutil
import ssl
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest

from chapterize.data import Chapters
from chapterize.deliver import Choice, Conversation, Delivered, DeliverOptions, Delivery
from chapterize.errors import ChapterizeError, RemoteError
from chapterize.media import open_media
from chapterize.remote import answers, client, downloads
from chapterize.remote.brief import BriefOptions
from chapterize.remote.identity import Identity
from chapterize.remote.request import Waits
from tests.conftest import H264, MakeMedia
from tests.fake_service import (
    CALLS,
    FakeService,
    render_calls,
    running_service,
)
from tests.remote.matrix_faults import FAULTS, impatient, reset
from tests.remote.users import FakeUser

pytestmark = pytest.mark.slow

CHAPTERS = Chapters.from_starts([0.0, 12.0, 24.0], ["Opening", "Bees | honey", "Schluß"], 36.0)
WAITS = replace(Waits().paced(0.0002), answer=5.0, upload=5.0, silence=5.0)


@dataclass
class Scene:
    """A fake service, a video, and everything that its deliveries showed."""

    fake: FakeService
    video: Path
    folder: Path
    state: Path
    user: FakeUser = field(default_factory=FakeUser)
    waits: Waits = WAITS
    ends: list[str] = field(default_factory=list)

    @property
    def identity(self) -> Identity:
        return Identity(self.fake.base, self.state)

    def deliver(self, where: str = "auto") -> Delivered | ChapterizeError:
        options = DeliverOptions(BriefOptions(), where)
        delivery = Delivery(self.identity, options, self.user, lambda offer: Choice.SEND)
        targets = delivery.targets(open_media(self.video), self.folder / "talk-chapters.mp4")
        try:
            made = delivery.deliver(targets, CHAPTERS)
        except ChapterizeError as error:
            self.ends.append("".join(traceback.format_exception(error)))
            return error
        self.ends.append(repr(made))
        return made


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, video: Path) -> Iterator[FakeService]:
    """One service for all cases; a render is the video as it was sent, made at once."""
    context = ssl.create_default_context()
    with pytest.MonkeyPatch.context() as patch:
        # No case uses TLS, but reading the certificates takes longer than everything else.
        patch.setattr(ssl, "create_default_context", lambda *_, **__: context)
        # No case cuts the power either.
        patch.setattr(os, "fsync", lambda _: None)
        patch.setattr(render_calls, "make_mp4", lambda _, target, __: shutil.copy(video, target))
        with running_service(tmp_path_factory.mktemp("matrix")) as fake:
            yield fake


@pytest.fixture(scope="module")
def video(make_media: MakeMedia) -> Path:
    """36 frames: examining the video takes most of the time of a case."""
    source = ("-f", "lavfi", "-i", "testsrc=size=64x36:rate=1:duration=36")
    return make_media("talk.mp4", *source, *H264)


@pytest.fixture
def scene(
    service: FakeService,
    video: Path,
    tmp_path: Path,
    own_state: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Scene:
    reset(service)
    folder = tmp_path / "out"
    folder.mkdir()
    made = Scene(service, video, folder, own_state)
    monkeypatch.setattr(Waits, "for_address", classmethod(lambda cls, address: made.waits))
    monkeypatch.setattr(httpx.Client, "send", impatient(service, httpx.Client.send))
    # What never ends is left sooner.
    monkeypatch.setattr(answers, "_MOST_BYTES", 500_000)
    monkeypatch.setattr(client, "_MOST_REPLY_BYTES", 500_000)
    monkeypatch.setattr(downloads, "_HEADROOM", 500_000)
    monkeypatch.setattr(downloads, "_BYTES_PER_SECOND", 10_000)
    return made


ONCE, ALWAYS = 1, 10_000
POINTS = {call: (call, 0) for call in CALLS if call != "cancel"} | {
    # The state is read before and after the message, and before the render.
    "state-after-message": ("state", 1),
    "state-before-render": ("state", 4),
}
LOST = frozenset(("timeout-processed", "reset-within", "reset-after", "truncated"))
"""The call is carried out, but its answer does not arrive."""
BROKEN = LOST | {"http-500-processed"}
LINE = LOST | {"timeout", "reset-before"}
BUSY = frozenset(("http-429", "http-500", "http-500-processed"))
BUSY |= {"http-502", "http-503", "http-504"}
GARBLED = frozenset(("bad-json", "wrong-types", "wrong-types-whole"))
"""The call is carried out, but its answer makes no sense."""
PASSING = frozenset(("no-json", "page", "trickle", "trickle-head", "endless", "endless-video"))
"""The call is not carried out, and its answer makes no sense or has no end."""
VAGUE = frozenset(("failure-envelope", "code-4001", "code-4002"))
VAGUE |= {"http-302", "http-400", "http-403", "http-404"}
"""Refusals that say nothing about a render."""
HARMLESS = frozenset(FAULTS)

SURVIVED_ONCE: dict[str, frozenset[str]] = {
    "anonymous-token": (
        BUSY - BROKEN | PASSING | {"timeout", "reset-before", "code-1002", "http-400"}
    ),
    "session": LINE | BUSY | GARBLED | PASSING | {"code-1002"},
    "upload": LINE | BUSY | GARBLED | PASSING | {"code-1002"},
    "run": BROKEN | GARBLED | {"http-429", "code-1002"},
    "credits": HARMLESS,
    "state": LINE | BUSY | GARBLED | PASSING | {"code-1002"},
    "render": LINE | BUSY | GARBLED | PASSING,
    "render-status": LINE | BUSY | GARBLED | PASSING | VAGUE,
    "download": LINE | BUSY | GARBLED | PASSING,
    "cdn": HARMLESS,
}
SURVIVED_ALWAYS: dict[str, frozenset[str]] = {
    "upload": BROKEN | GARBLED,
    "run": BROKEN | GARBLED,
    "credits": HARMLESS,
    "render": BROKEN | GARBLED,
    # A video is not JSON, so its types cannot be changed.
    "download": GARBLED - {"bad-json"},
    "cdn": HARMLESS,
}
"""Faults in spite of which the service's video arrives; all others lead to a local video."""
# A call without retries ends as it does at the first fault.
LASTING = (
    *("timeout", "timeout-processed", "reset-before", "reset-after", "code-1001", "code-1002"),
    *("http-400", "http-429", "http-500-processed", "http-503", "bad-json"),
    *("page", "trickle", "trickle-head", "endless", "endless-video"),
)


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("point", POINTS)
def test_one_fault(scene: Scene, point: str, name: str) -> None:
    call, n_before = POINTS[point]
    made = delivered(scene, point, name, ONCE)
    # Once the message is sent, starting over would pay for it again: the user decides.
    survives = name in SURVIVED_ONCE[call] and (name != "code-1002" or n_before == 0)
    assert (made.where == "remote") == survives, made.reason
    if made.where == "local" and made.session is not None:
        check_resume(scene, made.session)


@pytest.mark.parametrize("name", LASTING)
@pytest.mark.parametrize("point", POINTS)
def test_a_lasting_fault(scene: Scene, point: str, name: str) -> None:
    made = delivered(scene, point, name, ALWAYS)
    survived = SURVIVED_ALWAYS.get(POINTS[point][0], frozenset())
    assert (made.where == "remote") == (name in survived), made.reason


@pytest.mark.parametrize("name", ["reset-before", "code-2001", "bad-json"])
@pytest.mark.parametrize("point", [point for point in POINTS if point not in ("credits", "cdn")])
def test_without_the_fallback_the_error_is_clear(scene: Scene, point: str, name: str) -> None:
    call, _ = plan_fault(scene, point, name, ALWAYS)
    made = scene.deliver("remote")
    if isinstance(made, Delivered):
        assert name in SURVIVED_ALWAYS.get(call, frozenset())
    else:
        assert isinstance(made, RemoteError)
        assert made.what
        assert made.why
        assert list(scene.folder.iterdir()) == []
    check_charges(scene)
    check_secrets(scene)


GIVING_UP = [(name, ONCE) for name in FAULTS] + [(name, ALWAYS) for name in LASTING]


@pytest.mark.parametrize(("name", "times"), GIVING_UP)
def test_cancelling(scene: Scene, name: str, times: int) -> None:
    hurried = replace(WAITS, render=0.0, whole=0.3 if name.startswith("trickle") else WAITS.whole)
    scene.waits = hurried
    scene.fake.switches.slow_render = 10_000
    made = scene.deliver()
    assert isinstance(made, Delivered)
    assert made.reason.startswith("the render is not finished")
    scene.fake.fail("cancel", FAULTS[name], times)
    n_before = len(scene.fake.calls("render"))
    try:
        Conversation(scene.identity, scene.user).cancel()
    except ChapterizeError as error:
        scene.ends.append("".join(traceback.format_exception(error)))
    assert scene.fake.calls("cancel")
    assert len(scene.fake.calls("render")) == n_before
    check_charges(scene)
    check_secrets(scene)


def plan_fault(scene: Scene, point: str, name: str, times: int) -> tuple[str, int]:
    call, skip = POINTS[point]
    if name.startswith("trickle"):
        scene.waits = replace(WAITS, whole=0.3, upload=0.3)
    if call == "download":
        scene.fake.switches.output_url = "none"
    scene.fake.fail(call, FAULTS[name], times, skip)
    return call, skip


def delivered(scene: Scene, point: str, name: str, times: int) -> Delivered:
    """The result of a delivery that meets a fault; everything else is checked too."""
    call, skip = plan_fault(scene, point, name, times)
    made = scene.deliver()
    assert isinstance(made, Delivered), made
    assert len(scene.fake.calls(call)) > skip, "the fault was never met"
    check_files(scene, made)
    check_charges(scene)
    check_secrets(scene)
    return made


def check_files(scene: Scene, made: Delivered) -> None:
    """The files of the result exist, and no others."""
    names = {made.path, made.listing} - {None}
    assert set(scene.folder.iterdir()) == names
    assert made.path.stat().st_size > scene.video.stat().st_size
    if made.where == "local":
        assert made.reason
        assert made.next_steps
        assert made.listing is not None
    else:
        assert made.reason == ""


def check_charges(scene: Scene) -> None:
    """One message and one render in total, each charged once."""
    fake = scene.fake
    assert all(n == 1 for n in Counter((m.session, m.text) for m in fake.messages).values())
    edits = Counter(charge.session for charge in fake.charges if charge.what == "edit")
    assert edits == Counter(message.session for message in fake.messages)
    assert edits.total() <= 1
    renders = Counter(charge.what for charge in fake.charges)
    assert renders["render"] <= 1
    assert renders["refund"] <= renders["render"]
    assert fake.complaints == []
    assert fake.unauthorised_leaks == []


def check_secrets(scene: Scene) -> None:
    """No token is shown, nor in any file but that of tokens."""
    kept = [path for path in scene.state.rglob("*") if path.is_file() and path.name != "token.json"]
    words = "".join(
        [
            *scene.ends,
            *scene.user.shown,
            *scene.user.details,
            *(path.read_text(encoding="utf-8") for path in kept),
        ]
    )
    assert "nmv_usr_" not in words
    assert not any(token in words for token in scene.fake.tokens)


def check_resume(scene: Scene, session: str) -> None:
    """Resumed without faults, the message is not sent and nothing is paid a second time."""
    scene.fake._planned.clear()
    target = scene.folder / "again.mp4"
    try:
        Conversation(scene.identity, scene.user, session).resume(target=target)
    except ChapterizeError as error:
        scene.ends.append("".join(traceback.format_exception(error)))
    check_charges(scene)
    check_secrets(scene)
    assert not any(path.name.startswith(".") for path in scene.folder.iterdir())

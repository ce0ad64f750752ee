"""The service's copy of a file is compared with the file before anything is paid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chapterize.errors import RemoteRefused
from chapterize.remote.uploads import upload_job
from tests.fake_service import FakeService, faults
from tests.remote.links import Scene, opened_scene


@pytest.fixture
def scene(fake: FakeService, video_mp4: Path, tmp_path: Path) -> Iterator[Scene]:
    with opened_scene(fake, video_mp4, tmp_path / "videos") as made:
        yield made


@pytest.mark.parametrize("seconds", [1.5, 6.5, 30.5])
def test_a_copy_of_another_length_is_refused_before_anything_is_paid(
    seconds: float, scene: Scene
) -> None:
    scene.fake.switches.claims_seconds = seconds
    with pytest.raises(RemoteRefused, match="did not receive the file as it is") as refused:
        scene.carry()
    assert refused.value.why == f"it lasts {seconds:.1f} s there, and 4.0 s here"
    assert scene.charges == {}
    assert scene.texts == []
    # The next run uploads it again, to a new session.
    scene.fake.switches.claims_seconds = 0.0
    scene.carry()
    assert len(scene.fake.sessions) == 2
    assert scene.charges == {"edit": 1, "render": 1}


@pytest.mark.parametrize("seconds", [2.1, 5.9])
def test_a_copy_of_about_the_same_length_is_accepted(seconds: float, scene: Scene) -> None:
    scene.fake.switches.claims_seconds = seconds
    scene.carry()
    assert scene.charges == {"edit": 1, "render": 1}


def test_the_length_is_compared_although_the_answer_was_lost(scene: Scene) -> None:
    scene.fake.switches.claims_seconds = 30.5
    scene.fake.fail("upload", faults.reset_after())
    with pytest.raises(RemoteRefused, match="did not receive the file as it is"):
        scene.carry()
    assert scene.charges == {}


@pytest.mark.parametrize(
    "row",
    # The contract states no size: the service may keep the file in another form.
    [
        {},
        {"duration": 4},
        *({"duration": each} for each in (None, 0, True, "four")),
        {"size": 1000},
    ],
)
def test_an_answer_without_a_length_is_accepted(
    row: dict[str, object], scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def upload(*arguments: object) -> tuple[dict[str, object], ...]:
        return ({"filename": "talk.mp4", **row},)

    with scene.run() as link:
        link.journal.add_job(scene.job)
        monkeypatch.setattr(link.client, "upload_files", upload)
        upload_job(link, "1", scene.job)

"""The offer before an upload: accepted or not, remedy, duration, unclear transitions."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.data import Chapter, Chapters
from chapterize.deliver.offer import MOST_BYTES, Offer, make_offer, offer_json, upload_name
from chapterize.media import open_media
from chapterize.remote.answers import ACCEPTED
from chapterize.remote.brief import BriefOptions
from chapterize.remote.identity import Identity, Token
from tests.deliver.scene import CHAPTERS, TITLES
from tests.fake_service import FakeService


def offer_of(path: Path, chapters: Chapters = CHAPTERS) -> Offer:
    identity = Identity("https://service.example:8443/base")
    return make_offer(open_media(path), chapters, BriefOptions(), identity)


def with_confidence(*confidences: float | None) -> Chapters:
    ends = [*range(1, len(confidences)), 4.0]
    return Chapters(
        tuple(
            Chapter(float(n), float(ends[n]), f"T{n}", confidence=each)
            for n, each in enumerate(confidences)
        ),
        4.0,
    )


def test_an_offer_sends_nothing_and_writes_nothing(
    talk: Path, fake: FakeService, tmp_path: Path
) -> None:
    offer = offer_of(talk)
    assert fake.history == []
    assert not (tmp_path / "state").exists()
    assert offer.is_accepted
    assert (offer.name, offer.host) == (talk.name, "service.example:8443")
    cloud = "the cloud service of NemoVideo (a company's cloud outside this machine)"
    assert offer.service == f"service.example:8443, {cloud}"
    assert all(title in offer.message for title in TITLES)


@pytest.mark.parametrize("suffix", ACCEPTED)
def test_accepted_formats_keep_their_names(suffix: str, talk: Path) -> None:
    media = open_media(talk)
    named = replace(media, path=Path(f"talk.{suffix.upper()}"))
    assert upload_name(named) == f"talk.{suffix.upper()}"


@pytest.mark.parametrize("kind", ["audio_ogg", "audio_flac"])
def test_other_formats_are_not_accepted_and_the_remedy_lists_those_that_are(
    kind: str, request: pytest.FixtureRequest
) -> None:
    offer = offer_of(request.getfixturevalue(kind))
    assert not offer.is_accepted
    assert offer.obstacle.startswith("the service does not accept ")
    assert all(each in offer.remedy for each in ACCEPTED)
    assert offer.proxy is None


@pytest.mark.parametrize("suffix", [".m4v", ".qt", ".bin", ""])
def test_the_content_decides_the_name_if_the_suffix_does_not(
    suffix: str, video_mp4: Path, tmp_path: Path
) -> None:
    odd = Path(shutil.copy(video_mp4, tmp_path / f"talk{suffix}"))
    assert offer_of(odd).name == "talk.mp4"


def test_the_limit_is_accepted_and_one_byte_more_is_not(talk: Path) -> None:
    media = replace(open_media(talk), size_bytes=MOST_BYTES, duration=3600.0)
    identity, brief = Identity("https://service.example"), BriefOptions()
    assert make_offer(media, CHAPTERS, brief, identity).is_accepted
    large = make_offer(replace(media, size_bytes=MOST_BYTES + 1), CHAPTERS, brief, identity)
    assert large.obstacle == "it is 500.0 MB, and the service accepts at most 499.9 MB"
    assert large.proxy is not None
    assert large.proxy.size_bytes <= MOST_BYTES
    assert f"at most {large.proxy.size_bytes / 1e6:.1f} MB" in large.remedy
    # Ten days in 500 MB would be unwatchable.
    endless = replace(media, size_bytes=MOST_BYTES + 1, duration=864_000.0)
    offer = make_offer(endless, CHAPTERS, brief, identity)
    assert (offer.proxy, offer.remedy) == (None, "trim it")


def test_a_sparse_file_over_500_mb_is_measured_without_reading_it(talk: Path) -> None:
    with talk.open("ab") as file:
        file.truncate(501_000_000)
    offer = offer_of(talk)
    assert offer.size_bytes == 501_000_000
    assert offer.obstacle == "it is 501.0 MB, and the service accepts at most 499.9 MB"
    assert offer.proxy is not None


def test_the_duration_of_the_upload_follows_from_the_rate(talk: Path) -> None:
    offer = replace(offer_of(talk), size_bytes=125_000_000)
    assert offer.upload_seconds(10.0) == pytest.approx(100.0)
    assert offer_json(offer, 10.0)["upload_seconds"] == 100.0
    assert offer_json(offer, None)["upload_seconds"] is None


def test_unclear_transitions_are_listed_by_chapter(talk: Path) -> None:
    assert offer_of(talk, with_confidence(0.1, 0.9, 0.29, 0.3)).weak == (3,)
    assert offer_of(talk, with_confidence(1.0, 0.9)).weak == ()
    assert offer_of(talk, with_confidence(None, None)).weak is None
    rows = offer_json(offer_of(talk, with_confidence(0.1, 0.9, 0.29)), None)["chapters"]
    assert [row["is_weak"] for row in rows] == [False, False, True]


def test_only_a_new_user_is_offered_starter_credits(
    talk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "100 free" in offer_of(talk).cost
    monkeypatch.setenv("NEMO_TOKEN", "made-up")
    assert "free" not in offer_of(talk).cost
    monkeypatch.delenv("NEMO_TOKEN")
    Identity("https://service.example:8443/base").keep(Token("made-up", True, "anon"))
    assert "free" not in offer_of(talk).cost


def test_the_json_contains_everything_that_is_shown(talk: Path) -> None:
    found = json.loads(json.dumps(offer_json(offer_of(talk), 10.0)))
    assert found["is_accepted"] is True
    assert found["obstacle"] is None
    assert [row["title"] for row in found["chapters"]] == list(TITLES)
    assert found["message"].count("->") == len(TITLES)
    assert set(found) >= {"source", "host", "size_bytes", "remedy", "proxy", "cost", "duration"}

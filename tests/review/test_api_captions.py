"""What the server answers about drafts of all kinds: hostile captions, none, and other scripts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from chapterize.data import Chapters, Pause, Sentence, Signals
from chapterize.pipeline import Draft, Options, make_draft
from chapterize.review import Project
from chapterize.review.api import Api
from chapterize.review.server import Review
from chapterize.segment import SegmentOptions
from tests.review.browser_double import Browser
from tests.review.test_api import SCRIPT
from tests.texts import cues, write_srt

CHINESE = ("面包需要面粉和水。", "揉面让面筋变强。", "今天我们看星星。", "望远镜能看到土星的光环。")


def test_captions_are_text(tmp_path: Path, state: Path, draft: Draft) -> None:
    spoken = (replace(draft.sentences[0], text=SCRIPT), *draft.sentences[1:])
    found = replace(draft, sentences=spoken, notes=(SCRIPT,))
    browser = Browser(Review(Api(Project(found, state))))
    for path in ("/api/transcript", "/api/project", "/api/why?start=10"):
        answer = browser.get(path)
        assert answer.headers["content-type"] == "application/json"
        assert SCRIPT in str(answer.json)


def test_without_words_there_are_numbers_and_pauses(draft: Draft, state: Path) -> None:
    silent = replace(
        draft,
        transcript=replace(draft.transcript, cues=()),
        sentences=tuple(Sentence(s.start, s.end, "") for s in draft.sentences),
        signals=Signals((Pause(1.0, 2.5),), (30.0, 60.5)),
    )
    browser = Browser(Review(Api(Project(silent, state))))
    shown = browser.get("/api/project").json
    assert shown["is_captioned"] is False
    assert shown["slides"] == [30.0, 60.5]
    assert shown["chapters"][0]["sentence"] is None
    assert browser.get("/api/transcript").json["texts"] == []
    assert browser.get("/api/curve").json["pauses"] == [[1000, 2500]]
    assert browser.get("/api/why?start=50").json["before"] == []
    titles = browser.post("/api/titles", {"starts": [0, 50]}).json["titles"]
    assert titles == ["Chapter 1", "Chapter 2"]
    assert browser.get("/api/suggest?start=0&end=50").json["titles"] == []


def test_a_single_chapter_is_no_special_case(state: Path, draft: Draft) -> None:
    one = replace(draft, chapters=Chapters.from_starts([0], ["All"], draft.media.duration))
    browser = Browser(Review(Api(Project(one, state))))
    assert len(browser.get("/api/project").json["chapters"]) == 1
    assert browser.get("/api/count/1").json["chapters"][0]["title"] == "All"


def test_a_language_without_spaces_has_suggestions_too(tmp_path: Path, state: Path) -> None:
    talk = [replace(cue, text=text) for cue, text in zip(cues(), CHINESE * 4, strict=False)]
    options = Options(segment=SegmentOptions(count=2), language="zh")
    found = make_draft(write_srt(tmp_path / "zh.srt", tuple(talk)), options)
    browser = Browser(Review(Api(Project(found, state))))
    assert browser.get("/api/suggest?start=0&end=20").json["titles"]

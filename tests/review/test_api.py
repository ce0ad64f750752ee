"""What the server answers about the chapters, the transcript and other divisions."""

from __future__ import annotations

import errno
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from chapterize.pipeline import Draft, Options, make_draft
from chapterize.review import Project
from chapterize.review.api import Api
from chapterize.segment import SegmentOptions
from tests.review.browser_double import Answer, Browser
from tests.review.conftest import rows
from tests.texts import TOPICS, cues, write_srt

SCRIPT = "</script><script>alert('x')</script><img src=x onerror=alert(1)>"


def lock(browser: Browser, at: int, shift: float = 0.0) -> Answer:
    mine = rows(browser.review.api.project)
    mine[at]["is_locked"] = True
    mine[at]["start"] += shift
    version = browser.review.api.project.version
    return browser.put("/api/chapters", {"chapters": mine, "gesture": "lock"}, version)


def test_the_project_has_all_that_the_page_shows_first(browser: Browser, draft: Draft) -> None:
    shown = browser.get("/api/project").json
    assert shown["name"] == "talk.srt"
    assert (shown["duration"], shown["language"]) == (draft.media.duration, "en")
    assert shown["is_captioned"] is True
    assert (shown["has_video"], shown["has_audio"]) == (False, False)
    assert (shown["version"], shown["can_undo"], shown["can_redo"]) == (1, False, False)
    assert shown["first"] == shown["chapters"]
    assert shown["count"]["chosen"] == 6
    assert shown["count"]["most"] == max(draft.boundaries.solutions)
    assert shown["count"]["granularities"] == {"coarse": 4, "normal": 6, "fine": 9}
    assert shown["count"]["likely"] is None
    assert {"name": "webvtt", "label": "WebVTT", "suffix": ".vtt"} in shown["formats"]
    assert [each["id"] for each in shown["platforms"][:3]] == ["youtube", "spotify", "apple"]
    first, second = shown["chapters"][:2]
    assert first["end"] == second["start"]
    assert 0 <= second["confidence"] <= 1
    texts = browser.get("/api/transcript").json["texts"]
    start = int(second["start"] * 1000)
    starts = browser.get("/api/transcript").json["starts"]
    assert abs(starts[second["sentence"]] - start) <= 500
    assert texts[0] == TOPICS[0][0]


def test_a_short_file_has_few_chapters_and_room_for_more(tmp_path: Path) -> None:
    path = write_srt(tmp_path / "talk.srt", cues(seconds=7.0))
    draft = make_draft(path, Options(segment=SegmentOptions(granularity="coarse")))
    assert 150 < draft.media.duration < 200
    api = Api(Project(draft, tmp_path / "edits.json"))
    assert api.show()["count"]["granularities"] == {"coarse": 1, "normal": 2, "fine": 3}
    assert (api.show()["count"]["chosen"], api.show()["notes"]) == (1, [])
    assert [len(api.count(n)["chapters"]) for n in (2, 3, 12)] == [2, 3, 12]


def test_a_boundary_between_sentences_has_no_confidence(browser: Browser) -> None:
    chapters = lock(browser, 2, shift=3.3).json["chapters"]
    assert chapters[2]["confidence"] is None
    assert chapters[2]["is_moved"] is True
    assert chapters[2]["sentence"] > chapters[1]["sentence"]


def test_the_status_is_small_and_has_what_other_parts_add(browser: Browser) -> None:
    browser.review.api.parts["media"] = lambda: {"state": "ready"}
    assert browser.get("/api/status").json == {"version": 1, "media": {"state": "ready"}}
    assert browser.get("/api/project").json["media"] == {"state": "ready"}


def test_the_transcript_is_compressed_for_a_browser(browser: Browser) -> None:
    plain = browser.get("/api/transcript")
    assert "content-encoding" not in plain.headers
    packed = browser.get("/api/transcript", Accept_Encoding="gzip, deflate")
    assert packed.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.content)) == plain.json
    assert set(map(len, (plain.json["starts"], plain.json["ends"], plain.json["texts"]))) == {24}


def test_the_curve_has_one_value_for_each_sentence_and_the_pauses(browser: Browser) -> None:
    curve = browser.get("/api/curve").json
    assert len(curve["starts"]) == len(curve["scores"]) == 24
    assert max(curve["scores"]) == 255
    assert min(curve["scores"]) == curve["scores"][0] == 0
    assert curve["pauses"][0] == [9500, 10000]


def test_a_boundary_says_why(browser: Browser, draft: Draft) -> None:
    start = draft.chapters.starts[1]
    why = browser.get(f"/api/why?start={start}").json
    i = draft.boundaries.solutions[6][1]
    spoken = [each.text for each in draft.sentences]
    assert why["start"] == start
    assert why["before"] == spoken[max(0, i - 3) : i]
    assert why["after"] == spoken[i : i + 3]
    evidence = draft.chapters.chapters[1].evidence
    assert evidence is not None
    assert why["topic_drop"] == evidence.topic_drop
    assert why["heading"] is None
    assert why["words_new"] == list(evidence.words_new)


def test_any_place_says_what_is_near(browser: Browser) -> None:
    middle = browser.get("/api/why?start=123.4").json
    assert middle["start"] == pytest.approx(119.75)
    assert middle["before"]
    assert middle["after"]
    assert browser.get("/api/why?start=0").json["before"] == []
    assert browser.get("/api/why?start=1e9").json["after"] == []
    for bad in ("", "?start=", "?start=x", "?start=-1", "?start=nan", "?start=inf"):
        assert browser.get(f"/api/why{bad}").status == 400


def test_another_count_keeps_ids_and_titles_of_what_is_there(browser: Browser) -> None:
    now = {each["start"]: each for each in browser.get("/api/project").json["chapters"]}
    found = browser.get("/api/count/9").json
    assert found["n"] == len(found["chapters"]) == 9
    for each in found["chapters"]:
        old = now.get(each["start"])
        assert (each["id"], each["title"]) == ((old["id"], old["title"]) if old else (None, None))
    assert sum(each["id"] is None for each in found["chapters"]) == 3
    assert browser.get("/api/project").json["version"] == 1


@pytest.mark.parametrize("count", [2, 3, 5, 9, 12])
def test_locked_boundaries_never_move(browser: Browser, count: int) -> None:
    chapters = lock(browser, 3, shift=2.7).json["chapters"]
    locked = next(each for each in chapters if each["is_locked"])
    found = browser.get(f"/api/count/{count}").json
    same = next(each for each in found["chapters"] if each["start"] == locked["start"])
    assert (same["id"], same["title"], same["is_locked"]) == (
        *(locked["id"], locked["title"]),
        True,
    )
    assert found["kept"] == [locked["id"]]
    assert found["n"] == count


def test_more_chapters_keep_what_a_person_moved_and_retitled(
    browser: Browser, project: Project
) -> None:
    now = rows(project)
    now[2] |= {"start": now[2]["start"] + 7.0, "title": "Mine"}
    mine = browser.put("/api/chapters", {"chapters": now, "gesture": "move"}, 1).json["chapters"]
    for count in (6, 7, 9):
        found = browser.get(f"/api/count/{count}").json["chapters"]
        assert len(found) == count
        same = next(each for each in found if each["id"] == mine[2]["id"])
        assert (same["start"], same["title"]) == (mine[2]["start"], "Mine")


def test_of_fewer_chapters_a_moved_one_stays_where_it_was_moved(
    browser: Browser, project: Project
) -> None:
    kept = browser.get("/api/count/5").json["chapters"][1]["id"]
    now = rows(project)
    at = next(i for i, each in enumerate(now) if each["id"] == kept)
    now[at]["start"] += 3.0
    browser.put("/api/chapters", {"chapters": now, "gesture": "move"}, 1)
    found = browser.get("/api/count/5").json["chapters"]
    assert now[at]["start"] in [each["start"] for each in found]
    assert now[at]["start"] - 3.0 not in [each["start"] for each in found]


def test_a_new_chapter_gets_a_title_that_no_other_has(browser: Browser, project: Project) -> None:
    now = rows(project)
    new = [*now[:2], {"start": now[3]["start"], "title": None}, *now[5:]]
    found = browser.post("/api/titles", {"starts": [each["start"] for each in new]}).json
    new[0]["title"] = found["titles"][2]
    answer = browser.put("/api/chapters", {"chapters": new, "gesture": "split"}, 1)
    titles = [each["title"] for each in answer.json["chapters"]]
    assert titles[2] != titles[0] == found["titles"][2]


def test_hints_for_the_command_line_do_not_reach_the_page(browser: Browser) -> None:
    for text in ("no chapters here", "0:00 One\n9:00:00 Beyond\n"):
        answer = browser.post("/api/paste", {"text": text})
        assert answer.status == 400
        assert answer.error["hint"]
        assert "--" not in answer.error["hint"]


def test_an_impossible_count_is_an_error_that_names_the_range(browser: Browser) -> None:
    for count in ("0", "25", "999999999999"):
        answer = browser.get(f"/api/count/{count}")
        assert answer.status == 400
        assert "1 to" in answer.error["why"]
    for other in ("-1", "x", "2.5", ""):
        assert browser.get(f"/api/count/{other}").status == 404


def test_new_chapters_get_titles(browser: Browser) -> None:
    found = browser.get("/api/count/3").json["chapters"]
    starts = [each["start"] for each in found]
    titles = browser.post("/api/titles", {"starts": starts}).json["titles"]
    assert len(titles) == 3
    assert all(titles)
    bad: Any
    for bad in ({}, {"starts": "x"}, {"starts": [0, None]}, {"starts": []}, {"starts": [0, 0]}):
        assert browser.post("/api/titles", bad).status == 400


def test_applying_a_count_fills_titles_and_is_one_step(browser: Browser, project: Project) -> None:
    found = browser.get("/api/count/9").json["chapters"]
    answer = browser.put("/api/chapters", {"chapters": found, "gesture": "count"}, 1)
    chapters = answer.json["chapters"]
    assert all(each["title"] for each in chapters)
    assert not any(each["is_added"] or each["is_retitled"] for each in chapters)
    assert answer.json["version"] == project.version == 2
    assert browser.post("/api/undo", version=2).json["chapters"] != chapters


def test_a_split_without_a_title_gets_one_and_is_the_persons(browser: Browser) -> None:
    mine = [*rows(browser.review.api.project), {"start": 205.0, "title": None}]
    answer = browser.put("/api/chapters", {"chapters": mine, "gesture": "split"}, 1)
    added = answer.json["chapters"][-1]
    assert added["title"]
    assert added["is_added"] is True
    assert added["is_retitled"] is False


def test_a_chapter_has_up_to_five_different_suggestions(browser: Browser) -> None:
    now = browser.get("/api/project").json["chapters"]
    titles = browser.get(f"/api/suggest?start=0&end={now[1]['start']}").json["titles"]
    assert 2 <= len(titles) <= 5
    assert len(set(titles)) == len(titles)
    last = browser.get(f"/api/suggest?start={now[-1]['start']}&end=240").json["titles"]
    assert last
    assert browser.get("/api/suggest?start=3.3&end=25").json["titles"]
    assert browser.get("/api/suggest?start=999&end=1000").json["titles"] == []
    assert browser.get("/api/suggest?start=1").status == 400


def test_a_change_answers_with_the_new_version_as_etag(browser: Browser) -> None:
    mine = rows(browser.review.api.project)
    mine[1]["title"] = SCRIPT
    answer = browser.put("/api/chapters", {"chapters": mine, "gesture": "retitle"}, 1)
    assert answer.headers["etag"] == '"2"'
    assert answer.json["can_undo"] is True
    assert answer.json["chapters"][1]["title"] == SCRIPT
    assert answer.headers["content-type"] == "application/json"
    again = browser.post("/api/undo", version=2)
    assert (again.json["version"], again.json["can_redo"]) == (3, True)
    assert browser.post("/api/redo", version=3).json["chapters"][1]["title"] == SCRIPT
    assert browser.post("/api/restore", version=4).json["chapters"][1]["title"] != SCRIPT


def test_two_tabs_do_not_overwrite_each_other(browser: Browser) -> None:
    mine = rows(browser.review.api.project)
    theirs = json.loads(json.dumps(mine))
    mine[1]["title"], theirs[1]["title"] = "Mine", "Theirs"
    assert browser.put("/api/chapters", {"chapters": theirs}, 1).status == 200
    answer = browser.put("/api/chapters", {"chapters": mine}, 1)
    assert answer.status == 412
    assert "another tab" in answer.error["what"]
    assert answer.json["current"]["version"] == 2
    assert answer.json["current"]["chapters"][1]["title"] == "Theirs"
    for path in ("/api/undo", "/api/redo", "/api/restore"):
        assert browser.post(path, version=1).status == 412


def test_a_change_without_a_version_is_refused(browser: Browser) -> None:
    mine = rows(browser.review.api.project)
    assert browser.send("PUT", "/api/chapters", {"chapters": mine}).status == 428
    for match in ("*", "x", '"1', "", "1" * 20):
        answer = browser.send("PUT", "/api/chapters", {"chapters": mine}, If_Match=match)
        assert answer.status == (200 if match == '"1' else 428)


def test_a_full_disk_is_reported_and_the_next_try_works(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = rows(browser.review.api.project)
    mine[1]["title"] = "Mine"

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        # The file is renamed only after it is on the disk.
        patch.setattr(Path, "replace", full)
        answer = browser.put("/api/chapters", {"chapters": mine}, 1)
    assert answer.status == 503
    assert answer.error["what"] == "the change could not be saved"
    assert "disk is full" in answer.error["why"]
    shown = browser.get("/api/project").json
    assert (shown["version"], shown["can_undo"]) == (1, False)
    assert shown["chapters"][1]["title"] != "Mine"
    assert browser.put("/api/chapters", {"chapters": mine}, 1).json["version"] == 2


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 100_000),
        *({}, {"chapters": {}}, {"chapters": [1]}, {"chapters": []}),
        *({"chapters": [{"start": start, "title": "T"}]} for start in ("0", None, True, -1)),
        b'{"chapters": [{"start": NaN, "title": "T"}]}',
        b'{"chapters": [{"start": 0, "title": "T"}, {"start": 1e999, "title": "T"}]}',
        {"chapters": [{"start": 0, "title": 7}]},
        {"chapters": [{"start": 0, "title": "T", "id": 7}]},
        {"chapters": [{"start": 0, "title": "T"}, {"start": 900, "title": "T"}]},
        {"chapters": [{"start": 0, "title": "T"}] * 2},
    ],
)
def test_a_malformed_change_is_an_error_and_changes_nothing(browser: Browser, body: Any) -> None:
    answer = browser.put("/api/chapters", body, 1)
    assert answer.status == 400
    assert answer.error["what"]
    assert browser.get("/api/status").json["version"] == 1


def test_a_request_that_is_too_large_is_refused(browser: Browser) -> None:
    assert browser.put("/api/chapters", b"x" * (5 * 1024 * 1024), 1).status == 413

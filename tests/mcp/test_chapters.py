"""The tools draft, check, convert and embed, called by the package's own client."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import chapterize
from chapterize.fingerprint import file_fingerprint
from chapterize.pipeline.edits import edits_file
from chapterize.profiles import FILE_NAME, KeptList, change_profile
from chapterize.review import Project
from chapterize.review.proposals import Proposal
from tests.mcp.agent import agent, failed, files_in, made

pytestmark = pytest.mark.slow

LECTURE = Path(__file__).parents[1] / "data" / "lecture.mp4"


async def test_a_draft_of_captions_is_the_one_that_the_library_makes(folder: Path) -> None:
    before = files_in(folder)
    async with agent(folder) as client:
        found = made(await client.call_tool("draft", {"source": "long.srt"}))
    draft = chapterize.make_draft(folder / "long.srt")
    assert [each["title"] for each in found["chapters"]] == list(draft.chapters.titles)
    assert found["text"] == chapterize.formats.dumps(draft.chapters, "youtube")
    assert found["schema"] == "chapterize.draft/1"
    assert found["output"] is None
    assert files_in(folder) == before


async def test_a_draft_of_a_video_is_written_checked_and_embedded(folder: Path) -> None:
    shutil.copy(LECTURE, folder / "lecture.mp4")
    async with agent(folder) as client:
        drafted = made(
            await client.call_tool("draft", {"source": "lecture.mp4", "output": "lecture.json"})
        )
        assert drafted["output"] == str(folder / "lecture.json")
        checked = made(await client.call_tool("check", {"chapters": "lecture.json"}))
        assert (checked["is_ok"], checked["findings"]) == (True, [])
        embedded = made(
            await client.call_tool("embed", {"media": "lecture.mp4", "chapters": "lecture.json"})
        )
    titles = [each["title"] for each in drafted["chapters"]]
    video = chapterize.open_media(Path(embedded["output"]))
    assert video.path == folder / "lecture-chapters.mp4"
    assert [each.title for each in video.chapters] == titles
    assert embedded["n_chapters"] == len(titles) > 3


async def test_a_draft_keeps_what_was_changed_on_the_review_page(folder: Path) -> None:
    path = folder / "long.srt"
    project = Project(chapterize.make_draft(path), edits_file(file_fingerprint(path)))
    rows = [Proposal(each.start, each.title, id=each.id) for each in project.chapters]
    project.put([replace(rows[0], title="Mine"), *rows[1:]], project.version)
    async with agent(folder) as client:
        kept = made(await client.call_tool("draft", {"source": "long.srt"}))
        alone = made(await client.call_tool("draft", {"source": "long.srt", "keep_edits": False}))
    assert kept["chapters"][0]["title"] == "Mine"
    assert any("1 retitled" in note for note in kept["notes"])
    assert alone["chapters"][0]["title"] != "Mine"


async def test_a_draft_follows_the_profile_of_the_folder_unless_told_otherwise(
    folder: Path,
) -> None:
    fine = [KeptList(f"{n:02x}", 40, 10.0, 0.2, 3, "mixed", False) for n in range(3)]
    change_profile(folder / FILE_NAME, lambda profile: profile.with_lists(fine))
    async with agent(folder) as client:
        found = made(await client.call_tool("draft", {"source": "long.srt"}))
        usual = made(await client.call_tool("draft", {"source": "long.srt", "profile": "none"}))
        wrong = failed(await client.call_tool("draft", {"source": "long.srt", "profile": "none2"}))
    assert found["profile"]["lists"] == 3
    assert usual["profile"] is None
    assert len(found["chapters"]) > len(usual["chapters"])
    assert "there is no profile" in str(wrong)


async def test_a_speech_model_is_only_downloaded_if_that_is_allowed(folder: Path) -> None:
    (folder / "empty hub").mkdir()
    async with agent(folder, HF_HUB_CACHE=str(folder / "empty hub")) as client:
        found = made(await client.call_tool("draft", {"source": "talk.mp4"}))
    assert found["chapters"]
    assert any("with download_model: true" in note for note in found["notes"])
    assert not [*(folder / "empty hub").iterdir()]


async def test_a_title_model_is_only_downloaded_if_that_is_allowed(folder: Path) -> None:
    (folder / "empty hub").mkdir()
    async with agent(folder, HF_HUB_CACHE=str(folder / "empty hub")) as client:
        asked = {"source": "long.srt", "titles": "llm"}
        found = made(await client.call_tool("draft", asked))
        numbered = made(await client.call_tool("draft", {**asked, "titles": "none"}))
    assert any(
        note.startswith("The title model") and "with download_model: true" in note
        for note in found["notes"]
    )
    assert not [*(folder / "empty hub").iterdir()]
    assert numbered["chapters"][0]["title"] == "Chapter 1"


async def test_check_corrects_chapters_and_writes_only_where_it_is_asked_to(folder: Path) -> None:
    (folder / "bad.txt").write_text("0:05 Intro\n2:00 b\n1:00 c\n2:05 d\n", encoding="utf-8")
    before = files_in(folder)
    asked = {"chapters": "bad.txt", "duration": "4:00", "fix": True}
    async with agent(folder) as client:
        plain = made(await client.call_tool("check", {"chapters": "bad.txt", "duration": 240}))
        assert (plain["is_ok"], "text" in plain) == (False, False)
        fixed = made(await client.call_tool("check", asked))
        assert files_in(folder) == before
        written = made(await client.call_tool("check", {**asked, "output": "good.txt"}))
        again = failed(await client.call_tool("check", {**asked, "output": "good.txt"}))
    assert fixed["fixed"]
    assert fixed["is_ok"] is True
    assert (folder / "good.txt").read_text(encoding="utf-8") == fixed["text"] == written["text"]
    assert (again["exit_code"], "exists" in again["what"] + again["why"]) == (5, True)


async def test_convert_returns_the_text_or_writes_it(folder: Path) -> None:
    async with agent(folder) as client:
        shown = made(await client.call_tool("convert", {"source": "long.vtt", "to": "youtube"}))
        assert shown["text"] == "0:00 Opening\n1:00 Bees & honey\n"
        written = made(
            await client.call_tool("convert", {"source": "long.vtt", "output": "new.edl"})
        )
        assert written["format"] == "edl"
        assert written["notes"]
        unknown = failed(await client.call_tool("convert", {"source": "talk.txt", "to": "json"}))
        notes = made(await client.call_tool("convert", {"source": "talk.txt", "to": "ogm"}))
        assert (notes["duration"], notes["text"][:9]) == (None, "CHAPTER01")
        assert "duration" in unknown["what"]
    assert (folder / "new.edl").read_text(encoding="utf-8") == written["text"]


async def test_files_are_kept_unless_force_is_given(folder: Path) -> None:
    target = folder / "kept.vtt"
    target.write_text("mine", encoding="utf-8")
    calls = [
        ("draft", {"source": "long.srt", "output": "kept.vtt"}),
        ("convert", {"source": "long.vtt", "output": "kept.vtt"}),
        ("embed", {"media": "talk.mp4", "chapters": "talk.txt", "output": "talk.mp4"}),
    ]
    video = (folder / "talk.mp4").read_bytes()
    async with agent(folder) as client:
        for name, arguments in calls:
            assert failed(await client.call_tool(name, arguments))["exit_code"] == 5
        assert target.read_text(encoding="utf-8") == "mine"
        assert (folder / "talk.mp4").read_bytes() == video
        for name, arguments in calls:
            assert made(await client.call_tool(name, {**arguments, "force": True}))
    assert target.read_text(encoding="utf-8").startswith("WEBVTT")


async def test_embed_replaces_no_other_chapters_unasked(folder: Path) -> None:
    own = {"media": "talk.mp4", "chapters": "talk.txt", "output": "talk.mp4", "force": True}
    (folder / "other.txt").write_text("0:00 Mine\n0:02 Yours\n", encoding="utf-8")
    async with agent(folder) as client:
        assert made(await client.call_tool("embed", own))
        other = {**own, "chapters": "other.txt"}
        error = failed(await client.call_tool("embed", other))
        assert "other chapters" in error["what"]
        assert "set replace to true" in error["next"]
        assert made(await client.call_tool("embed", {**other, "replace": True}))


@pytest.mark.parametrize(
    ("path", "code"),
    [*((path, 3) for path in ("/dev/zero", "a\0b", "x" * 5000, ".", "~nobody/x")), ("", 2)],
)
async def test_a_path_that_cannot_be_used_is_an_error_and_the_server_goes_on(
    folder: Path, path: str, code: int
) -> None:
    calls = [
        ("draft", {"source": path}),
        ("draft", {"source": "talk.mp4", "captions": path}),
        ("check", {"chapters": path}),
        ("convert", {"source": "long.vtt", "output": path}),
        ("embed", {"media": "talk.mp4", "chapters": path}),
    ]
    before = files_in(folder)
    async with agent(folder) as client:
        for name, arguments in calls:
            assert failed(await client.call_tool(name, arguments))["exit_code"] == code, name
        assert made(await client.call_tool("check", {"chapters": "long.vtt"}))
    assert files_in(folder) == before


@pytest.mark.parametrize("source", ["https://youtu.be/x", "youtu.be/x", "HTTP:/a/b.mp4"])
async def test_a_web_address_is_refused_with_what_to_do(folder: Path, source: str) -> None:
    async with agent(folder) as client:
        error = failed(await client.call_tool("draft", {"source": source}))
    assert error["exit_code"] == 3
    assert "yt-dlp" in error["next"]

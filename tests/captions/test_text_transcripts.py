"""Transcripts that are text with times, pasted or exported, and lists of chapters."""

from __future__ import annotations

from pathlib import Path

import pytest

from chapterize.captions import find_sidecar, is_caption_file, read_captions
from chapterize.errors import FormatError
from tests.captions.written import Write

SAID = (
    (0, "The oven must be hot before the bread goes in."),
    (4, "Put the stone on the lowest shelf of all."),
    (8, "A wet dough sticks, so flour the board well."),
    (12, "Today we also look at how salt slows it down."),
    (17, "Weigh it, and never guess by the spoon."),
)
STARTS = [float(start) for start, _ in SAID]
TEXTS = [text for _, text in SAID]


def clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"


def each(form: str, between: str = "\n") -> str:
    """Every sentence in `form`, which has the time as {m} or {h}, and the end as {end}."""
    lines = [
        form.format(
            m=clock(start), h=f"00:00:{start:02d}", end=f"00:00:{start + 2:02d}", s=start, text=text
        )
        for start, text in SAID
    ]
    return between.join(lines) + "\n"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(each("{m}\n{text}"), id="the page of YouTube"),
        pytest.param("Transcript\n\n" + each("{m}\n{text}"), id="with a heading"),
        pytest.param(each("{m}\n{s} Sekunden\n{text}"), id="with the time for screen readers"),
        pytest.param(each("{m}{s} seconds{text}"), id="with that time on the same line"),
        pytest.param(each("{m} {text}"), id="one line"),
        pytest.param(each("({m}) {text}"), id="in parentheses"),
        pytest.param(each("[{h}] {text}"), id="in brackets"),
        pytest.param(each("[{h}]\n{text}"), id="in brackets above the text"),
        pytest.param(each("[{m}](https://youtu.be/x?t={s}) {text}"), id="Markdown links"),
        pytest.param(each("- **{m}** {text}"), id="a Markdown list"),
        pytest.param("| Time | Text |\n|---|---|\n" + each("| {m} | {text} |"), id="a table"),
        pytest.param(each("Speaker 1  {m}  \n{text}\n"), id="Otter"),
        pytest.param(
            each("{m}  \n{text}\n") + "\nTranscribed by https://otter.ai\n", id="Otter, one speaker"
        ),
        pytest.param(each("ann  {m}  \n{text}\n"), id="Otter, a name in small letters"),
        pytest.param(each("Ann Lee ({m}):\n{text}\n"), id="Rev"),
        pytest.param(each("**Speaker 2 ({m}):**  \n{text}\n"), id="Markdown with speakers"),
        pytest.param(each("**Ann:** \\[{h}\\] {text}\n"), id="Descript, the time after the name"),
        pytest.param(each("[{h}] **Ann:** {text}\n"), id="Descript, the time first"),
        pytest.param(each("{h} Ann Lee: {text}"), id="Zoom"),
        pytest.param(each("[Ann Lee] {h}\n{text}\n"), id="Zoom, saved captions"),
        pytest.param(each("Ann Lee\n{m}\n{text}\n"), id="the speaker above the time"),
        pytest.param(each("@{m} - Ann Lee (Acme)\n{text}\n"), id="the speaker after the time"),
        pytest.param(each("{h}:00 - {end}:00\nSpeaker 1\n{text}\n"), id="Premiere"),
        pytest.param(each("[{h}.000 --> {end}.000]  {text}"), id="what Whisper prints"),
        pytest.param(each("{h}:{text}"), id="TMPlayer"),
        pytest.param(each("\u200e{m}\n{text}"), id="marks of the writing direction"),
        pytest.param("//Font\n$Bold = FALSE\n" + each("{h}:00 , {end}:00 , {text}"), id="Spruce"),
    ],
)
def test_every_form_gives_the_sentences_at_their_times(write: Write, content: str) -> None:
    path = write(content, "talk.txt")
    assert is_caption_file(path)
    cues = read_captions(path).cues
    assert [cue.text for cue in cues] == TEXTS
    assert [cue.start for cue in cues] == STARTS
    assert all(cue.start < cue.end for cue in cues)


def test_ends_are_read_where_they_are_given(write: Write) -> None:
    cues = read_captions(write(each("[{h}.000 --> {end}.500] {text}"), "talk.txt")).cues
    assert [cue.end - cue.start for cue in cues] == [2.5] * len(SAID)


def test_hours_are_read(write: Write) -> None:
    content = "59:58\nOne sentence that is said here.\n1:00:02\nAnother sentence follows it.\n"
    cues = read_captions(write(content + "1:00:06\nAnd a last one to end with.\n", "a.txt")).cues
    assert [cue.start for cue in cues] == [3598.0, 3602.0, 3606.0]


def test_frames_count_at_the_lowest_usual_rate_that_has_them(write: Write) -> None:
    lines = ("00:00:01:00", "00:00:04:12", "00:00:08:24")
    content = "\n".join(f"{time} {TEXTS[0]}" for time in lines)
    assert read_captions(write(content, "a.txt")).cues[1].start == pytest.approx(4.48)


@pytest.mark.parametrize("title", ["Salt", "Why salt?"])
def test_chapter_titles_of_the_page_are_no_speech(write: Write, title: str) -> None:
    rows = [f"{clock(start)}\n{text}" for start, text in SAID]
    rows[2] += f"\n{title}"
    found = read_captions(write("Bread\n" + "\n".join(rows) + "\n", "talk.txt"))
    assert [cue.text for cue in found.cues] == TEXTS
    assert found.notes == ("Titles between the lines are not read as speech: 1.",)


def test_a_length_of_time_that_is_said_is_kept(write: Write) -> None:
    content = "0:05 10 seconds are enough for the first one.\n" + each("1:{s:02d} {text}")
    found = read_captions(write(content, "talk.txt"))
    assert found.cues[0].text == "10 seconds are enough for the first one."


def test_lines_of_a_wrapped_sentence_are_speech(write: Write) -> None:
    content = "Transcript\n" + each("{m}\n{text}").replace("so flour", "so\nflour")
    assert [cue.text for cue in read_captions(write(content, "talk.txt")).cues] == TEXTS


def test_times_inside_the_text_are_text(write: Write) -> None:
    content = each("{m}\n{text}").replace("Weigh it", "At\n10:30 we\nweigh it")
    assert len(read_captions(write(content, "talk.txt")).cues) == len(SAID)


def test_times_of_day_become_times_since_the_first(write: Write) -> None:
    content = "".join(f"[Ann] 14:05:{start:02d}\n{text}\n\n" for start, text in SAID)
    found = read_captions(write(content, "talk.txt"))
    assert [cue.start for cue in found.cues] == STARTS
    assert found.notes == ("The times are times of day: 14:05:00 is taken as 0:00.",)


CHAPTERS = (
    "0:00 Intro\n5:00 Salt\n12:00 The oven\n",
    "0:00\nIntro\n5:00\nSalt\n12:00\nThe oven\n",
    "00:00:00 Intro\n00:00:30 Salt and flour\n00:01:10 The oven\n",
    "A talk on bread.\n\n(0:00) Intro\n(1:15) Salt\n(2:40) The oven\n\nMore: https://x.org\n",
    "[00:00:00.000] Intro\n[00:05:00.000] Salt\n[00:12:00.000] The oven\n",
    "0:00 Intro\nWhat this is about, in one or two sentences.\n5:00 Salt\nHow much of it.\n",
    "0:00 Intro\n0:12 Flour\n0:25 Salt\n0:40 Oven\n0:55 End\n",
)


@pytest.mark.parametrize("content", CHAPTERS)
def test_chapters_are_refused_with_a_hint(write: Write, content: str) -> None:
    path = write(content, "talk.txt")
    assert not is_caption_file(path)
    with pytest.raises(FormatError, match="a list of chapters") as caught:
        read_captions(path)
    assert "chapterize convert" in caught.value.hint


@pytest.mark.parametrize("content", [*CHAPTERS, "12:30 lunch\n", "no times\nat all\n", ""])
def test_other_text_next_to_a_video_is_no_sidecar(tmp_path: Path, content: str) -> None:
    (tmp_path / "talk.txt").write_text(content, encoding="utf-8")
    assert find_sidecar(tmp_path / "talk.mp4") is None


def test_sections_with_titles_are_read_if_named_but_are_no_sidecar(write: Write) -> None:
    said = " ".join(TEXTS * 4)
    path = write(f"0:00 Bread\n\n{said}\n\n1:00 Salt\n\n{said}\n\n2:00 End\n\n{said}\n", "talk.txt")
    found = read_captions(path)
    assert [cue.text for cue in found.cues] == [said] * 3
    assert found.notes == ("The titles of 3 sections are not read as speech.",)
    assert find_sidecar(path.with_suffix(".mp4")) is None


@pytest.mark.parametrize("name", ["talk.txt", "talk.en.txt", "talk.transcript.md"])
def test_a_clear_transcript_is_a_sidecar(write: Write, name: str) -> None:
    path = write(each("{m}\n{text}"), name)
    assert find_sidecar(path.parent / "talk.mp4") == path


def test_a_log_whose_times_go_back_is_no_transcript(write: Write) -> None:
    lines = [f"{clock(90 - 7 * n)} {text}" for n, text in enumerate(TEXTS)]
    assert not is_caption_file(write("\n".join(lines), "a.txt"))

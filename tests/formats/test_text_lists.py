"""Lists as people write and paste them."""

from __future__ import annotations

import pytest

from chapterize import formats
from chapterize.errors import FormatError
from chapterize.formats import text_lists

DESCRIPTION = """\
My talk at the meet-up, recorded 2024-05-01 at 19:30 in room 2:01.
Slides: https://example.org/?t=0:30

Chapters:
0:00 Intro
• 00:45 - Why it matters
(1:02:03) Late part: the end
[1:10:00] – Questions
▶️ 1:20:00 | Outro 5:00
Follow me!
"""


def rows(text: str) -> list[tuple[float, str]]:
    return [(mark.start, mark.title) for mark in text_lists.scan(text).marks]


def test_a_list_inside_a_longer_description_is_found_and_nothing_else() -> None:
    assert rows(DESCRIPTION) == [
        (0, "Intro"),
        (45, "Why it matters"),
        (3723, "Late part: the end"),
        (4200, "Questions"),
        (4800, "Outro 5:00"),
    ]
    assert [mark.line for mark in text_lists.scan(DESCRIPTION).marks] == [5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("row", "start", "title"),
    [
        ("0:00 Title", 0, "Title"),
        ("00:00:05 Title", 5, "Title"),
        ("1. 0:05 Title", 5, "Title"),
        ("12) 0:05 Title", 5, "Title"),
        ("- 0:05 Title", 5, "Title"),
        ("* 0:05: Title", 5, "Title"),
        ("0:05—Title", 5, "Title"),
        ("0:05 — Title", 5, "Title"),
        ("0:05 Title - part 2", 5, "Title - part 2"),
        ("0:05.5 Title", 5.5, "Title"),
        ("90:00 Title", 5400, "Title"),
        ("⌨️ (0:05) Title", 5, "Title"),
        ("0:05", 5, ""),
        ("0:05 - 2nd try", 5, "2nd try"),
    ],
)
def test_what_people_write_is_read(row: str, start: float, title: str) -> None:
    assert rows(row) == [(start, title)]


def test_a_range_gives_the_end_too() -> None:
    (mark,) = text_lists.scan("0:05 - 1:30 Title").marks
    assert (mark.start, mark.end, mark.title) == (5, 90, "Title")


def test_times_after_the_titles_are_read_when_no_line_begins_with_one() -> None:
    text = "Intro 0:00\nThe middle - 10:15\nThe end (1:02:03)\nno time here\nratio16:9\n"
    assert rows(text) == [(0, "Intro"), (615, "The middle"), (3723, "The end")]


@pytest.mark.parametrize("row", ["0:05pm Title", "x 0:05 Title", "1:2 Title"])
def test_what_only_looks_like_a_time_is_not_read(row: str) -> None:
    assert rows("0:00 a\n" + row) == [(0, "a")]


def test_a_time_that_no_clock_shows_is_refused_with_its_line() -> None:
    with pytest.raises(FormatError, match="line 2") as caught:
        text_lists.scan("0:00 a\n3:75 b")
    assert caught.value.line == 2


def test_a_time_below_zero_is_refused_with_its_line() -> None:
    with pytest.raises(FormatError, match=r"below 0, line 2"):
        text_lists.scan("0:00 a\n-0:05 b")


def test_long_lines_of_noise_take_no_time() -> None:
    noise = "\n".join([">" * 5000, " " * 100_000, "- " * 490 + "x", "a:" * 490, "1:" * 499])
    assert rows(noise + "\n0:00 a") == [(0, "a")]


KILN = [(0, "Kiln"), (400, "Wax"), (725, "Firing")]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("0:00 Kiln\n6.40 Wax\n12.05 Firing\n", "line 2: 6.40 was read as 6:40"),
        ("0.00 Kiln\n6.40 Wax\n12.05 Firing\n", "line 2: 6.40 was read as 6:40"),
        ("00.00.00 Kiln\n00.06.40 Wax\n00.12.05 Firing\n", "00.06.40 was read as 6:40"),
        ("0:00 Kiln\n6,40 Wax\n12:05 Firing\n", "line 2: 6,40 was read as 6:40"),
        ("0:00 Kiln\n00:06:40:12 Wax\n12:05 Firing\n", "00:06:40:12 was read as 6:40"),
        ("00:00:00;00 Kiln\n00:06:40;12 Wax\n00:12:05;20 Firing\n", "12 was read as 6:40"),
        ("0s Kiln\n6m40s Wax\n12 min 5 s Firing\n", "6m40s was read as 6:40"),
        ("0:00 Kiln\n6 Min. 40 Sek. Wax\n12:05 Firing\n", "40 Sek. was read as 6:40"),
        ("0:00 Kiln\n6'40\" Wax\n12:05 Firing\n", "was read as 6:40"),
        ("0分0秒 Kiln\n6分40秒 Wax\n12分5秒 Firing\n", "6分40秒 was read as 6:40"),
        ("0 : 00 Kiln\n6: 40 Wax\n00 : 12 : 05 Firing\n", "00 : 12 : 05 was read as 12:05"),
        ("0 Kiln\n400 Wax\n725.0 Firing\n", "line 2: 400 was read as 6:40"),
        ("0:00 Kiln\n400.0s Wax\n12:05 Firing\n", "line 2: 400.0s was read as 6:40"),
        ("0:00 Kiln\n6.40.000 Wax\n12:05 Firing\n", "line 2: 6.40.000 was read as 6:40"),
        ("0:0:0 Kiln\n0:6:40 Wax\n0:12:5 Firing\n", "0:12:5 was read as 12:05"),
        ("Kiln — 0:00\nWax — 6.40\nFiring — 12:05\n", "line 2: 6.40 was read as 6:40"),
        ("Kiln 0.00\nWax 6.40\nFiring 12.05\n", "line 2: 6.40 was read as 6:40"),
        ("Kiln (0s)\nWax (6m40s)\nFiring (12m5s)\n", "line 2: 6m40s was read as 6:40"),
        ("0:00\nKiln\n6.40\nWax\n12.05\nFiring\n", "line 3: 6.40 was read as 6:40"),
    ],
)
def test_a_time_that_is_nearly_one_is_read_with_a_note(text: str, note: str) -> None:
    listing = formats.scan(text)
    assert [(mark.start, mark.title) for mark in listing.marks] == KILN
    assert note in listing.notes[0]


def test_milliseconds_after_a_colon_are_kept() -> None:
    listing = text_lists.scan("0:00 Kiln\n00:06:40:250 Wax\n12:05 Firing\n")
    assert listing.marks[1].start == 400.25
    assert listing.notes == ("line 2: 00:06:40:250 was read as 00:06:40.250",)


@pytest.mark.parametrize(
    "row",
    [
        "6.75 Wax",
        "6:4 Wax",
        "00:06:75:10 Wax",
        "40.10 Wax",
        "1.2:3 x",
        "6:405 Wax",
        "O6:40 Wax",
        "6:4O Wax",
        "6::40 Wax",
        "00:06:40:250:1 Wax",
        ":40 Wax",
        "6-40 Wax",
        "6 40 Wax",
        "0640 Wax",
        "00:06:40.250.1 Wax",
        "??:?? Wax",
        "XX:XX Wax",
        "400 Wax",
    ],
)
def test_a_row_among_chapters_whose_time_cannot_be_read_is_named(row: str) -> None:
    listing = text_lists.scan(f"0:00 Kiln\n{row}\n12:05 Firing\n")
    assert [mark.title for mark in listing.marks] == ["Kiln", "Firing"]
    assert "line 2 was left out" in listing.notes[0]


def test_the_first_and_the_last_row_are_named_too() -> None:
    listing = text_lists.scan("My film\n0::00 Kiln\n6:40 Wax\n12:05 Firing\nBye\n")
    assert [note[:19] for note in listing.notes] == ["line 2 was left out"]
    listing = text_lists.scan("0:00 Kiln\n6:40 Wax\n12::05 Firing\n\nMade 2024\n")
    assert [note[:19] for note in listing.notes] == ["line 3 was left out"]


def test_a_row_among_chapters_with_its_time_at_the_end_is_named() -> None:
    listing = text_lists.scan("0:00 Kiln\nWax 6:40\n12:05 Firing\n")
    assert "line 2 was left out" in listing.notes[0]


def test_prices_dates_scores_and_hours_around_a_list_are_no_chapters() -> None:
    text = (
        "Recorded 2024-05-01 at 19:30, tickets 6.40 EUR\n\n0:00 Kiln\nat 6:40 pm we eat\n"
        "6:40 Wax\nthe score was 3:2 then\n12:05 Firing\n19.99 € in my shop\n\n"
        "14.50 EUR the book\n24.12. Christmas\n12.05.2026 next part\n2.10 is out\n"
    )
    listing = text_lists.scan(text)
    assert [(mark.start, mark.title) for mark in listing.marks] == KILN
    assert listing.notes == ()


@pytest.mark.parametrize(
    "text",
    [
        "(00:00)\n\nKiln\n\n(06:40)\n\nWax\n\n(12:05)\n\nFiring\n",
        "0:00\nKiln\n6:40\nWax\n12:05\nFiring\n",
        "Chapters:\n0:00\nKiln\n6:40\nWax\n12:05\nFiring\n\nFollow me\n",
        "Kiln\n0:00\n\nWax\n6:40\n\nFiring\n12:05\n",
        "Kiln\n0:00\nWax\n6:40\nFiring\n12:05\n\nFollow me\n",
        "0:00 Kiln\n6:40\nWax\n12:05 Firing\n",
    ],
)
def test_titles_on_other_rows_are_found(text: str) -> None:
    assert rows(text) == KILN


@pytest.mark.parametrize(
    "text",
    [
        "0:00/6:40 Kiln\n6:40~12:05 Wax\n12:05 → 19:00 Firing\n",
        "0m - 6m40s Kiln\n6m40s - 12m5s Wax\n12m5s - 19m Firing\n",
        "0:00 - 6:40 Kiln\n6:40 – 12:05 Wax\n12:05 --> 19:00 Firing\n",
        "(0:00 - 6:40) Kiln\n[6:40] - [12:05] Wax\n12:05 to 19:00 Firing\n",
        "Kiln (0:00 - 6:40)\nWax (6:40 - 12:05)\nFiring (12:05 - 19:00)\n",
        "1\n00:00:00,000 --> 00:06:40,000\nKiln\n\n2\n00:06:40,000 --> 00:12:05,000\nWax\n\n"
        "3\n00:12:05,000 --> 00:19:00,000\nFiring\n",
        "0:00:00.000,0:06:40.000\nKiln\n\n0:06:40.000,0:12:05.000\nWax\n\n"
        "0:12:05.000,0:19:00.000\nFiring\n",
    ],
)
def test_ranges_state_the_length(text: str) -> None:
    parsed = formats.loads(text)
    assert parsed.chapters.titles == ("Kiln", "Wax", "Firing")
    assert parsed.chapters.starts == (0, 400, 725)
    assert parsed.chapters.duration == 1140


@pytest.mark.parametrize(
    "text",
    [
        "０：００ Kiln\n６：４０ Wax\n0:12：05 Firing\n",
        "٠:٠٠ Kiln\n٦:٤٠ Wax\n१२:०५ Firing\n",
        "\u200f0:00 Kiln\n\u200b6:40 Wax\n\ufeff12:05 Firing\n",
        "@0:00 Kiln\n0:06:40h Wax\n12:05min Firing\n",
        "1.1 0:00 Kiln\nII. 6:40 Wax\nc) 12:05 Firing\n",
        "1\t0:00\tKiln\n2\t6:40\tWax\n3\t12:05\tFiring\n",
        "0:00 ▶ Kiln\n6:40 ► Wax\n12:05 ⇒ Firing\n",
        "【0:00】Kiln\n（6:40）Wax\n「12:05」Firing\n",
        "Chapter 1: 0:00 - Kiln\nKapitel 2: 6:40 - Wax\n#3 12:05 Firing\n",
        'Chapter #001 - 00:00:00.000 - "Kiln"\n\tChapter #002 - 00:06:40.000 - "Wax"\n'
        '\tChapter #003 - 00:12:05.000 - "Firing"\n',
        "0:00Kiln\n6:40Wax\n12:05. Firing\n",
        "0:00, Kiln\n6:40; Wax\n[12:05]Firing\n",
        "Kiln ..... 0:00\nWax ........ 6:40\nFiring … 12:05\n",
        "0:00 Kiln, 6:40 Wax, 12:05 Firing",
        "- [Kiln](https://youtu.be/x?t=0)\n- [Wax](https://youtu.be/x?t=6m40s)\n"
        "- [Firing](https://youtu.be/x?t=725)\n",
        "General\nDuration : 19 min 0 s\n\nMenu\n00:00:00.000          : en:Kiln\n"
        "00:06:40.000          : fr:Wax - en:Resist\n00:12:05.000          : :Firing\n",
        "00:00:00.000 Kiln <https://a.example/x>\n00:06:40.000 Wax\n00:12:05.000 Firing\n",
    ],
)
def test_what_programs_and_other_scripts_write_is_read(text: str) -> None:
    assert rows(text) == KILN


def test_links_that_are_left_out_are_noted() -> None:
    listing = text_lists.scan("0:00 Kiln <https://a.example/x>\n6:40 Wax\n")
    assert listing.notes == ("links of the chapters were left out",)


def test_a_transcript_with_times_is_refused_as_captions() -> None:
    said = "\n".join(f"0:{n * 4:02d}\nstack the tall pots at the back" for n in range(14))
    for text in (said, said.replace("\nstack", " stack")):
        with pytest.raises(FormatError, match="these are captions, not chapters"):
            text_lists.scan(text)


def test_a_text_without_times_has_no_chapters() -> None:
    assert not text_lists.recognises("Kiln\nWax\n")
    assert text_lists.recognises("0.00 Kiln\n6.40 Wax\n")


def test_a_second_list_in_another_language_is_left_out_with_a_note() -> None:
    text = "0:00 Kiln\n6:40 Wax\n12:05 Firing\n\n0:00 Ofen\n6:40 Wachs\n12:05 Brand\n"
    listing = text_lists.scan(text)
    assert [(mark.start, mark.title) for mark in listing.marks] == KILN
    assert listing.notes == ("a second list, from line 5 on, was left out",)


def test_a_row_about_the_hour_of_the_day_is_no_chapter() -> None:
    assert rows("0:00 Kiln\n6:40 pm dinner\n7:30 a.m. run\n12:05 Firing\n") == [KILN[0], KILN[2]]


def test_a_title_in_another_script_needs_no_space() -> None:
    assert rows("0:00开场\n6:40上釉\n") == [(0, "开场"), (400, "上釉")]


def test_a_comma_before_the_milliseconds_is_no_column() -> None:
    listing = formats.scan("00:00:00,000 Kiln\n00:06:40,250 Wax\n")
    assert [(mark.start, mark.title) for mark in listing.marks] == [(0, "Kiln"), (400.25, "Wax")]


def test_times_in_plain_addresses_are_read() -> None:
    text = "Chapters\nhttps://youtu.be/x?t=0 Kiln\n- https://youtu.be/x?t=6m40s - Wax\n"
    assert rows(text) == [(0, "Kiln"), (400, "Wax")]


@pytest.mark.parametrize("sign", ["/", "•", "·", "~", "»"])
def test_signs_between_time_and_title_are_left_out(sign: str) -> None:
    assert rows(f"0:00 {sign} Kiln\n6:40 {sign} Wax\n") == [(0, "Kiln"), (400, "Wax")]


def test_the_scenes_in_a_log_get_numbers_and_its_rules_are_no_titles() -> None:
    rule = "-" * 40
    text = (
        f"Scene List:\n{rule}\n | Scene # | Start Frame | Start | End Frame | End |\n{rule}\n"
        " |  1 |  1 | 00:00:00.000 |  240 | 00:06:40.000 |\n"
        f" |  2 | 241 | 00:06:40.000 |  480 | 00:19:00.000 |\n{rule}\n"
    )
    assert rows(text) == [(0, "Scene 1"), (400, "Scene 2")]


@pytest.mark.parametrize("sign", ["★", "…", "❯", "."])
def test_a_sign_after_every_time_is_a_separator(sign: str) -> None:
    assert rows(f"0:00 {sign} Kiln\n6:40 {sign} Wax\n") == [(0, "Kiln"), (400, "Wax")]
    assert rows(f"0:00 {sign} Kiln\n6:40 Wax\n")[0] == (0, f"{sign} Kiln")
    assert rows(f"0:00 - {sign} A\n6:40 - {sign} B\n") == [(0, f"{sign} A"), (400, f"{sign} B")]


def test_times_before_and_after_other_things_are_read() -> None:
    expected = [(0, "Kiln"), (400, "Wax")]
    assert rows("Kiln @ 0:00\nWax @ 6:40\n") == expected
    assert rows(r"0:00 Kiln\n6:40 Wax") == expected
    assert rows("https://youtu.be/x?t=1 0:00 Kiln\nhttps://youtu.be/x?t=400 6:40 Wax") == expected


def test_an_empty_title_of_mediainfo_has_a_language_too() -> None:
    text = "00:00:00.000          : en:\n00:06:40.000          : en:Wax\n"
    assert rows(text) == [(0, ""), (400, "Wax")]


def test_html_in_titles_is_left_out_but_known() -> None:
    listing = text_lists.scan("0:00 <b>Kiln</b>\n6:40 Wax &amp; resist\n")
    assert [mark.title for mark in listing.marks] == ["Kiln", "Wax & resist"]
    assert listing.as_written is not None
    assert [mark.title for mark in listing.as_written] == ["<b>Kiln</b>", "Wax &amp; resist"]
    assert text_lists.scan("<p>0:00 Kiln<br>6:40 Wax</p>").as_written is None


def test_a_list_of_music_below_the_chapters_is_left_out_with_a_note() -> None:
    listing = text_lists.scan("0:00 A\n1:00 B\n2:00 C\n\nMusic\n0:30 Song\n1:45 Air\n")
    assert [mark.title for mark in listing.marks] == ["A", "B", "C"]
    assert listing.notes == ("a second list, from line 6 on, was left out",)


def test_seconds_alone_are_cuts_and_a_quoted_value_is_no_time() -> None:
    assert rows("0.000\n400.250\n") == [(0, ""), (400.25, "")]
    assert rows("1984\n2001\n") == []
    assert rows('- time: "0:00"\n- time: "6:40"\n') == []


def test_a_number_before_the_time_may_be_that_of_a_part() -> None:
    assert rows("Часть 1 — 0:00 Kiln\nЧасть 2 — 6:40 Wax\n") == [(0, "Kiln"), (400, "Wax")]

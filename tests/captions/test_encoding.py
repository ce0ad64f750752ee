"""Encodings of caption files."""

from __future__ import annotations

import pytest

from chapterize.captions import is_caption_file, read_captions
from chapterize.errors import FormatError
from tests.captions.written import SRT, Write, srt


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides_without_a_note(write: Write, encoding: str) -> None:
    found = read_captions(write(SRT.replace("Hello", "Grüße").encode(encoding)))
    assert found.cues[0].text == "Grüße there."
    assert found.notes == ()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_recognised(write: Write, encoding: str) -> None:
    found = read_captions(write(SRT.encode(encoding)))
    assert found.cues[0].text == "Hello there."
    assert encoding in found.notes[0]


@pytest.mark.parametrize(
    ("encoding", "line"),
    [
        ("cp1252", "Schöne Grüße aus München, wir müssen über die Größe sprechen"),
        ("cp1252", "C'était très agréable à l'été, où êtes-vous allé hier"),
        ("cp1250", "Żółta łódź płynie po jeziorze, będziemy mówić o źródłach"),
        ("cp1251", "Привет, сегодня мы поговорим о видео и это очень важная тема"),
        ("cp1255", "שלום לכולם היום נדבר על מסדי נתונים ועל דברים אחרים"),
        ("shift_jis", "こんにちは、今日は天気がいいですね。次の話題に移りましょう"),
        ("gb18030", "今天我们来谈谈数据库，首先是第一个问题，大家好，欢迎来到课堂"),
        ("big5", "今天我們來談談資料庫，首先是第一個問題，大家好，歡迎來到課堂"),
        ("euc_kr", "안녕하세요 오늘은 데이터베이스에 대해 이야기하겠습니다"),
    ],
)
def test_old_encodings_are_recognised_and_noted(write: Write, encoding: str, line: str) -> None:
    found = read_captions(write(srt((0.0, 4.0, line)).encode(encoding)))
    assert found.cues[0].text == line
    assert found.notes[0].startswith("The captions are not UTF-8 and were read as ")


def test_the_language_distinguishes_encodings_that_share_bytes(write: Write) -> None:
    path = write(srt((0.0, 2.0, "příliš žluťoučký kůň")).encode("cp1250"))
    assert read_captions(path, language="cs").cues[0].text == "příliš žluťoučký kůň"


@pytest.mark.parametrize("content", [b"\x00\x01\x02\xff" * 500, bytes(range(256)) * 8])
def test_binary_files_are_refused(write: Write, content: bytes) -> None:
    path = write(content)
    assert not is_caption_file(path)
    with pytest.raises(FormatError, match="not text"):
        read_captions(path)

"""Encodings of caption and chapter files."""

from __future__ import annotations

import pytest

from chapterize.decoding import decode_text
from chapterize.errors import FormatError

GERMAN = "0:00 Öfen\n6:40 Überzüge\n12:05 Größe und Maß\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_utf_8_and_a_byte_order_mark_need_no_note(encoding: str) -> None:
    assert decode_text(GERMAN.encode(encoding), "x") == (GERMAN, ())


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_text_without_a_mark_is_recognised(encoding: str) -> None:
    text, (note,) = decode_text(GERMAN.encode(encoding), "x")
    assert text == GERMAN
    assert encoding in note


@pytest.mark.parametrize(
    ("encoding", "text"),
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
def test_old_encodings_are_recognised_and_noted(encoding: str, text: str) -> None:
    cue = f"1\n00:00:00,000 --> 00:00:04,000\n{text}\n"
    found, (note,) = decode_text(cue.encode(encoding), "x")
    assert found == cue
    assert note.startswith("The captions are not UTF-8 and were read as ")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "0:00 Öfen\n6:40 Wax\n"),
        ("cp1252", GERMAN),
        ("cp1252", "0:00 L'été\n6:40 Café\n12:05 Fin\n"),
        ("cp1252", "0:00 Intro\n6:40 “Quotes” – and a dash’s end\n"),
        ("mac_roman", GERMAN),
        ("mac_roman", "0:00 L’été\n6:40 Café crème\n12:05 Fin\n"),
        ("cp1254", "0:00 Giriş\n6:40 Fırın hazırlığı\n12:05 Pişirme eğrisi\n"),
        ("cp1250", "0:00 Úvod\n6:40 Příliš žluťoučký kůň\n12:05 Závěr\n"),
        ("cp1251", "0:00 Введение\n6:40 Глазурь\n12:05 Обжиг печи\n"),
        ("shift_jis", "0:00 はじめに\n6:40 窯の準備\n12:05 焼成曲線\n"),
        ("euc_jp", "0:00 はじめに\n6:40 窯の準備\n12:05 焼成曲線\n"),
        ("mac_roman", "0:00 Préface à l’œuvre\n6:40 L’amour – et l’été\n12:05 “fin”\n"),
        ("gb18030", "0:00 介绍\n6:40 窑炉准备\n12:05 烧制曲线\n"),
    ],
)
def test_a_short_list_of_chapters_has_letters_enough(encoding: str, text: str) -> None:
    found, (note,) = decode_text(text.encode(encoding), "x", what="chapters")
    assert found == text
    assert note.startswith(f"The chapters are not UTF-8 and were read as {encoding}.")


def test_the_language_distinguishes_encodings_that_share_bytes() -> None:
    text = "příliš žluťoučký kůň"
    assert decode_text(text.encode("cp1250"), "x", language="cs")[0] == text


def test_the_end_of_a_head_may_be_half_a_character() -> None:
    assert decode_text("ab é".encode()[:-1], "x", is_head=True) == ("ab ", ())


@pytest.mark.parametrize("content", [b"\x00\x01\x02\xff" * 500, bytes(range(256)) * 8])
def test_binary_files_are_refused(content: bytes) -> None:
    with pytest.raises(FormatError, match="not text"):
        decode_text(content, "x")

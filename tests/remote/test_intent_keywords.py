"""The keyword table: which short requests it decides, and which it leaves to the classifier."""

from __future__ import annotations

import pytest

from chapterize.remote.intent import Action, route, without_export
from chapterize.remote.intent_keywords import keyword, normalise


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("export", Action.EXPORT),
        ("Export!", Action.EXPORT),
        ("导出", Action.EXPORT),
        ("请帮我导出视频。", Action.EXPORT),
        ("download", Action.EXPORT),
        ("send me the video", Action.EXPORT),
        ("Could you please download it as MP4?", Action.EXPORT),
        ("ＥＸＰＯＲＴ", Action.EXPORT),
        ('"export"', Action.EXPORT),
        ("credits", Action.CREDITS),
        ("积分", Action.CREDITS),
        ("balance", Action.CREDITS),
        ("余额", Action.CREDITS),
        ("How many credits do I have left?", Action.CREDITS),
        ("我还有多少积分？", Action.CREDITS),
        ("status", Action.STATE),
        ("状态", Action.STATE),
        ("show tracks", Action.STATE),
        ("显示轨道", Action.STATE),
        ("upload", Action.UPLOAD),
        ("上传", Action.UPLOAD),
        ("upload https://example.com/talk.mp4", Action.UPLOAD),
        ("上传talk.mp4", Action.UPLOAD),
        ("generate chapters with timestamps and titles for my YouTube video", Action.CHAPTERS),
        ("给视频生成章节", Action.CHAPTERS),
    ],
)
def test_keywords_decide_plain_requests(text: str, action: Action) -> None:
    assert route(text) is keyword(normalise(text)) is action


@pytest.mark.parametrize(
    "text",
    [
        "add a title that says Export your data",
        'add the title "export"',
        "put the word credits at the end",
        "make the end credits longer",
        "end credits",
        "roll credits",
        "change the title to Status update",
        "balance the audio",
        "white balance",
        "add a title “导出”",
        "把标题改成“导出”",
        "删掉上传那一段",
        "片尾字幕长一点",
        "don't export until the title is bigger",
        "先别导出,标题还要改",
        "is the render finished",
        "show the title",
        "the download arrow",
    ],
)
def test_a_request_that_only_mentions_a_keyword_is_left_to_the_classifier(text: str) -> None:
    assert keyword(normalise(text)) is None


def test_keywords_do_not_decide_long_texts() -> None:
    assert keyword("export the video") is Action.EXPORT
    assert keyword("export " + "please " * 20) is None


def test_an_attached_file_without_another_request_is_an_upload() -> None:
    for text in ("", "  \n", "here is my video", "this one: talk.mp4", "talk.mp4", "这个视频"):
        assert keyword(normalise(text), has_file=True) is Action.UPLOAD
        assert route(text, has_file=True) is Action.UPLOAD
    assert route("generate chapters", has_file=True) is Action.CHAPTERS
    assert route("export", has_file=True) is Action.EXPORT
    assert route("add a title at the beginning", has_file=True) is Action.EDIT


def test_a_text_without_words_costs_nothing() -> None:
    for text in ("", " ", "?!", "\u200b", "\udc80"):
        assert route(text) is Action.STATE


def test_quotes_links_and_file_names_are_replaced_by_marks() -> None:
    assert normalise("add “Export now”") == "add <quote>"
    assert normalise("add „Export“ and 'credits' it's") == "add <quote> and <quote> it's"
    assert normalise("写「导出」《上传》") == "写 <quote> <quote>"
    assert normalise('add "export this and never close') == "add <quote>"
    assert normalise("get HTTPS://a.example/Export.mp4 and export.mp4") == "get <link> and <file>"


@pytest.mark.parametrize(
    "text",
    [
        "do not send me the video",
        "Don't export yet!",
        "don’t export",
        "please do not render it",
        "no download please",
        "do not upload this",
        "不要导出",
        "先别导出",
        "请不要把视频发给我",
        "bitte noch nicht exportieren",
        "no exportes todavía",
        "n'exporte pas encore",
        "まだ書き出さないで",
        "thanks!",
        "hello",
        "cancel",
        "help me please",
        "谢谢",
    ],
)
def test_a_request_that_only_refuses_asks_for_nothing(text: str) -> None:
    assert route(text) is route(text, has_file=True) is Action.NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "do not export it, I still want to change the font",
        "don't send me the video before the intro is shorter",
        "instead of exporting, make the titles bigger",
        "先不要导出,标题还要再改",
        "まだ書き出さないで、先にタイトルを直して",
        "noch nicht exportieren, erst den Titel ändern",
        "no lo exportes todavía, cambia el título",
        "ne l'exporte pas, change le titre",
    ],
)
def test_a_refused_export_in_a_longer_request_is_an_edit(text: str) -> None:
    assert route(text) is Action.EDIT


@pytest.mark.parametrize(
    "text",
    [
        "how do I export?",
        "can you explain how exporting works?",
        "Exporting is great, tell me about it",
        "I never asked for an export!",
        "is the exported video any good?",
        "导出好了吗？",
        "怎么导出",
        "wie exportiere ich das?",
        "comment exporter la vidéo ?",
    ],
)
@pytest.mark.parametrize("has_file", [False, True])
def test_a_question_about_exports_is_never_an_export(text: str, has_file: bool) -> None:
    assert route(text, has_file=has_file) in (Action.STATE, Action.CREDITS)


@pytest.mark.parametrize(
    "text",
    [
        "could you export it?",
        "why don't we export it now",
        "lässt sich das exportieren? bitte exportiere das Video",
        "视频可以下载了吗",
    ],
)
def test_a_request_in_the_form_of_a_question_is_an_export(text: str) -> None:
    assert route(text) is Action.EXPORT


@pytest.mark.parametrize(
    "text",
    [
        "don't forget to export the video",
        "why don't you export it",
        "no more changes, export it",
        "别忘了导出视频",
        "不用再改了,直接导出",
    ],
)
def test_a_negation_of_something_else_is_no_refusal(text: str) -> None:
    assert route(text) is Action.EXPORT


MAKE = "generate a 45-minute tutorial video recording into a 1080p MP4"
CHAPTERS = (
    "generate chapters with timestamps and titles for my YouTube video",
    "adding timestamped chapters to long YouTube or course videos for YouTubers and course "
    "creators",
)


@pytest.mark.parametrize("has_file", [False, True])
def test_the_examples_of_the_contract_are_an_edit_and_chapters(has_file: bool) -> None:
    assert route(MAKE, has_file=has_file) is Action.EDIT
    for text in CHAPTERS:
        assert route(text, has_file=has_file) is Action.CHAPTERS


@pytest.mark.parametrize(
    ("text", "has_file", "action"),
    [
        ("could I get that clip as a file please?", False, Action.EXPORT),
        ("here's my webinar, stick it in the session", True, Action.UPLOAD),
        ("why did the export fail?", False, Action.STATE),
        ("convert it to mp4 and send it to me", False, Action.EXPORT),
        ("convert it to mp4 and send it to me", True, Action.EDIT),
        ("turn this into a 1080p mp4", True, Action.EDIT),
        ("make an mp4 of it", True, Action.EDIT),
        ("把它做成mp4", True, Action.EDIT),
        ("lade das hoch", True, Action.UPLOAD),
        ("export", True, Action.EXPORT),
        ("send me the video", True, Action.EXPORT),
    ],
)
def test_phrases_that_were_misrouted_once(text: str, has_file: bool, action: Action) -> None:
    assert route(text, has_file=has_file) is action


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("add a title and then export", "add a title"),
        ("trim the start and send me the video", "trim the start"),
        ("remove the music, then render it in 1080p, please", None),
        ("remove the music, then render it in 1080p please.", "remove the music"),
        ("cut the intro and after that export it as an MP4!", "cut the intro"),
        ("剪掉前面的废话再导出", "剪掉前面的废话"),
        ("把音乐调低，然后把视频导出来。", "把音乐调低"),
        ("add a title and write export in the corner", None),
        ("add a scene and then download icons", None),
        ('add the title "cut and then export"', None),
        ("make it shorter before we export", None),
        ("export", None),
        ("and then export", None),
    ],
)
def test_an_edit_is_sent_without_the_export_at_its_end(text: str, edit: str | None) -> None:
    assert without_export(text) == ((text, False) if edit is None else (edit, True))


@pytest.mark.parametrize(
    "text",
    [
        "put some quiet music under this clip and then export it",
        "delete the second clip and export it",
        "make it black and white, then render it",
        "加上字幕然后导出",
    ],
)
def test_an_edit_that_ends_with_an_export_is_an_edit(text: str) -> None:
    assert route(text) is route(text, has_file=True) is Action.EDIT


@pytest.mark.parametrize(
    "text",
    ["looks good, and export it", "no more changes, and then export", "全部搞定,然后导出"],
)
def test_an_approval_that_ends_with_an_export_is_an_export(text: str) -> None:
    assert route(text) is Action.EXPORT

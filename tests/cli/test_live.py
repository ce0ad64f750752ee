from __future__ import annotations

import pytest

from chapterize.cli import live
from chapterize.cli.live import Line, LiveLines
from tests.cli.screen import Screen


class Terminal:
    """A terminal of a size that changes, on which `LiveLines` draws."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, columns: int = 30) -> None:
        self.screen = Screen(columns)
        self.size = (columns, 20)
        monkeypatch.setattr(live, "terminal_size", lambda: self.size)
        for name in ("XTERM_VERSION", "STY", "TERM", "TMUX"):
            monkeypatch.delenv(name, raising=False)

    def take(self, capsys: pytest.CaptureFixture[str]) -> str:
        self.screen.write(capsys.readouterr().err)
        return self.screen.text

    def resize(self, columns: int) -> None:
        self.screen.resize(columns)
        self.size = (columns, 20)


def lines(*texts: str) -> list[Line]:
    return [(text, len(text)) for text in texts]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(monkeypatch)


def test_lines_replace_those_before(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    drawn = LiveLines()
    drawn.draw(lines("1 of 3", "talk.mp4  transcribing"), lines("started"))
    assert terminal.take(capsys) == "started\n1 of 3\ntalk.mp4  transcribing"
    drawn.draw(lines("2 of 3"))
    assert terminal.take(capsys) == "started\n2 of 3"
    drawn.draw(lines("3 of 3", "b.mp4", "c.mp4"), lines("done talk.mp4"))
    assert terminal.take(capsys) == "started\ndone talk.mp4\n3 of 3\nb.mp4\nc.mp4"
    drawn.clear()
    assert terminal.take(capsys) == "started\ndone talk.mp4"


def test_nothing_is_written_where_nothing_is_shown(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    LiveLines().clear()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("length", [29, 30, 31, 45, 60, 90])
def test_long_lines_that_stay_are_wrapped_over_what_was_there(
    terminal: Terminal, capsys: pytest.CaptureFixture[str], length: int
) -> None:
    drawn = LiveLines()
    drawn.draw(lines(*(letter * 29 for letter in "abcd")))
    drawn.draw(lines("1 of 3"), lines("x" * length))
    wrapped = ["x" * min(30, length - at) for at in range(0, length, 30)]
    assert terminal.take(capsys).split("\n") == [*wrapped, "1 of 3"]


@pytest.mark.parametrize("columns", [7, 10, 13, 14, 29, 60])
def test_a_resize_leaves_nothing_behind(
    terminal: Terminal, capsys: pytest.CaptureFixture[str], columns: int
) -> None:
    drawn = LiveLines()
    drawn.draw(lines("x" * 28, "y" * 14, "z"), lines("before"))
    terminal.take(capsys)
    terminal.resize(columns)
    drawn.draw(lines("short", "lines"))
    assert terminal.take(capsys) == "before\nshort\nlines"
    terminal.resize(30)
    drawn.draw(lines("wide again"))
    assert terminal.take(capsys) == "before\nwide again"


def test_a_terminal_that_cuts_lines_off_keeps_what_is_above(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal(monkeypatch)
    monkeypatch.setenv("XTERM_VERSION", "XTerm(379)")
    drawn = LiveLines()
    drawn.draw(lines("x" * 28))
    terminal.size = (10, 20)
    capsys.readouterr()
    drawn.clear()
    assert capsys.readouterr().err.startswith("\r\x1b[1A")


def test_the_cursor_stays_on_the_screen(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = LiveLines()
    drawn.draw(lines(*"abcdefgh"))
    terminal.size = (30, 5)
    capsys.readouterr()
    drawn.clear()
    assert capsys.readouterr().err == "\r\x1b[4A\x1b[J\n\x1b[J"

"""Options that cannot be used are refused before long work."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from chapterize.errors import InputError
from chapterize.rendering.options import RenderOptions, parse_colour


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"style": "banner"}, "unknown style 'banner'"),
        ({"seconds": 0}, "0 seconds"),
        ({"seconds": float("nan")}, "nan seconds"),
        ({"accent": "gold"}, "'gold' is not a colour"),
        ({"size": "12p"}, "unknown size '12p'"),
        ({"aspect": "4:3"}, "unknown aspect '4:3'"),
        ({"fill": "glass"}, "unknown fill 'glass'"),
        ({"audio_only": "nothing"}, "unknown audio-only 'nothing'"),
    ],
)
def test_options_that_cannot_be_used_are_refused(values: dict[str, Any], wrong: str) -> None:
    with pytest.raises(InputError, match=wrong):
        RenderOptions(**values)


def test_a_font_is_looked_up_by_check(tmp_path: Path) -> None:
    RenderOptions().check()
    RenderOptions(font="Inter").check()
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"not a font")
    for font in (str(broken), str(tmp_path / "none.ttf"), "No Such Font Anywhere"):
        with pytest.raises(InputError, match="cannot be used"):
            RenderOptions(font=font).check()


def test_every_option_has_a_default_and_is_documented() -> None:
    assert RenderOptions() == RenderOptions(style="lower-third", seconds=4.0, size="1080p")
    documented = RenderOptions.__doc__ or ""
    assert not [field.name for field in fields(RenderOptions) if field.name not in documented]


def test_colours_have_three_or_six_digits() -> None:
    assert parse_colour("#fc0") == parse_colour("ffcc00") == (255, 204, 0)

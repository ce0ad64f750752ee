#!/usr/bin/env python3
"""Make talks with slides as material: ``python scripts/make_decks.py FOLDER [DECK...]``.

Reads ``decks/*.md`` and writes for each a video, its captions (.srt) and what should be found
(.gold.json): pages with kind and heading, chapters, and the terms on the slides. Decks named fit-*
are for fitting, decks named held-* only for figures. Needs ``pip install -e .[sample]``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from deck_frames import write_video
from deck_styles import has_chinese
from deck_talk import gold_of, time_talk, write_captions
from deck_text import read_deck

DECKS = Path(__file__).resolve().parent / "decks"


def make_deck(source: Path, folder: Path, clip: Path | None = None) -> dict[str, Any]:
    """Write video, captions and gold of one deck to `folder`; returns the gold."""
    talk = time_talk(read_deck(source))
    target = folder / f"{source.stem}.mp4"
    write_video(talk, target, clip)
    write_captions(talk, target.with_suffix(".srt"))
    gold = gold_of(talk)
    text = json.dumps(gold, ensure_ascii=False, indent=1)
    target.with_suffix(".gold.json").write_text(text, encoding="utf-8")
    return gold


def main() -> None:
    """Make the decks and print a line for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("decks", nargs="*", help="names without .md; by default all")
    parser.add_argument("--camera", type=Path, help="a video of a person, for the decks that ask")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(DECKS.glob("*.md")):
        if asked.decks and source.stem not in asked.decks:
            continue
        if read_deck(source).settings["language"] == "zh" and not has_chinese():
            print(f"{source.stem}: skipped, no font with Chinese characters is installed")
            continue
        gold = make_deck(source, asked.folder, asked.camera)
        counts = f"{len(gold['pages'])} pages, {len(gold['chapters'])} chapters"
        print(f"{source.stem}: {gold['duration']:.0f} s, {counts}", flush=True)


if __name__ == "__main__":
    main()

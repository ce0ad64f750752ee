"""Rows of an imagined batch, for the tests of the report."""

from __future__ import annotations

from collections.abc import Iterator

from chapterize.batch.rows import ChapterRow, Reason, Row

ROOT = "/home/anna/Lectures"
TITLES = ("Introduction", "Tides and the moon", "海洋学入门", "مقدمة في الرياضيات", "Questions")
REASON = Reason("cannot open the file", "its index (moov) is missing", "copy it again")


def a_row(name: str = "talk.mp4", state: str = "done", **changes: object) -> Row:
    """A file of 20 minutes with five chapters, of which the program is fairly sure."""
    confidences = (None, 0.6, 0.5, 0.7, 0.4)
    chapters = tuple(
        ChapterRow(240.0 * i, title, share)
        for i, (title, share) in enumerate(zip(TITLES, confidences, strict=True))
    )
    values: dict[str, object] = {
        "seconds": 61.0,
        "duration": 1200.0,
        "n_chapters": len(chapters),
        "chapters": chapters,
        "language": "en",
        "words": "captions:sidecar",
        "outputs": (f"{ROOT}/{name}.vtt",),
    }
    return Row(f"{ROOT}/{name}", state, **{**values, **changes})  # type: ignore[arg-type]


def failed(name: str, reason: Reason = REASON) -> Row:
    """A file that could not be opened."""
    return Row(f"{ROOT}/{name}", "failed", "opening", seconds=0.2, reason=reason)


def many_rows(n: int) -> Iterator[Row]:
    """Files in folders of ten; one in 20 failed, and one in ten has little confidence."""
    for number in range(n):
        name = f"week {number // 10 + 1}/{number:05d} lecture.mp4"
        if number % 20 == 7:
            yield failed(name)
            continue
        share = 0.1 if number % 10 == 3 else 0.5
        chapters = tuple(
            ChapterRow(240.0 * i, f"{title} {number}", share if i else None)
            for i, title in enumerate(TITLES)
        )
        yield a_row(name, "skipped" if number % 5 == 4 else "done", chapters=chapters)

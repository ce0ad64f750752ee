"""Tags of one MP4 put into another: iTunes items, QuickTime keys, user data, cover art.

Where both files have an item, that of the new file stays.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence

from chapterize.rendering.containers.mp4.boxes import Box, make_box

__all__ = ["merge_tags", "user_data"]

_ITUNES = b"mdir"
_JPEG, _PNG, _TEXT = 13, 14, 1
_KEPT = (b"meta", b"uuid")
"""Boxes of the movie that hold tags, next to `udta`."""


def user_data(movie: Box) -> bytes:
    """Return the children of `udta`, without the chapters."""
    udta = movie.first(b"udta")
    return b"".join(box.whole for box in udta.boxes() if box.kind != b"chpl") if udta else b""


def merge_tags(
    new: Box, old: Box | None, freeform: Mapping[str, str], covers: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Return the children of `udta`, and the boxes with tags that `moov` lacks.

    `old` is the movie of the source, if that is an MP4; `freeform` and `covers` are tags that no
    box of it holds.
    """
    ours = list(_boxes(new.first(b"udta")))
    theirs = list(_boxes(old.first(b"udta"))) if old else []
    own_items, old_items = (_items(_itunes(boxes)) for boxes in (ours, theirs))
    items = {**old_items, **own_items}
    if covers and b"covr" not in items:
        items[b"covr"] = make_box(b"covr", *(_cover(data) for data in covers))
    for name, value in freeform.items():
        items.setdefault(b"----" + name.encode(), _freeform(name, value))
    kept = {box.kind for box in ours}
    parts = [box.whole for box in ours if box.kind not in (b"meta", b"chpl")]
    # A kind may be there once for each language.
    parts += [box.whole for box in theirs if box.kind not in (*kept, b"meta", b"chpl")]
    if items:
        parts.append(_meta_box(items))
    parts += [box.whole for box in (*ours, *theirs) if box.kind == b"meta" and not _is_itunes(box)]
    own = {box.kind for box in new.boxes()}
    extra = [box for box in (old.boxes() if old else ()) if box.kind in _KEPT]
    return b"".join(parts), b"".join(box.whole for box in extra if box.kind not in own)


def _boxes(parent: Box | None) -> Iterator[Box]:
    return parent.boxes() if parent is not None else iter(())


def _children_of_meta(meta: Box) -> Iterator[Box]:
    """The boxes in `meta`, which has a version in MP4 and none in QuickTime."""
    is_full = meta.bytes(0, min(8, meta.end - meta.body))[4:8] != b"hdlr"
    return Box(meta.kind, meta.start, meta.body + 4 * is_full, meta.end, meta.data).boxes()


def _is_itunes(meta: Box) -> bool:
    handler = next((box for box in _children_of_meta(meta) if box.kind == b"hdlr"), None)
    return handler is not None and handler.bytes(8, 4) == _ITUNES


def _itunes(boxes: Sequence[Box]) -> Box | None:
    return next((box for box in boxes if box.kind == b"meta" and _is_itunes(box)), None)


def _items(meta: Box | None) -> dict[bytes, bytes]:
    """The items of an iTunes list by kind, freeform ones by kind and name."""
    listed = next((b for b in _children_of_meta(meta) if b.kind == b"ilst"), None) if meta else None
    items = {}
    for item in _boxes(listed):
        name = item.first(b"name") if item.kind == b"----" else None
        items[item.kind + (name.bytes(4) if name is not None else b"")] = item.whole
    return items


def _meta_box(items: Mapping[bytes, bytes]) -> bytes:
    handler = make_box(b"hdlr", struct.pack(">II4s4s9x", 0, 0, _ITUNES, b"appl"))
    return make_box(b"meta", bytes(4), handler, make_box(b"ilst", *items.values()))


def _cover(data: bytes) -> bytes:
    kind = _PNG if data.startswith(b"\x89PNG") else _JPEG
    return make_box(b"data", struct.pack(">II", kind, 0), data)


def _freeform(name: str, value: str) -> bytes:
    """An item with a name of its own, as iTunes and taggers write it."""
    return make_box(
        b"----",
        make_box(b"mean", bytes(4), b"com.apple.iTunes"),
        make_box(b"name", bytes(4), name.encode()),
        make_box(b"data", struct.pack(">II", _TEXT, 0), value.encode()),
    )

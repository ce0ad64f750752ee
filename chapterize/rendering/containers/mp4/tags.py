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
_NAME = b"\xa9nam"
_TITLE_KEYS = (b"title", b"com.apple.quicktime.title", b"com.apple.quicktime.displayname")
_KEPT = (b"meta", b"uuid")
"""Boxes of the movie that hold tags, next to `udta`."""


def user_data(movie: Box) -> bytes:
    """Return the children of `udta`, without the chapters."""
    return b"".join(box.whole for box in _user_boxes(movie) if box.kind != b"chpl")


def _user_boxes(movie: Box | None) -> list[Box]:
    """The children of every `udta`: some programs write a second one."""
    parents = [box for box in movie.boxes() if box.kind == b"udta"] if movie is not None else []
    return [box for parent in parents for box in parent.boxes()]


def merge_tags(
    new: Box, old: Box | None, freeform: Mapping[str, str], covers: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Return the children of `udta`, and the boxes with tags that `moov` lacks.

    `old` is the movie of the source, if that is an MP4; `freeform` and `covers` are tags that no
    box of it holds.
    """
    ours, theirs = _user_boxes(new), _user_boxes(old)
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
    has_title = _NAME in items or _NAME in kept
    parts += [box.whole for box in ours if box.kind == b"meta" and not _is_itunes(box)]
    keys = (box for box in theirs if box.kind == b"meta" and not _is_itunes(box))
    parts += [_keys(box, has_title) for box in keys]
    own = {box.kind for box in new.boxes()}
    extra = [box for box in (old.boxes() if old else ()) if box.kind in {*_KEPT} - own]
    return b"".join(parts), b"".join(_keys(box, has_title) for box in extra)


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


def _keys(box: Box, has_title: bool) -> bytes:
    """A box with tags of the movie; QuickTime keys without a title if the file has its own."""
    if box.kind != b"meta" or not has_title:
        return box.whole
    children = list(_children_of_meta(box))
    names = next((one.bytes(8) for one in children if one.kind == b"keys"), b"")
    titles, number = set(), 0
    while len(names) >= 8:
        number += 1
        size = max(8, int.from_bytes(names[:4]))
        if names[8:size] in _TITLE_KEYS:
            titles.add(number.to_bytes(4))
        names = names[size:]
    parts = [
        make_box(b"ilst", *(item.whole for item in one.boxes() if item.kind not in titles))
        if one.kind == b"ilst"
        else one.whole
        for one in children
    ]
    return make_box(b"meta", box.whole[8 : children[0].start - box.start], *parts)


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

"""Decode the bytes of a caption or chapter file, and note a guessed encoding."""

from __future__ import annotations

import codecs
import re

from chapterize.errors import FormatError

__all__ = ["decode_text"]

# The UTF-32 LE mark starts with that of UTF-16 LE: longer marks come first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LEGACY = (
    *("cp1252", "cp1251", "cp1250", "shift_jis", "gb18030", "big5", "euc_kr", "euc_jp"),
    *("cp1253", "cp1254", "cp1255", "cp1256", "koi8_r"),
)
_BY_LANGUAGE = {
    **dict.fromkeys(("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "fi"), "cp1252"),
    **dict.fromkeys(("pl", "cs", "sk", "hu", "hr", "sl", "ro"), "cp1250"),
    **dict.fromkeys(("ru", "uk", "bg", "be", "sr", "mk"), "cp1251"),
    **{"el": "cp1253", "tr": "cp1254", "he": "cp1255", "ar": "cp1256", "fa": "cp1256"},
    **{"ja": "shift_jis", "ko": "euc_kr", "zh": "gb18030"},
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LINE_END = re.compile(r"\r+\n|\r")
_SAMPLE_BYTES = 60_000
# Bytes that are letters on old Macs, where Windows has signs or capitals in the middle of a word.
_MAC_LETTER = re.compile(
    rb"[a-z][\x80-\x84\x86-\x8f\x90\x95\x98\x99\x9b\x9d\x9f\xa7][a-z\s]"
    rb"|(?<![A-Za-z])[\x80-\x84\x86-\x88\x8d\x8f\x90\x98\x9f][a-z]"
)
_ICELANDIC = re.compile(rb"[\xc1\xc6\xc9\xcd\xd3\xda\xe1\xe6\xe9\xed\xf3\xfa]")


def decode_text(
    data: bytes,
    name: str,
    *,
    what: str = "captions",
    language: str | None = None,
    is_head: bool = False,
) -> tuple[str, tuple[str, ...]]:
    """The text with ``\\n`` line ends, and notes if its encoding had to be guessed.

    Tries the byte order mark, UTF-8, UTF-16 and UTF-32 without a mark, and then the most plausible
    legacy encoding (`language` distinguishes those that share bytes). With `is_head`, the data may
    end inside a character, which is left out. Notes call the content `what`.

    Raises
    ------
    FormatError : the bytes are not text; the message names the file as `name`.
    """
    notes: tuple[str, ...] = ()
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = _decoded(data[len(mark) :], encoding, is_head=is_head)
            break
    else:
        guess = _guess(data, language, is_head=is_head)
        text = None if guess is None else _decoded(data, guess, is_head=is_head)
        if guess != "utf-8":
            notes = (
                f"The {what} are not UTF-8 and were read as {guess}. "
                "If letters look wrong, convert the file to UTF-8.",
            )
    if text is None or len(_CONTROL.findall(text[:_SAMPLE_BYTES])) > 8:
        raise FormatError(
            f"cannot read {name}",
            why="its content is not text in a supported encoding",
            hint=f"export the {what} again, saved as UTF-8",
        )
    # Some programs convert the line ends of a file twice: "\r\r\n".
    return _LINE_END.sub("\n", text), notes


def _guess(data: bytes, language: str | None, *, is_head: bool) -> str | None:
    # UTF-16 with Latin letters is valid UTF-8 too, with a zero in every other byte.
    if b"\0" in data:
        return _guess_wide(data)
    if _decoded(data, "utf-8", is_head=is_head) is not None:
        return "utf-8"
    expected = _BY_LANGUAGE.get((language or "")[:2])
    if expected is not None and _decoded(data, expected, is_head=is_head) is not None:
        return expected
    return _guess_legacy(data, is_head=is_head)


def _guess_wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32, by the places of the zeros."""
    sample = data[:4096]
    zeros = [sample[at::4].count(0) for at in range(4)]
    if min(zeros[2:]) > len(sample) // 5:
        return "utf-32-le"
    if min(zeros[:2]) > len(sample) // 5:
        return "utf-32-be"
    even, odd = zeros[0] + zeros[2], zeros[1] + zeros[3]
    if max(even, odd) < len(sample) // 16:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _decoded(data: bytes, encoding: str, *, is_head: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, final=not is_head)
    except UnicodeDecodeError:
        return None


def _guess_legacy(data: bytes, *, is_head: bool) -> str | None:
    from charset_normalizer import from_bytes

    # Times and tags are ASCII in every encoding and would outweigh the other letters.
    significant = b"\n".join(line for line in data.splitlines() if not line.isascii())
    if _is_latin(data):
        encoding = _latin(significant)
        return encoding if _decoded(data, encoding, is_head=is_head) is not None else None
    if _is_euc_jp(significant, is_head=is_head):
        return "euc_jp"
    best = from_bytes(significant[:_SAMPLE_BYTES], cp_isolation=list(_LEGACY)).best()
    if best is None:
        return None
    encoding = best.encoding
    if encoding in ("cp1250", "cp1252"):
        encoding = _central_or_western(significant)
    elif encoding == "cp1251" and _is_hebrew(significant):
        encoding = "cp1255"
    return encoding if _decoded(data, encoding, is_head=is_head) is not None else None


def _is_latin(data: bytes) -> bool:
    """Whether accented letters are few and single, as in Latin script; a short list tells no more.

    Two bytes a character, or the letters of another script, make longer runs.
    """
    runs = re.findall(rb"[\x80-\xff]+", data)
    letters = len(re.findall(rb"[A-Za-z]", data))
    return max(map(len, runs)) <= 3 and 2 * sum(map(len, runs)) <= letters


def _latin(sample: bytes) -> str:
    """The encoding of text in Latin script."""
    has_western_letters = re.search(
        rb"[A-Za-z][\xe0-\xff]|(?<![A-Za-z])[\xc0-\xce\xd0\xd1\xd3\xd5-\xff][a-z]", sample
    )
    if not has_western_letters and _MAC_LETTER.search(sample):
        return "mac_roman"
    # These bytes are ğ, ı, ş in Turkish, and ð, ý, þ in Icelandic, which has other letters too.
    if re.search(rb"[\xd0\xdd\xde\xf0\xfd\xfe]", sample) and not _ICELANDIC.search(sample):
        return "cp1254"
    return _central_or_western(sample)


def _central_or_western(sample: bytes) -> str:
    western = sample.decode("cp1252", "replace")
    # Read as Western, Polish has symbols inside words and Czech an unusual mix of letters.
    marks_in_words = re.search(r"[^\W\d_][³¹¿¼¾£¥¯]|[³¹¿¼¾][^\W\d_]{2}", western.replace(" ¿", " "))
    odd_mix = re.search("[šž\ufffd]", western) and re.search("[øìùÌØ]", western)
    return "cp1250" if marks_in_words or odd_mix else "cp1252"


def _is_euc_jp(sample: bytes, *, is_head: bool) -> bool:
    """Whether a fifth of the letters is kana: the same bytes are rare in Korean and Chinese."""
    letters = [each for each in _decoded(sample, "euc_jp", is_head=is_head) or "" if each > "\x7f"]
    return 5 * sum("\u3041" <= each <= "\u30fe" for each in letters) >= len(letters) > 0


def _is_hebrew(sample: bytes) -> bool:
    high = [byte for byte in sample if byte >= 0xC0]
    # Hebrew uses 0xE0..0xFA; Russian text soon has one of ы, ь, э, ю or я, which are above.
    return len(high) >= 16 and all(0xE0 <= byte <= 0xFA for byte in high)

"""Read the text in frames with PP-OCRv6 (PaddlePaddle 2026) on onnxruntime.

The extra ``slides`` installs RapidOCR, whose package carries the weights: a network that marks the
lines of text (differentiable binarization, Liao et al. 2020) and one that reads a line (CTC, Graves
et al. 2006). Only these files are read. RapidOCR's code is never imported: it brings OpenCV, a
logger that prints, and downloads.
"""

from __future__ import annotations

import re
import unicodedata
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from math import ceil, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from chapterize.data import FloatArray, TextLine
from chapterize.errors import EngineError, MissingDependency
from chapterize.weights import onnx_session, verified

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Frame = NDArray[np.uint8]

__all__ = ["PACKAGE", "SlideReader", "can_read", "is_installed", "reader_weights"]

PACKAGE = "rapidocr"
_VERSION = "3.10.0"
INSTALL = 'pip install "chapterize-video[slides]"'
_DETECTOR = "PP-OCRv6_det_small.onnx"
_RECOGNISER = "PP-OCRv6_rec_small.onnx"
_SHA256 = {
    _DETECTOR: "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    _RECOGNISER: "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
}
_OTHERWISE = "use --slides off"

_SCRIPTS = frozenset(("Latn", "Hans", "Hant", "Hani", "Jpan"))
"""Scripts that the recogniser knows. It reads others as similar letters of these."""
_UNKNOWN_LETTERS = frozenset(("vi",))

_PIXELS = 960 * 544
"""Size of the image in which lines are looked for. At 720p, twice as many find no more lines."""
_STRIDE = 32
_MOST_SIDE = 2048
_MARKED = 0.3  # probability from which a pixel belongs to a line
_LEAST_MARKED = 0.5  # mean probability of the pixels of a line
_UNCLIP = 1.6  # the detector marks lines that are shrunk by this much of area / perimeter
_LEAST_SIDE = 3  # pixels

_LINE_HEIGHT = 48
_MOST_LINE_WIDTH = 3200
_LEAST_HEIGHT = 0.014
"""Lines lower than this fraction of the frame are not read: letters of about 6 pixels at 720p."""
_MOST_LINES = 60
_LEAST_CONFIDENCE = 0.5
_MOST_CHARACTERS = 300

_BULLET = re.compile(r"^(?:[•●○◦▪■□◆◇►▶➢➤➔·∙⚫]\s*|[-–*]\s+)+")
_TIGHT_NUMBER = re.compile(r"(?<=^\d[.)])(?=[^\W\d])|(?<=^\d\d[.)])(?=[^\W\d])")


class _Box(NamedTuple):
    """Edges as fractions of the frame."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top


class SlideReader:
    """Reads lines of text in the Latin, Chinese and Japanese scripts.

    The weights are loaded with the first frame. Measured with two cores at 720p: 0.5 s of processor
    time for a slide with eight lines; 240 MB of memory.

    Parameters
    ----------
    language : ISO 639-1 code of the language on the slides. Where `can_read` is false for it, no
        lines are returned.

    Raises
    ------
    MissingDependency : the package of the weights, or onnxruntime, is not installed.
    """

    fingerprint = f"{PACKAGE}:{_SHA256[_DETECTOR][:8]}{_SHA256[_RECOGNISER][:8]}/1"
    """The number is that of the method: a change that reads other text needs a new one."""

    def __init__(self, language: str | None = None) -> None:
        self._is_able = can_read(language)
        self._folder = _folder()
        self._networks: _Networks | None = None

    def read(self, frame: Frame) -> tuple[TextLine, ...]:
        """The lines of an RGB frame of shape (height, width, 3), uint8, from top to bottom.

        Bullets in front are left out; each text is on one line, without control characters. Of more
        than 60 lines, the largest are read.

        Raises
        ------
        EngineError : the weights are damaged, or a network fails, for instance for lack of memory.
        """
        height, width = frame.shape[:2]
        if not self._is_able or min(height, width) < _LINE_HEIGHT:
            return ()
        if self._networks is None:
            self._networks = _Networks(*reader_weights(self._folder))
        boxes = [
            box
            for box in _boxes(self._networks.marks(_detectable(frame)))
            # Text on its side is mostly the label of an axis.
            if box.height >= _LEAST_HEIGHT
            and box.height * height <= 1.5 * (box.right - box.left) * width
        ]
        boxes = sorted(boxes, key=lambda box: -box.height)[:_MOST_LINES]
        lines = []
        for box in sorted(boxes, key=lambda box: (box.top, box.left)):
            text, confidence = self._networks.text(_cut_out(frame, box))
            text = _clean(text)
            if confidence >= _LEAST_CONFIDENCE and any(map(str.isalnum, text)):
                place = (box.left, box.top, box.right - box.left, box.height)
                lines.append(TextLine(text, *place, round(confidence, 3)))
        return tuple(lines)


class _Networks:
    """The two networks of PP-OCRv6."""

    def __init__(self, detector: Path, recogniser: Path) -> None:
        self._detector, self._recogniser = (
            onnx_session(path, "a text model", install=INSTALL, otherwise=_OTHERWISE)
            for path in (detector, recogniser)
        )
        stored = self._recogniser.get_modelmeta().custom_metadata_map["character"]
        self._characters = ["", *stored.splitlines(), " "]

    def marks(self, image: Frame) -> FloatArray:
        """The probability of each pixel to be in a line, shape (height, width)."""
        return np.asarray(_run(self._detector, image)[0, 0])

    def text(self, line: Frame) -> tuple[str, float]:
        """The text in the image of a line, and the mean probability of its characters.

        One line at a time: the padding of a batch costs more than it saves, and loses spaces.
        """
        scores = _run(self._recogniser, line)[0]
        found = scores.argmax(axis=1)
        kept = (found != 0) & (np.diff(found, prepend=0) != 0)
        if not kept.any():
            return "", 0.0
        text = "".join(self._characters[i] for i in found[kept])
        return text, float(scores.max(axis=1)[kept].mean())


def can_read(language: str | None) -> bool:
    """Whether the recogniser knows the letters of `language`, an ISO 639-1 code; True for None."""
    from langcodes import Language

    if language is None:
        return True
    return language not in _UNKNOWN_LETTERS and Language.get(language).maximize().script in _SCRIPTS


def is_installed() -> bool:
    """Whether the extra ``slides`` is installed."""
    try:
        return _folder().is_dir() and find_spec("onnxruntime") is not None
    except MissingDependency:
        return False


def reader_weights(folder: Path | None = None) -> tuple[Path, Path]:
    """Return the paths of the detector and the recogniser, by default of the installed package.

    Raises
    ------
    MissingDependency : the package is not installed.
    EngineError : a file is missing, or its digest is another one.
    """
    folder = folder or _folder()
    hint = f"reinstall it: {INSTALL} --force-reinstall"
    detector, recogniser = (verified(folder / name, _SHA256[name], hint=hint) for name in _SHA256)
    return detector, recogniser


def _folder() -> Path:
    try:
        found = distribution(PACKAGE)
    except PackageNotFoundError as error:
        raise MissingDependency(PACKAGE, install=INSTALL, why="it reads slides") from error
    if found.version != _VERSION:
        why = f"version {found.version} is, which has other weights"
        raise MissingDependency(f"{PACKAGE} {_VERSION}", install=INSTALL, why=why)
    return Path(str(found.locate_file("rapidocr/models")))


def _run(session: Any, image: Frame) -> FloatArray:
    """What the network finds in an RGB image; it expects BGR, channels first, from -1 to 1."""
    given = image[:, :, ::-1].transpose(2, 0, 1)[None] / np.float32(127.5) - np.float32(1)
    try:
        (found,) = session.run(None, {"x": np.ascontiguousarray(given, dtype=np.float32)})
    except Exception as error:
        raise EngineError(
            "cannot read the text on a slide",
            why=(str(error).strip() or type(error).__name__).splitlines()[0],
            hint=f"close other programs, or {_OTHERWISE}",
        ) from error
    return np.asarray(found)


def _detectable(frame: Frame) -> Frame:
    """`frame` in about the same shape, at the size that suits the detector."""
    height, width = frame.shape[:2]
    scale = sqrt(_PIXELS / (height * width))
    sides = (round(side * scale / _STRIDE) * _STRIDE for side in (width, height))
    return _resized(frame, *(min(_MOST_SIDE, max(_STRIDE, side)) for side in sides))


def _boxes(marks: FloatArray) -> list[_Box]:
    """The boxes of the lines, from the probability of each pixel; text that is not level is cut."""
    from scipy import ndimage

    height, width = marks.shape
    labels, n_found = ndimage.label(marks > _MARKED, structure=np.ones((3, 3)))
    means = ndimage.mean(marks, labels, range(1, n_found + 1)) if n_found else ()
    boxes = []
    for (rows, columns), mean in zip(ndimage.find_objects(labels), means, strict=True):
        n_rows, n_columns = rows.stop - rows.start, columns.stop - columns.start
        if mean < _LEAST_MARKED or min(n_rows, n_columns) < _LEAST_SIDE:
            continue
        margin = _UNCLIP * n_rows * n_columns / (2 * (n_rows + n_columns))
        box = _Box(
            max(0.0, (columns.start - margin) / width),
            max(0.0, (rows.start - margin) / height),
            min(1.0, (columns.stop + margin) / width),
            min(1.0, (rows.stop + margin) / height),
        )
        boxes.append(box)
    return boxes


def _cut_out(frame: Frame, box: _Box) -> Frame:
    """The image of a line, at the height that the recogniser expects."""
    height, width = frame.shape[:2]
    part = frame[
        int(box.top * height) : ceil(box.bottom * height),
        int(box.left * width) : ceil(box.right * width),
    ]
    n_columns = ceil(_LINE_HEIGHT * part.shape[1] / part.shape[0])
    return _resized(part, min(_MOST_LINE_WIDTH, max(_STRIDE, n_columns)), _LINE_HEIGHT)


def _resized(image: Frame, width: int, height: int) -> Frame:
    from av import VideoFrame

    whole = VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
    new = whole.reformat(width, height, "rgb24", interpolation="BILINEAR").to_ndarray()
    return np.asarray(new, dtype=np.uint8)


def _clean(text: str) -> str:
    """`text` on one line, without bullets in front and characters that do not print."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(c if c.isprintable() else " " for c in text)
    text = _BULLET.sub("", " ".join(text.split()))
    return _TIGHT_NUMBER.sub(" ", text)[:_MOST_CHARACTERS].strip()

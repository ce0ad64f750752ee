"""Run FFmpeg: the program through ffmpeg-python, the libraries through PyAV.

Every input is a local file, passed as a ``file:`` URL; only the `file` protocol and the formats on
our list are allowed. So a path is never read as an option, a shell word, an address or a playlist.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from chapterize.background import in_background
from chapterize.children import blocks_of, child_environment, output_of
from chapterize.errors import MediaError, MissingDependency, OutputError, ToolError
from chapterize.files import NO_ROOM, check_file, printed_no_room

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream

__all__ = [
    "chosen_ffmpeg",
    "decode",
    "ffmpeg_programs",
    "find_ffmpeg",
    "input_file",
    "is_still_picture",
    "open_container",
    "output_url",
    "pick_audio",
    "pick_video",
    "read_blocks",
    "read_packets",
    "run",
]

_TAIL_BYTES = 4000
# Demuxers that can name other files or addresses (playlists, concat lists) are excluded.
_DEMUXERS = (
    "mov,mp4,m4a,matroska,webm,avi,mpegts,mpeg,flv,asf,mxf"
    ",mp3,wav,aac,ogg,flac,aiff,caf,amr,ac3,eac3"
)
# The program also reads captions, metadata and still images, which cannot name other files either.
_SIDE_DEMUXERS = "srt,webvtt,ass,ffmetadata,image2,png_pipe,jpeg_pipe"
_FORMATS_HINT = (
    "use a media file, such as mp4, mov, mkv, webm, avi, ts, mpg, flv, wmv, mp3, m4a or wav"
)
_PLAYLIST = re.compile(
    r"[\ufeff\s]*(?:#EXTM3U|ffconcat|\[playlist\]"
    r"|(?:<\?[^>]*>\s*)?<(?:playlist|smil|asx|MPD|SmoothStreamingMedia)\b)",
    re.IGNORECASE,
)
# Each failed read skips a packet; in a truncated file every read fails.
_MAX_FAILED_READS = 200

_S = TypeVar("_S", bound="Stream")


def find_ffmpeg() -> str:
    """Path of the program: ``CHAPTERIZE_FFMPEG``, else the system's, else imageio-ffmpeg's.

    Raises
    ------
    MissingDependency : no ffmpeg was found.
    """
    return next(ffmpeg_programs())


def chosen_ffmpeg() -> str | None:
    """The program named by ``CHAPTERIZE_FFMPEG``, if set; no other program may then be run."""
    return os.environ.get("CHAPTERIZE_FFMPEG") or None


def ffmpeg_programs() -> Iterator[str]:
    """Yield every program that may be run, at least one; that of `find_ffmpeg` comes first.

    Raises
    ------
    MissingDependency : no ffmpeg was found.
    """
    if chosen := chosen_ffmpeg():
        yield chosen
        return
    system = shutil.which("ffmpeg")
    if system:
        yield system
    try:
        import imageio_ffmpeg  # noqa: F401 - whether it is installed

        if bundled := _bundled_ffmpeg():
            yield bundled
            return
    except ImportError:
        pass
    if not system:
        raise MissingDependency("ffmpeg", install="pip install imageio-ffmpeg")


@cache
def _bundled_ffmpeg() -> str | None:
    """Ask imageio-ffmpeg in a child process: it starts the program, with its whole environment."""
    code = "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"
    found = output_of([sys.executable, "-P", "-X", "utf8", "-c", code], seconds=60)
    return (found or "").strip() or None


@contextmanager
def open_container(path: Path) -> Iterator[InputContainer]:
    """Open a local media file with PyAV and close it at the end; its content decides the format.

    PyAV errors raised inside the ``with`` block are translated too, unless they are in `NO_ROOM`:
    those are OSErrors about a file that is written there.

    Raises
    ------
    MediaError : the file is missing, unreadable, damaged or of an unsupported format.
    """
    import av

    check_file(path)
    _refuse_text(path)
    options = {"protocol_whitelist": "file", "format_whitelist": _DEMUXERS}
    try:
        container = av.open(output_url(path), options=options, metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        why, hint = _explain_content(path)
        raise MediaError(f"cannot open {path}", why=why, hint=hint) from error
    with container:
        try:
            yield container
        except av.error.FFmpegError as error:
            if error.errno in NO_ROOM:
                raise
            raise MediaError(
                f"cannot read {path}",
                why=f"it is damaged ({error.strerror})",
                hint="copy it again from its source, and check that it plays to its end",
            ) from error


def _refuse_text(path: Path) -> None:
    """Raise MediaError for text and playlists: FFmpeg would trust the suffix of their names."""
    with path.open("rb") as file:
        head = file.read(4096)
    # The last character read may be incomplete.
    text = head.decode("utf-8", "replace").rstrip("\ufffd")
    if "\ufffd" in text or "\0" in text:
        return
    why = "its content is text, not audio or video"
    if _PLAYLIST.match(text):
        why = "it is a playlist, which only lists other files"
    raise MediaError(f"cannot open {path}", why=why, hint=_FORMATS_HINT)


def _explain_content(path: Path) -> tuple[str, str]:
    """Why FFmpeg cannot open an existing file, judged by its first bytes: (why, hint)."""
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
        return (
            "its index (moov) is missing or damaged: the recording or the copy is incomplete",
            "copy it again, or repair it with the program that recorded it",
        )
    if head.startswith((b"\x1aE\xdf\xa3", b"RIFF", b"OggS", b"fLaC")):
        return "its header is damaged, or the file ends inside it", "copy it again from its source"
    return "its format is not supported", _FORMATS_HINT


def is_still_picture(stream: Stream) -> bool:
    """Whether a stream is cover art or a thumbnail, which players do not show as video."""
    from av.stream import Disposition

    stills = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
    return bool(stream.disposition & stills)


def pick_video(container: InputContainer) -> VideoStream | None:
    """The video track a player shows: the default one, else the first; never cover art."""
    return _pick([stream for stream in container.streams.video if not is_still_picture(stream)])


def pick_audio(container: InputContainer) -> AudioStream | None:
    """The audio track a player plays: the default one, else the first."""
    return _pick(list(container.streams.audio))


def _pick(streams: list[_S]) -> _S | None:
    from av.stream import Disposition

    # Phones add tracks in private codecs, which have no codec context.
    usable = [stream for stream in streams if stream.codec_context is not None]
    chosen = [s for s in usable if s.disposition & Disposition.default] or usable
    return chosen[0] if chosen else None


def read_packets(container: InputContainer, *streams: Stream) -> Iterator[Packet[Any]]:
    """Yield the data packets of `streams` in file order, skipping places that cannot be read."""
    from av.error import FFmpegError
    from av.stream import Discard

    for stream in container.streams:
        stream.discard = Discard.default if stream in streams else Discard.all
    n_failed = 0 if streams else _MAX_FAILED_READS  # demux() of nothing would read everything
    while n_failed < _MAX_FAILED_READS:
        try:
            for packet in container.demux(*streams):
                if packet.size:  # PyAV ends with empty packets that flush the decoders
                    n_failed = 0
                    yield packet
        except FFmpegError:
            n_failed += 1
        else:
            return


def decode(decoder: Any, packet: Packet[Any] | None) -> list[Any] | None:
    """The frames of `packet`, or the last ones if it is None; None if they cannot be decoded.

    `decoder` is a stream or its codec context.
    """
    from av.error import FFmpegError

    try:
        frames: list[Any] = decoder.decode(packet)
    except FFmpegError:
        return None
    return frames


def input_file(path: Path, **options: Any) -> Any:
    """An ffmpeg-python input node for a local file; `options` go before ``-i``.

    Only the media formats on our list, captions, metadata and still images are allowed.
    """
    import ffmpeg

    safe = {"protocol_whitelist": "file", "format_whitelist": f"{_DEMUXERS},{_SIDE_DEMUXERS}"}
    return ffmpeg.input(output_url(path), **{**safe, **options})


def output_url(path: Path) -> str:
    """`path` as a URL that ffmpeg cannot mistake for an option or an address."""
    return f"file:{path.absolute()}"


def run(node: Any, *, what: str, program: str | None = None) -> None:
    """Run an ffmpeg-python output node to its end, with `program` or else `find_ffmpeg`.

    `what` describes the task in the error, such as ``"embedding chapters into talk.mp4"``.

    Raises
    ------
    OutputError : the disk is full.
    ToolError : ffmpeg did not start, or its exit code is not 0.
    """
    for _ in read_blocks(node, 1 << 16, what=what, program=program):
        pass


def read_blocks(
    node: Any, block_bytes: int, *, what: str, program: str | None = None
) -> Iterator[bytes]:
    """Run an ffmpeg-python output node and yield its stdout in blocks of `block_bytes`.

    The last block may be shorter. ffmpeg is killed when the caller stops reading, or by a `Stop`,
    which raises KeyboardInterrupt.

    Raises
    ------
    OutputError : the disk that ffmpeg writes to is full.
    ToolError : ffmpeg did not start, or its exit code is not 0.
    """
    command = [program or find_ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "error"]
    command += node.get_args()
    process = _start(command, what)
    # A pipe that nobody reads would block ffmpeg, and a file may be on the disk that is full.
    log = in_background(lambda: _end_of(process.stderr), name="ffmpeg-log")
    returncode = yield from blocks_of(process, block_bytes)
    tail = log.result().decode("utf-8", "replace")
    if returncode != 0:
        if full := printed_no_room(tail):
            raise OutputError(f"{what} failed", why=full[0], hint=full[1])
        facts: Any = {"command": command, "returncode": returncode, "tail": tail}
        raise ToolError(f"{what} failed", **facts, hint="check that the file plays")


def _start(command: Sequence[str], what: str) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=child_environment(),
            restore_signals=False,  # SIGXFSZ would end it without a message
        )
    except (OSError, ValueError) as error:
        tail, hint = f"ffmpeg did not start: {error}", "check CHAPTERIZE_FFMPEG, or unset it"
        raise ToolError(f"{what} failed", command=command, tail=tail, hint=hint) from error


def _end_of(stream: Any) -> bytes:
    """The last bytes of a binary file, which is read to its end and closed."""
    tail = b""
    with stream:
        while block := stream.read1(_TAIL_BYTES):
            tail = (tail + block)[-_TAIL_BYTES:]
    return tail

"""Everything that the contract leaves open, and every lasting misbehaviour."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal


@dataclass
class Switches:
    """May be set at any time, also during a request. Counts decrease by one at each use."""

    # The event stream
    dialect: Literal["plain", "agent-kit", "mixed"] = "plain"
    crlf: bool = False
    split_data: bool = False
    """Spread the JSON of each event over several ``data:`` lines."""
    empty_data: bool = False
    comments: bool = False
    cut_utf8: bool = False
    """End chunks inside a character of several bytes."""
    unknown_types: bool = False
    non_json: bool = False
    bom: bool = False
    no_last_blank: bool = False
    """The last frame lacks its blank line."""
    pace: float = 0.0
    """Seconds between two frames."""
    n_heartbeats: int = 2
    heartbeats_only: float = 0.0
    """Seconds of nothing but heartbeats (inf: until set to 0); the edit is still applied."""
    heartbeat_every: float = 0.02
    cut_stream_at: int | None = None
    """The stream is cut after this many bytes of its body …"""
    cut_how: Literal["reset", "close", "clean"] = "reset"
    """… by a reset, by a close in mid-body, or so that it looks like a regular end."""
    cut_keeps_edit: bool = True
    """Whether the edit of a cut stream is applied."""

    # What the agent says and does
    silent_edits: bool = False
    answer: str = ""
    """The last text of the agent, in place of its own."""
    screen_talk: bool = False
    asks_question: bool = False
    temporary_issue: bool = False
    unasked_tracks: bool = False
    """Music and a title that nobody asked for are added after the edit …"""
    unasked_readings: int = 0
    """… this many readings of the state later (0: with the edit)."""
    edit_moment: Literal["before", "middle", "end", "later"] = "end"
    """Before the first byte, half way, after the last frame, or `edit_readings` readings later."""
    edit_readings: int = 1
    misplaced_by: float = 0.0
    """Seconds by which the titles of a session's first plan are late."""
    missing_titles: int = 0
    """How many of the last titles of a session's first plan are forgotten."""
    stubborn: bool = False
    """Corrections are misplaced and forgotten as well."""

    # State and uploads
    segment_shape: Literal["flat", "nested", "own"] = "flat"
    video_on_upload: bool = True
    """Whether an upload is put on the timeline at once, or by the first edit."""
    session_state_applied: bool = True
    """False: an upload appears one reading of the state later."""
    upload_bare: bool = False
    """`fps` and `hash` are missing from the answer."""
    upload_limit_bytes: int = 500_000_000
    refuses_early: bool = False
    """Answer a refused upload before its body is read."""
    keeps_bytes: int = 64_000_000
    """Larger files are counted and hashed, not kept; their render is synthesised."""
    claims_seconds: float = 0.0
    """Duration that an upload has at the service, whatever the file's (0: that of the file)."""
    video_seconds: float = 30.5
    """Duration of files that are not real videos, or were given as addresses."""

    # Money and refusals
    edit_cost: int = 10
    render_cost: int = 10
    out_of_credits: Literal["", "http", "sse-error", "sse-text"] = ""
    """Report that credits have run out, and how a run reports it (really running out: ``http``)."""
    out_of_credits_on: Literal["both", "run", "render"] = "both"
    export_blocked: bool = False
    rate_limited: int = 0
    """Number of requests that are answered with 429."""
    bursts: list[int] = field(default_factory=list)
    """Statuses of the next requests of any call, one each, such as ``[502, 503, 504]``."""
    burst_calls: tuple[str, ...] = ()
    """The calls that `rate_limited` and `bursts` apply to; empty: all but ``cdn``."""
    token_expired: Literal["", "http", "code"] = ""
    """All tokens known at the next request expire; then the switch is reset. 1001 comes with
    HTTP 401, or as a code with 200."""
    lost_sessions: bool = False
    """All sessions known at the next request are lost; then the switch is reset."""
    coded_http: bool = False
    """Refusals with a code have a matching HTTP status instead of 200."""
    error_body: Literal["code", "success", "text"] = "code"
    """The envelope of refusals with a code, or plain text."""
    clock_offset: float = 0.0
    """Seconds by which the service's clock is ahead."""

    # Renders and downloads
    render_shape: Literal["nested", "flat"] = "nested"
    render_post_bare: bool = False
    """The answer to a render request has no `data`."""
    duplicate_id: int = 0
    slow_render: int = 0
    """Number of polls that find the render unfinished, with rising progress."""
    render_failure: str = ""
    """The error with which renders fail."""
    output_url: Literal["same", "other-host", "none"] = "same"
    cdn_ranges: bool = True
    cut_download_at: int | None = None
    """A download is cut after this many bytes of its body …"""
    cut_downloads: int = 1
    """… and this many downloads are."""
    download_wrong: Literal["", "short", "not-video", "size"] = ""
    """The second half is missing, it is a web page, or its size differs from the status."""
    expired_urls: int = 0
    """Number of expired download URLs of a render (403); each poll gives a new one."""

    def set(self, values: dict[str, Any]) -> None:
        """Set several by name; an unknown name is an error."""
        known = {each.name for each in fields(self)}
        if unknown := set(values) - known:
            raise ValueError(f"no such switch: {', '.join(sorted(unknown))}")
        for name, value in values.items():
            setattr(self, name, tuple(value) if name == "burst_calls" else value)

"""The floors of the package, and of each large package in it."""

from __future__ import annotations

__all__ = ["FLOORS", "OPEN_TO_SIBLINGS", "WITHIN"]

# From the lowest floor up; a module imports only from floors below its own.
FLOORS = (
    "_version errors timecode background masking children pages characters temporary",
    "data files inputs journal fingerprint ffmpeg language markdown xml_tree decoding",
    "cache weights voice settings hub",
    "profiles",
    "media captions transcribe sentences signals slides vectors segment check formats evaluate",
    "title",
    "pipeline rendering remote compare",
    "deliver doctor skill",
    "batch mcp review",
    "cli",
    "__init__ __main__",
)
# Values, whole-file writing and errors serve their own floor too.
OPEN_TO_SIBLINGS = ("errors", "data", "files")

# The floors inside a package, in the same form.
WITHIN = {
    "batch": (
        "commands copies report_html rows settling thumbnails",
        "ray_cluster storage",
        "items",
        "learning records remote_items targets watching",
        "arrivals plan report",
        "done engine stored",
        "driver local ray_actor shadow work",
        "places transfer",
        "ray_engine serving",
    ),
    "captions": (
        "markup words",
        "cues rolling",
        "json_transcripts line_formats subtitles text_transcripts timed_xml",
        "kinds writing",
        "reading",
        "embedded sidecar",
    ),
    "check": ("platforms", "fixes rules"),
    "cli": (
        "batch_counts evaluate_options examples interrupts live options",
        "batch_options command terminal",
        (
            "batch_table cache chapters evaluate_table fetching mcp models outputs person settled"
            " skill"
        ),
        "batch_run check config doctor drafting evaluate_titles evaluate_verdicts transcripts",
        "deliver describe draft evaluate render review split",
        "batch conversing",
        "learn remote",
        "ask",
        "main",
    ),
    "compare": ("counts pair titles", "comparison sheet title_files", "judging"),
    "deliver": ("offer results sessions", "delivery exports", "conversation"),
    "doctor": ("check", "machine models online", "examination"),
    "evaluate": ("bootstrap fields measures peers", "corpus summary verdicts"),
    "formats": (
        "frames json_tree listing speech times",
        (
            "cue cutting_lists editor_lists editors ffmetadata ffprobe labels markup mediainfo"
            " ogm player_json quicktime rows webvtt xml_files"
        ),
        "editor_xml json_files publishing text_lists youtube",
        "description kinds",
        "table",
        "reading",
    ),
    "hub": ("registry", "disk failures names", "downloading"),
    "language": ("guess names", "words", "cues"),
    "mcp": ("calls", "chapters", "delivering", "server"),
    "media": ("audio probe",),
    "pipeline": (
        "edits existing headings",
        "draft lists options",
        "habits kept run transcripts",
        "keeping signals",
        "words",
        "drafting",
    ),
    "profiles": ("places titles", "habits", "storage"),
    "remote": (
        "brief_texts intent_keywords wording writer",
        "events identity intent interface timeline",
        "request same_title",
        "brief connection",
        "answers",
        "client",
        "journal",
        "downloads journals reply uploads",
        "spending targets",
        "session",
        "plan renders",
        "workflow",
    ),
    "rendering": (
        "containers cover h264 hdr jpeg options program",
        "overlay proxy streams",
        "card job splice",
        "encode preview verify",
        "parts video",
        "split",
    ),
    "rendering.containers": ("copying naming", "matroska mp4 tags", "keeping", "carrying", "embed"),
    "rendering.containers.mp4": ("boxes", "edits tags tracks", "movie", "writing"),
    "rendering.overlay": (
        "clusters emoji_shapes font_files",
        "breaks font_cut",
        "emoji",
        "fonts",
        "ass lines",
        "styles",
    ),
    "rendering.parts": (
        "exact foreign mp3 tracks",
        "planning",
        "keyframes writing",
        "flac verifying",
    ),
    "rendering.splice": ("groups", "reencode", "joining"),
    "review": (
        "child guard instance memory proposals store",
        "playback preparation project titling",
        "answers images learning peaks playable",
        "listing",
        "api results",
        "server tasks",
        "assembly",
    ),
    "segment": (
        "contrast estimates evidence fixed headings markers network partition pauses",
        "features recount",
        "model",
        "counts",
        "boundaries",
    ),
    "sentences": ("tokens", "ends", "splitting", "layout"),
    "signals": ("pauses slides",),
    "skill": (),
    "slides": ("frames furniture reading stretches", "headings pages"),
    "title": ("numbers", "phrases", "llm"),
    "title.llm": (
        "answers server",
        "prompt",
        "asking chat check",
        "generator headings writing",
        "titler",
    ),
    "title.phrases": (
        "grammar never ranking tagger trees typical words",
        "noun_phrases spaced speech unspaced",
        "candidates",
        "word_features",
        "features",
        "scorer",
        "titler",
    ),
    "transcribe": (
        "device engine windows",
        "fallback model recognition",
        "parts",
        "resumable",
        "whisper",
    ),
    "vectors": ("rows", "lexical sentence static", "minilm", "embedder"),
}

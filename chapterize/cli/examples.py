"""The examples and exit codes that the help texts show."""

from __future__ import annotations

__all__ = ["EXAMPLES", "EXIT_CODES"]

EXIT_CODES = {
    0: "success",
    1: "problems found by check, doctor or models verify",
    2: "wrong usage",
    3: "an input cannot be used",
    4: "a chapter, caption, corpus or settings file is malformed",
    5: "a result cannot be written",
    6: "an optional package is not installed",
    7: "ffmpeg failed",
    8: "a model could not be loaded, or failed",
    9: "the remote service failed or refused",
    10: "unknown whether a message reached the remote service",
    11: "you declined, and nothing was sent or deleted",
    130: "interrupted with Ctrl-C",
}

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "": (
        ("Print chapters to paste under a video", "chapterize draft talk.mp4"),
        ("Write a video with titles and chapters", "chapterize render talk.mp4"),
        ("See what a command can do", "chapterize draft --help"),
    ),
    "draft": (
        ("Print chapters to paste under a video", "chapterize draft talk.mp4"),
        ("Write eight chapters as WebVTT", "chapterize draft talk.mp4 --count 8 -o talk.vtt"),
        (
            "Write two formats for every video",
            "chapterize draft *.mp4 --format youtube,webvtt --out-dir chapters",
        ),
    ),
    "embed": (
        ("Write talk-chapters.mp4", "chapterize embed talk.mp4 talk.vtt"),
        (
            "Draft and embed in one line",
            "chapterize draft talk.mp4 --json | chapterize embed talk.mp4 -",
        ),
    ),
    "convert": (
        ("Convert WebVTT to Matroska XML", "chapterize convert talk.vtt talk.xml"),
        (
            "Convert a YouTube list, which stores no duration",
            "chapterize convert talk.txt talk.cue --duration 45:00",
        ),
        (
            "Write markers for DaVinci Resolve",
            "chapterize convert talk.json talk.edl --frame-rate 25",
        ),
    ),
    "check": (
        ("Check a YouTube list", "chapterize check talk.txt --duration 45:00"),
        (
            "Correct it into a new file",
            "chapterize check talk.txt --duration 45:00 --fix -o fixed.txt",
        ),
        ("Check chapters for MP4", "chapterize check talk.vtt --for mp4"),
    ),
    "evaluate": (
        (
            "Compare a draft with your own chapters",
            "chapterize evaluate talk.srt --chapters talk.txt",
        ),
        (
            "Evaluate a corpus with the true number of chapters",
            "chapterize evaluate corpus.jsonl.gz --count reference",
        ),
    ),
    "deliver": (
        ("Show what would be sent, and send nothing", "chapterize deliver talk.mp4 --dry-run"),
        ("Ask, then upload and fetch the video", "chapterize deliver talk.mp4"),
        ("Use your own chapters", "chapterize deliver talk.mp4 --chapters talk.vtt"),
    ),
    "render": (
        ("Write talk-chapters.mp4", "chapterize render talk.mp4"),
        (
            "Preview the titles of your own chapters",
            "chapterize render talk.mp4 --chapters talk.vtt --preview titles.png",
        ),
        ("Write a vertical video", "chapterize render talk.mp4 --aspect 9:16 -o vertical.mp4"),
    ),
    "split": (
        ("Write one file per chapter to talk-chapters/", "chapterize split talk.mp4"),
        (
            "Use your own chapters and folder",
            "chapterize split talk.mp4 --chapters talk.vtt --out-dir parts",
        ),
    ),
    "ask": (
        ("Add chapters to a video", 'chapterize ask "generate chapters and titles" talk.mp4'),
        ("Edit the session", 'chapterize ask "make the titles larger"'),
        ("Fetch the video", 'chapterize ask "export"'),
    ),
    "config": (
        ("Show all settings", "chapterize config"),
        ("See what the built-in defaults are", "chapterize --no-config config"),
    ),
    "doctor": (
        ("Check this machine", "chapterize doctor"),
        ("Check the network too, for a script", "chapterize doctor --online --json"),
    ),
    "models list": (
        ("List the models", "chapterize models list"),
        ("List them for a script", "chapterize models list --json"),
    ),
    "models pull": (
        ("Download a small speech model", "chapterize models pull base"),
        (
            "Download a model by its name on the hub",
            "chapterize models pull Systran/faster-whisper-medium",
        ),
    ),
    "models verify": (
        ("Verify every model on disk", "chapterize models verify"),
        ("Verify one", "chapterize models verify small"),
    ),
    "models path": (
        ("Print the folder of a model", "chapterize models path small"),
        ("Print it for a script", "chapterize models path small --json"),
    ),
    "models remove": (
        ("Delete a model", "chapterize models remove small"),
        ("Delete it without a question", "chapterize models remove small --yes"),
    ),
    "remote status": (
        ("Show the newest session", "chapterize remote status"),
        ("Show it for a script", "chapterize remote status --json"),
    ),
    "remote credits": (
        ("Show your credits", "chapterize remote credits"),
        ("Show them for a script", "chapterize remote credits --json"),
    ),
    "remote upload": (
        ("Add a file to the newest session", "chapterize remote upload logo.png"),
        ("Start a new session with a video", "chapterize remote upload --new talk.mp4"),
    ),
    "remote say": (
        ("Request an edit", 'chapterize remote say "make the titles yellow"'),
        ("See every request", 'chapterize remote say "undo that" --verbose'),
    ),
    "remote export": (
        ("Render and download the video", "chapterize remote export"),
        ("Choose where it goes", "chapterize remote export -o talk-final.mp4"),
    ),
    "remote sessions": (
        ("List your sessions", "chapterize remote sessions"),
        ("List them for a script", "chapterize remote sessions --json"),
    ),
    "remote resume": (
        ("Continue the newest unfinished session", "chapterize remote resume"),
        ("Send a message again if its outcome is unknown", "chapterize remote resume --send-again"),
    ),
    "remote cancel": (
        ("Cancel the newest unfinished session", "chapterize remote cancel"),
        ("Cancel it for a script", "chapterize remote cancel --json"),
    ),
}
"""For each command, what an example does and its command line."""

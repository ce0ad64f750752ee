"""The examples and exit codes that the help texts show."""

from __future__ import annotations

__all__ = ["EXAMPLES", "EXIT_CODES"]

EXIT_CODES = {
    0: "success",
    1: "problems found by check, doctor or models verify",
    2: "wrong usage, or a value that an option does not take",
    3: "an input cannot be used",
    4: "a chapter, caption, corpus or settings file is malformed",
    5: "a result cannot be written",
    6: "an optional package is not installed",
    7: "ffmpeg failed",
    8: "a model could not be loaded, or failed",
    9: "the remote service failed or refused",
    10: "unknown whether a message reached the remote service",
    11: "you declined, and nothing was sent or deleted",
    12: "some files of batch or learn failed, or the remote session is in use",
    130: "interrupted with Ctrl-C",
}

_TEXT = """\
chapterize
  chapterize draft talk.mp4  # Print chapters to paste under a video
  chapterize render talk.mp4  # Write a video with titles and chapters
  chapterize draft --help  # See what a command can do
draft
  chapterize draft talk.mp4  # Print chapters to paste under a video
  chapterize draft talk.mp4 -o talk.vtt --transcript talk.md  # Write them as WebVTT, and notes
  chapterize draft talk.mp4 --keep  # Keep the chapters it has, and find missing titles
batch
  chapterize batch lectures -r --out chapters  # One list per video, in a folder like it
  chapterize batch lectures -r --out chapters --dry-run  # See what is left to do
  chapterize batch inbox --watch --embed -j 2  # Also what arrives later, two files at a time
review
  chapterize review talk.mp4  # Open the page of a video in the browser
  chapterize review talk.mp4 --chapters talk.vtt  # Start from your own chapters
  chapterize review talk.mp4 --no-browser --port 8000  # Only print the address
learn
  chapterize learn course  # Learn from the videos in a folder that have chapters
  chapterize learn talk.mp4 --profile interviews  # For chapterize draft --profile interviews
  chapterize learn list.txt --duration 1:02:30  # Learn from a list under a video
describe
  chapterize describe talk.mp4 --into description.txt  # Replace the list in a description
  chapterize describe talk.vtt --into description.txt --dry-run  # See the text with your list
  chapterize describe talk.vtt --into - --json  # Read the text from stdin, for a script
embed
  chapterize embed talk.mp4 talk.vtt  # Write talk-chapters.mp4
  chapterize embed talk.mp4  # The chapters in talk.chapters.txt next to it
  chapterize draft talk.mp4 --json | chapterize embed talk.mp4 -  # Draft and embed in one line
convert
  chapterize convert talk.txt talk.cue --duration 45:00  # Convert a YouTube list
  chapterize convert talk.json talk.edl --frame-rate 25  # Write markers for DaVinci Resolve
  chapterize convert talk.json talk.md --url https://youtu.be/x  # Link the times to YouTube
check
  chapterize check talk.txt --duration 45:00  # Check a YouTube list
  chapterize check talk.txt --duration 45:00 --fix -o fixed.txt  # Correct it into a new file
  chapterize check talk.vtt --for mp4  # Check chapters for MP4
evaluate
  chapterize evaluate talk.srt --chapters talk.txt  # Compare a draft with your own chapters
  chapterize evaluate corpus.jsonl.gz --count reference  # Evaluate with the true counts
  chapterize evaluate corpus.jsonl.gz --titles phrases --sheet judge.md  # Write titles to judge
deliver
  chapterize deliver talk.mp4 --dry-run  # Show what would be sent, and send nothing
  chapterize deliver talk.mp4  # Ask, then upload and fetch the video
  chapterize deliver talk.mp4 --chapters talk.vtt  # Use your own chapters
render
  chapterize render talk.mp4  # Write talk-chapters.mp4
  chapterize render talk.mp4 --chapters talk.vtt --preview titles.png  # Preview your own titles
  chapterize render talk.mp4 --aspect 9:16 -o vertical.mp4  # Write a vertical video
split
  chapterize split talk.mp4  # Write one file per chapter to talk-chapters/
  chapterize split talk.mp4 --chapters talk.vtt --out-dir parts  # Use your own chapters and folder
ask
  chapterize ask "generate chapters and titles" talk.mp4  # Add chapters to a video
  chapterize ask "turn this into a short video" talk.mp4 -o short.mp4  # Make a video of a file
  chapterize ask "export" talk.mp4  # Fetch the video of a file
config
  chapterize config  # Show all settings
  chapterize --no-config config  # See what the built-in defaults are
doctor
  chapterize doctor  # Check this machine
  chapterize doctor --online --json  # Check the network too, for a script
skill
  chapterize skill  # Print the skill, to save it where an agent looks for it
  chapterize skill --path  # Print where the file is
mcp
  chapterize mcp  # Start the server, as an agent's program does
  chapterize --verbose mcp  # Print debug messages on stderr
models list
  chapterize models list  # List the models
  chapterize models list --json  # List them for a script
models pull
  chapterize models pull base  # Download a small speech model
  chapterize models pull Systran/faster-whisper-medium  # Download a model by its name on the hub
models verify
  chapterize models verify  # Verify every model on disk
  chapterize models verify small  # Verify one
models path
  chapterize models path small  # Print the folder of a model
  chapterize models path small --json  # Print it for a script
models remove
  chapterize models remove small  # Delete a model
  chapterize models remove small --yes  # Delete it without a question
cache show
  chapterize cache show  # Show what is cached and how much space it takes
  chapterize cache show --json  # Show it for a script
cache prune
  chapterize cache prune --older 30d  # Delete what was not used for a month
  chapterize cache prune --max 5GB --dry-run  # Show what would be deleted to get down to 5 GB
remote status
  chapterize remote status  # Show the newest session
  chapterize remote status --json  # Show it for a script
remote credits
  chapterize remote credits  # Show your credits
  chapterize remote credits --json  # Show them for a script
remote upload
  chapterize remote upload logo.png  # Add a file to the newest session
  chapterize remote upload --new talk.mp4  # Start a new session with a video
remote say
  chapterize remote say "make the titles yellow"  # Request an edit
  chapterize remote say "undo that" --verbose  # See every request
remote export
  chapterize remote export  # Ask, then render and download the video
  chapterize remote export -o talk-final.mp4 --yes  # Choose where it goes, without a question
remote sessions
  chapterize remote sessions  # List your sessions
  chapterize remote sessions --json  # List them for a script
remote resume
  chapterize remote resume  # Continue the newest unfinished session
  chapterize remote resume --send-again  # Send a message again if its outcome is unknown
remote cancel
  chapterize remote cancel  # Cancel the newest session
  chapterize remote cancel --json  # Cancel it for a script
"""


def _parsed(text: str) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    rows: list[tuple[str, str]] = []
    for row in text.splitlines():
        if row.startswith(" "):
            line, _, purpose = row.strip().partition("  # ")
            rows.append((purpose, line))
        else:
            rows = found.setdefault(row, [])
    return found


EXAMPLES = _parsed(_TEXT)
"""For each command, what an example does and its command line."""

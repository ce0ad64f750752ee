"""What some tests need and pip does not install, with the Debian packages that bring it.

A test that lacks something is skipped with the line of `missing`. ``.ci/run`` installs what
``python tests/needs.py`` prints, and fails when a test is skipped for a reason not in `ALLOWED`.
"""

from __future__ import annotations

from pathlib import Path

PACKAGES = {
    "Chromium": "chromium",
    "mkvmerge and mkvextract": "mkvtoolnix",
    "a font with coloured emoji": "fonts-noto-color-emoji",
    "a font with Arabic and Japanese script": "fonts-dejavu-core fonts-droid-fallback",
    "recordings of real speech": "asterisk-core-sounds-en-g722 asterisk-core-sounds-it-g722",
}
NO_NVIDIA = "needs a machine without an NVIDIA driver"
ALLOWED = frozenset((NO_NVIDIA,))

RECORDINGS = Path("/usr/share/asterisk/sounds")


def missing(what: str) -> str:
    """The reason for a skip."""
    return f"needs {what}: apt install {PACKAGES[what]}"


if __name__ == "__main__":
    print(*PACKAGES.values())

"""Three topics to ask a title server about, and good titles for them."""

from __future__ import annotations

import socket

from chapterize.title import EndpointTitler, KeyphraseTitler
from chapterize.title.llm.server import EndpointLimits
from chapterize.title.llm.titler import Entitled
from tests.fake_endpoint import FakeEndpoint
from tests.texts import TOPICS

GOOD = ["Kneading dough for a good loaf", "Planets and stars of the night sky", "Your tax return"]
DRAFTS = KeyphraseTitler().title(TOPICS, language="en")
SECRET = "sk-very-secret-4711"


def ask(
    server: FakeEndpoint, notes: list[str], *, limits: EndpointLimits | None = None
) -> Entitled:
    titler = EndpointTitler(server.base, limits=limits)
    return titler.entitle(TOPICS, language="en", on_note=notes.append)


def closed_port() -> str:
    """The base address of a server that does not run."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/v1"

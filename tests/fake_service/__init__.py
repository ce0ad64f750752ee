"""A fake of the remote editing service on loopback: faithful to its contract, and scriptable.

Start it with ``with running_service(tmp_path) as fake:``. `FakeService` has the methods for tests,
`Switches` everything that the contract leaves open, `faults` what can go wrong with one call.
"""

from __future__ import annotations

from tests.fake_service import faults
from tests.fake_service.faults import CALLS, Fault
from tests.fake_service.records import Charge, Message, Render, Request, Session, Token, Upload
from tests.fake_service.server import running_service
from tests.fake_service.service import FakeService
from tests.fake_service.switches import Switches

__all__ = [
    "CALLS",
    "Charge",
    "FakeService",
    "Fault",
    "Message",
    "Render",
    "Request",
    "Session",
    "Switches",
    "Token",
    "Upload",
    "faults",
    "running_service",
]

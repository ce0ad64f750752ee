"""The service as a server in a thread of its own, started and stopped at once."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from tests.fake_service.account_calls import AccountCalls
from tests.fake_service.control import Control
from tests.fake_service.gate import Gate
from tests.fake_service.line import CuttableProtocol
from tests.fake_service.render_calls import RenderCalls
from tests.fake_service.run_calls import RunCalls
from tests.fake_service.service import FakeService
from tests.fake_service.upload_calls import UploadCalls


class _Server(uvicorn.Server):
    """Stops at once, whatever its connections are doing."""

    def __init__(self, config: uvicorn.Config, fake: FakeService) -> None:
        super().__init__(config)
        self.fake = fake
        self.ready = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.ready.set()
        await self.on_tick(0)
        await self.fake.stopping.wait()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        while self.server_state.connections or self.server_state.tasks:
            await asyncio.sleep(0.005)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the sockets; unlike the method it replaces, wait for no connection."""
        for listening in self.servers:
            listening.close()
        for each in sockets or []:
            each.close()

    def stop(self) -> None:
        """Stop; called from another thread."""
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.fake.stopping.set)


def _config(fake: FakeService) -> uvicorn.Config:
    calls = (AccountCalls(fake), UploadCalls(fake), RunCalls(fake), RenderCalls(fake))
    routes = [route for each in calls for route in each.routes()]
    return uvicorn.Config(
        Gate(fake, routes, Control(fake).router()),
        loop="asyncio",
        http=CuttableProtocol,
        ws="none",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
    )


@contextmanager
def running_service(folder: Path, *, port: int = 0) -> Iterator[FakeService]:
    """Run the service on 127.0.0.1; its files are under `folder`.

    Raises
    ------
    AssertionError : at the end, if the fake itself failed.
    """
    place = folder / "fake-service"
    place.mkdir(parents=True, exist_ok=True)
    fake = FakeService(place)
    listener = socket.create_server(("127.0.0.1", port))
    fake.base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = _Server(_config(fake), fake)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        if not server.ready.wait(10):
            raise RuntimeError("the fake service did not start")
        yield fake
    finally:
        server.stop()
        thread.join(10)
        listener.close()
    assert not fake.crashes, "\n".join(fake.crashes)

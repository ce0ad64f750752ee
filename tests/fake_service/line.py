"""The connection: the transport of a request, and how it is cut."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Literal

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

TRANSPORT = "fake.transport"


class CuttableProtocol(H11Protocol):
    """HTTP/1.1 that puts the transport into the scope of the application."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # A small answer must not wait for the acknowledgement of its head (40 ms).
        kernel = transport.get_extra_info("socket")
        kernel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        app = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope[TRANSPORT] = transport
            await app(scope, receive, send)

        self.app = with_transport


async def drop(scope: Scope, how: Literal["reset", "close"] = "reset") -> None:
    """Cut the connection once its buffer is sent: by RST, or by FIN in mid-body."""
    transport: asyncio.Transport = scope[TRANSPORT]
    while transport.get_write_buffer_size() and not transport.is_closing():
        await asyncio.sleep(0.005)
    # A reset discards what the other side has not read yet.
    await asyncio.sleep(0.01)
    if how == "reset":
        kernel = transport.get_extra_info("socket")
        if not transport.is_closing():
            kernel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
    for _ in range(3):
        await asyncio.sleep(0)

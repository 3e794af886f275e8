#!/usr/bin/env python3
"""A central system for measurements: it accepts everything, checks nothing, and counts.

    scripts/stub_csms.py [--host 127.0.0.1] [--heartbeat 86400] [--tls both.pem]

It prints two ports: that of OCPP-J, and one at which GET /count answers with JSON: [messages answered, boots accepted, connections open].
It reads frames by hand and looks at a message's first characters only, so that it costs a fraction of any client.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import resource
import socket
import ssl
import time
from typing import Any

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3


class Stub(asyncio.Protocol):
    """One connection, and what all of them have in common."""

    answered = accepted = open = 0
    heartbeat = 86400
    _second = 0
    _now = b""

    __slots__ = ("pending", "transport", "upgraded")

    def __init__(self) -> None:
        self.pending = b""
        self.upgraded = False
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def connection_lost(self, _error: Exception | None) -> None:
        if self.upgraded:
            Stub.open -= 1

    def data_received(self, data: bytes) -> None:
        self.pending = data if not self.pending else self.pending + data
        if not self.upgraded and not self._upgrade():
            return
        while len(self.pending) >= 6:
            opcode, length, start = self.pending[0] & 15, self.pending[1] & 127, 2
            if length == 126:
                length, start = int.from_bytes(self.pending[2:4], "big"), 4
            elif length == 127:
                length, start = int.from_bytes(self.pending[2:10], "big"), 10
            end = start + 4 + length
            if len(self.pending) < end:
                return
            mask, body = self.pending[start : start + 4], self.pending[start + 4 : end]
            self.pending = self.pending[end:]
            repeated = (mask * (length // 4 + 1))[:length]
            plain = (int.from_bytes(body, "big") ^ int.from_bytes(repeated, "big")).to_bytes(length, "big")
            if opcode == 1:
                self._text(plain)
            elif opcode == 8:
                self.transport.write(b"\x88" + bytes((length,)) + plain)
                self.transport.close()
            elif opcode == 9:
                self.transport.write(b"\x8a" + bytes((length,)) + plain)

    def _upgrade(self) -> bool:
        head, blank, rest = self.pending.partition(b"\r\n\r\n")
        if not blank:
            return False
        self.pending = rest
        fields = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
        }
        accept = base64.b64encode(hashlib.sha1(fields[b"sec-websocket-key"] + MAGIC).digest())
        offered = fields.get(b"sec-websocket-protocol", b"").split(b",")[0].strip()
        self.upgraded = True
        Stub.open += 1
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n" % (accept, offered)
        )
        return True

    def _text(self, text: bytes) -> None:
        if not text.startswith(b"[2,"):
            return
        Stub.answered += 1
        _, message_id, _, action, _ = text.split(b'"', 4)
        payload = b"{}"
        if action == b"BootNotification":
            Stub.accepted += 1
            payload = b'{"currentTime":"%s","interval":%d,"status":"Accepted"}' % (self._time(), Stub.heartbeat)
        elif action == b"Heartbeat":
            payload = b'{"currentTime":"%s"}' % self._time()
        elif action == b"StartTransaction":
            payload = b'{"transactionId":%d,"idTagInfo":{"status":"Accepted"}}' % Stub.answered
        elif action == b"Authorize":
            payload = b'{"%s":{"status":"Accepted"}}' % (b"idTagInfo" if b'"idTag"' in text else b"idTokenInfo")
        answer = b'[3,"%s",%s]' % (message_id, payload)
        head = bytes((0x81, len(answer))) if len(answer) < 126 else b"\x81\x7e" + len(answer).to_bytes(2, "big")
        self.transport.write(head + answer)

    @staticmethod
    def _time() -> bytes:
        second = int(time.time())
        if second != Stub._second:
            Stub._second = second
            Stub._now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second)).encode()
        return Stub._now


class Count(asyncio.Protocol):
    """Answers GET /count."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, _data: bytes) -> None:
        body = json.dumps([Stub.answered, Stub.accepted, Stub.open]).encode()
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        self.transport.close()


def counts(port: int) -> tuple[int, int, int]:
    """What a stub has counted: messages answered, boots accepted, connections open."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /count HTTP/1.1\r\n\r\n")
        answer = b""
        while part := connection.recv(1000):
            answer += part
    answered, accepted, opened = json.loads(answer.partition(b"\r\n\r\n")[2])
    return answered, accepted, opened


async def serve(host: str, heartbeat: int, certificate: str | None) -> None:
    Stub.heartbeat = heartbeat
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    ocpp = await loop.create_server(Stub, host, 0, backlog=8192, ssl=context)
    count = await loop.create_server(Count, "127.0.0.1", 0)
    print(ocpp.sockets[0].getsockname()[1], count.sockets[0].getsockname()[1], flush=True)
    await asyncio.Future()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--heartbeat", type=int, default=86400, help="seconds between heartbeats that stations are told (86400)"
    )
    parser.add_argument("--tls", metavar="PEM", help="key and certificate in one file; without it ws://")
    arguments = parser.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    work = serve(arguments.host, arguments.heartbeat, arguments.tls)
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


if __name__ == "__main__":
    main()

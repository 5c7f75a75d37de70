"""A load generator that runs as a process of its own: N connections, each sending its next request when the last is answered.

Reads a pickled `Plan` from the file it is given and prints one JSON line. Every answer must have the expected status and hold the
expected bytes, or it counts as wrong: a fast wrong answer is not a result.
"""

from __future__ import annotations

import asyncio
import functools
import json
import pickle
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast


@dataclass
class Plan:
    """What to send: raw HTTP/1.1 requests, each used at most once unless `again` is set."""

    host: str
    port: int
    clients: int
    seconds: float
    requests: list[bytes]
    expect: bytes = b"HTTP/1.1 200"
    holds: bytes = b""
    again: bool = False


@dataclass
class Tally:
    """What came back, in seconds of latency."""

    latencies: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    ran_out: bool = False


class Client(asyncio.Protocol):
    """One keep-alive connection that sends its share of the requests, one after the other."""

    def __init__(self, plan: Plan, number: int, tally: Tally, until: float, done: asyncio.Future[None]) -> None:
        self.plan, self.tally, self.until, self.done = plan, tally, until, done
        self.position, self.step = number, plan.clients
        self.buffer = bytearray()
        self.sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start with the first request of this client's share."""
        self.transport = cast("asyncio.Transport", transport)
        self.send()

    def send(self) -> None:
        """Send the next request, or stop when the time is over or the requests are."""
        now = time.perf_counter()
        if self.position >= len(self.plan.requests):
            if not self.plan.again:
                self.tally.ran_out = True
                return self.finish()
            self.position %= self.step
        if now >= self.until:
            return self.finish()
        self.sent = now
        self.transport.write(self.plan.requests[self.position])
        self.position += self.step
        return None

    def finish(self) -> None:
        """Close and say so once."""
        if not self.done.done():
            self.done.set_result(None)
        self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Collect one whole answer, judge it, send the next request."""
        self.buffer += data
        end = answer_length(self.buffer)
        if end is None:
            return
        answer = bytes(self.buffer[:end])
        del self.buffer[:end]
        self.tally.latencies.append(time.perf_counter() - self.sent)
        if not answer.startswith(self.plan.expect) or self.plan.holds not in answer:
            self.tally.wrong.append(answer[:200].decode("latin-1"))
        self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        """Connect again when the server closed between two requests, as clients do; a cut answer is wrong."""
        if self.done.done():
            return
        if self.buffer:
            self.tally.wrong.append("connection closed in the middle of an answer")
        self.buffer.clear()
        loop = asyncio.get_running_loop()
        task = loop.create_task(loop.create_connection(lambda: self, self.plan.host, self.plan.port))
        task.add_done_callback(lambda made: self.done.set_result(None) if made.exception() else None)


def answer_length(buffer: bytearray) -> int | None:
    """How many bytes the first whole HTTP answer in the buffer has; None while it is not whole."""
    head = buffer.find(b"\r\n\r\n")
    if head < 0:
        return None
    fields = bytes(buffer[:head]).lower()
    at = fields.find(b"\r\ncontent-length:")
    if at >= 0:
        stop = fields.find(b"\r\n", at + 2)
        length = int(fields[at + 17 : stop if stop >= 0 else None])
        total = head + 4 + length
        return total if len(buffer) >= total else None
    if b"transfer-encoding: chunked" in fields:
        tail = buffer.find(b"0\r\n\r\n", head)
        return tail + 5 if tail >= 0 else None
    return head + 4


def itself(client: Client) -> Client:
    """The factory of a connection whose client exists already."""
    return client


def milliseconds(ordered: list[float], share: float) -> float | None:
    """The latency that this share of the answers stayed under."""
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2) if ordered else None


async def drive(plan: Plan) -> dict[str, object]:
    """Run the plan and sum it up; latencies in milliseconds."""
    loop = asyncio.get_running_loop()
    tally, start = Tally(), time.perf_counter()
    waiting = []
    for number in range(plan.clients):
        done = loop.create_future()
        waiting.append(done)
        client = Client(plan, number, tally, start + plan.seconds, done)
        await loop.create_connection(functools.partial(itself, client), plan.host, plan.port)
    await asyncio.gather(*waiting)
    seconds = time.perf_counter() - start
    ordered = sorted(tally.latencies)
    return {
        "answers": len(ordered), "seconds": round(seconds, 2), "rate": round(len(ordered) / seconds, 1),
        "p50_ms": milliseconds(ordered, 0.5), "p99_ms": milliseconds(ordered, 0.99), "max_ms": milliseconds(ordered, 1.0),
        "wrong": len(tally.wrong), "first_wrong": tally.wrong[:1], "ran_out": tally.ran_out,
    }  # fmt: skip


def main() -> int:
    """Run the plan in the file named on the command line."""
    import uvloop

    plan = pickle.loads(Path(sys.argv[1]).read_bytes())
    assert isinstance(plan, Plan)
    sys.stdout.write(json.dumps(uvloop.run(drive(plan))) + "\n")
    return 0


if __name__ == "__main__":
    from bench.load import main as as_module  # so that the pickled Plan is the module's own class

    sys.exit(as_module())

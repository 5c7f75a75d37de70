"""Listening: one port, one loop, uvicorn's protocol; in the foreground for `serve`, in a thread for a rehearsal.

uvicorn's own server class would do for the foreground alone. It leaves no way to hand it a socket that was accepted elsewhere
(the dual port), takes a tenth of a second for every stop, and belongs to a process rather than to an object.

**The dual port.** uv asks for the audience and the upload token over https whatever the upload address says. With `dual=True` the
first byte of an accepted socket is looked at, not taken: 0x16 begins a TLS handshake, anything else is plain HTTP; the socket
then goes to the same protocol either way, so that what is rehearsed is the server and not a stand-in.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import struct
import sys
import threading
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Protocol, Self

import uvloop
from uvicorn.config import Config

from trustpub.errors import Broken
from trustpub.web.protocol import Protocol as HttpProtocol
from trustpub.web.protocol import State

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

BACKLOG = 2048
KEEP_ALIVE_SECONDS = 15
PEEK_SECONDS = 10.0
"""How long a client of the dual port may stay silent before it is sent away."""
GRACE_SECONDS = 60.0
"""How long requests that are under way may take when the server is told to end in the foreground: as long as a large upload."""
LAST_CALL_SECONDS = 12.0
"""How long a proxy's idle connections stay open then.

A proxy may send a request on one at the moment at which we close it, and must not send an upload a second time. So it is the
proxy that closes them (ten idle seconds in our example), or our answer does.
"""
TURN_AWAY_SECONDS = 0.05
"""How long connections that are half made get to become whole, once new ones are turned away."""
HANDSHAKE_SECONDS = 10.0
TLS_HANDSHAKE = 0x16


class App(Protocol):
    """What listens to requests: an ASGI application that can be opened and closed on its loop."""

    def __call__(self, scope: Any, receive: Any, send: Any) -> Awaitable[None]:
        """Answer one request."""
        ...

    async def close(self) -> None:
        """Give back what belongs to the loop's thread."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket, or `Broken` with one clear line. Port 0 takes any free port."""
    try:
        found = {each[0] for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)}
        # A name of both (`localhost`) means IPv4: that is where clients look first, or second.
        family = socket.AF_INET if socket.AF_INET in found else socket.AF_INET6
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as problem:
        raise Broken(
            f"cannot listen on `{host}:{port}`",
            why=(os.strerror(problem.errno) if problem.errno and problem.errno > 0 else str(problem.strerror)).lower(),
            next_step="Choose another one with `--host` or `--port`",
        ) from problem
    listening.setblocking(False)
    return listening


class Listener:
    """Serves one application on one listening socket until it is stopped.

    Lives on its loop; `stop` may be called from any thread.
    """

    def __init__(
        self,
        app: App,
        listening: socket.socket,
        tls: ssl.SSLContext | None,
        *,
        dual: bool,
        grace: float,
        last_call: float = 0.0,
    ) -> None:
        self._app = app
        self._last_call = last_call
        self._listening = listening
        self._tls = tls
        self._dual = dual
        self._grace = grace
        self._state = State()
        self._stopped = asyncio.Event()
        self._cut = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._config = Config(
            app, http=HttpProtocol, ws="none", lifespan="off", interface="asgi3", log_config=None, access_log=False,
            proxy_headers=False, server_header=False, timeout_keep_alive=KEEP_ALIVE_SECONDS, workers=1,
        )  # fmt: skip
        self._config.load()
        self._peeking: set[socket.socket] = set()

    def stop(self) -> None:
        """Ask the server to end; safe from any thread and more than once."""
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self._stopped.set)

    def stop_now(self) -> None:
        """Ask the server to end without waiting for anybody. Call it on the loop."""
        self._stopped.set()
        self._cut.set()

    async def run(self, ready: Callable[[], object]) -> None:
        """Listen, say so, and serve until `stop` is called."""
        self._tick()
        shut = await (self._listen_dual() if self._dual else self._listen())
        ticking = asyncio.create_task(self._tick_every_second())
        try:
            ready()
            await self._stopped.wait()
        finally:
            await self._turn_away()
            shut()
            await self._end_connections()
            ticking.cancel()
            await self._app.close()

    def _protocol(self) -> HttpProtocol:
        return HttpProtocol(self._config, self._state, {}, self._loop)

    async def _listen(self) -> Callable[[], None]:
        handshake = HANDSHAKE_SECONDS if self._tls else None
        server = await self._loop.create_server(
            self._protocol, sock=self._listening, ssl=self._tls, backlog=BACKLOG, ssl_handshake_timeout=handshake
        )
        return server.close

    def _tick(self) -> None:
        self._state.say_date(formatdate(time.time(), usegmt=True))
        now = self._loop.time()
        for connection in list(self._state.connections):
            if isinstance(connection, HttpProtocol) and connection.overdue(now):
                connection.transport.close()

    async def _tick_every_second(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self._tick()

    async def _turn_away(self) -> None:
        """Let nobody new in, and everybody who is in the door: closing it at once would cut off who waits to be accepted.

        A connection that is turned away is tried again by the system of whoever makes it; by then the door is closed, they are
        told so, and a proxy asks another process.
        """
        self._state.ending = True
        for connection in list(self._state.connections):
            if isinstance(connection, HttpProtocol):
                connection.last_call()
        if self._last_call:
            turn_away(self._listening)
            await asyncio.sleep(TURN_AWAY_SECONDS)

    async def _end_connections(self) -> None:
        """End every connection: idle ones at once or after the last call, the others when their answer is whole or time is up."""
        cut = self._loop.create_task(self._cut.wait())
        await self._wait_while(lambda: self._state.connections, self._last_call, cut)
        for connection in list(self._state.connections):
            connection.shutdown()
        await self._wait_while(self._busy, self._grace, cut)
        cut.cancel()
        for task in list(self._state.tasks):
            task.cancel()
        for connection in list(self._state.connections):
            transport = connection.transport
            if transport is not None:
                transport.abort()
        await asyncio.sleep(0)  # let the transports close their sockets

    async def _wait_while(self, busy: Callable[[], object], seconds: float, cut: asyncio.Task[bool]) -> None:
        """Wait as long as this is true, but no longer than that, and not once everybody is cut off."""
        until = self._loop.time() + seconds
        while busy() and not cut.done() and (left := until - self._loop.time()) > 0:
            waited_for = [*self._state.tasks, cut]
            await asyncio.wait(waited_for, timeout=min(left, 0.05), return_when=asyncio.FIRST_COMPLETED)

    def _busy(self) -> bool:
        """Whether an answer is being made, or not sent yet."""
        ours = [each for each in self._state.connections if isinstance(each, HttpProtocol)]
        return bool(self._state.tasks) or any(each.transport.get_write_buffer_size() for each in ours)

    # The dual port

    async def _listen_dual(self) -> Callable[[], None]:
        self._loop.add_reader(self._listening, self._accept)

        def shut() -> None:
            self._loop.remove_reader(self._listening)
            self._listening.close()
            for accepted in list(self._peeking):
                self._stop_peeking(accepted)
                accepted.close()

        return shut

    def _accept(self) -> None:
        for _ in range(64):  # then let others have the loop
            try:
                accepted, _address = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:  # out of file descriptors: rest, or the loop would spin on the waiting connection
                self._loop.remove_reader(self._listening)
                self._loop.call_later(0.5, self._resume_accepting)
                return
            accepted.setblocking(False)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._peeking.add(accepted)
            patience = self._loop.call_later(PEEK_SECONDS, self._give_up, accepted)
            self._loop.add_reader(accepted, self._peek, accepted, patience)

    def _resume_accepting(self) -> None:
        if not self._stopped.is_set():
            self._loop.add_reader(self._listening, self._accept)

    def _stop_peeking(self, accepted: socket.socket) -> None:
        self._peeking.discard(accepted)
        self._loop.remove_reader(accepted)

    def _give_up(self, accepted: socket.socket) -> None:
        if accepted in self._peeking:
            self._stop_peeking(accepted)
            accepted.close()

    def _peek(self, accepted: socket.socket, patience: asyncio.TimerHandle) -> None:
        try:
            first = accepted.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            first = b""
        patience.cancel()
        self._stop_peeking(accepted)
        if not first or (first[0] == TLS_HANDSHAKE and self._tls is None):
            accepted.close()
            return
        task = self._loop.create_task(self._adopt(accepted, self._tls if first[0] == TLS_HANDSHAKE else None))
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    async def _adopt(self, accepted: socket.socket, tls: ssl.SSLContext | None) -> None:
        handshake = HANDSHAKE_SECONDS if tls else None
        try:
            await self._loop.connect_accepted_socket(self._protocol, accepted, ssl=tls, ssl_handshake_timeout=handshake)
        except OSError:  # a handshake that fails (also ssl.SSLError) is the client's own affair
            accepted.close()


def address(listening: socket.socket, host: str, *, tls: bool) -> str:
    """The address that reaches this socket: the host as it was given, the port as the system chose it."""
    port = listening.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if tls else 'http'}://{shown}:{port}"


def turn_away(listening: socket.socket) -> None:
    """Drop the first packet of every new connection to this socket, where the system can (Linux); those under way go on.

    A packet filter of four instructions: TCP's flags are in the fourteenth byte of its header, and SYN is the second of them.
    """
    attach = getattr(socket, "SO_ATTACH_FILTER", 26 if sys.platform == "linux" else None)
    if attach is None:
        return
    program = ((0x30, 0, 0, 13), (0x45, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in program))
    with contextlib.suppress(OSError):
        listening.setsockopt(socket.SOL_SOCKET, attach, struct.pack("@HP", len(program), ctypes.addressof(code)))


def run_in_foreground(
    app: App,
    listening: socket.socket,
    tls: ssl.SSLContext | None,
    ready: Callable[[], object],
    *,
    ending: Callable[[], object] = lambda: None,
    proxied: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT; `ending` is called then, and requests under way end first (at most `GRACE_SECONDS`).

    A second signal cuts them off. `proxied`: the clients are proxies that keep connections, and are given a last call.
    """

    async def main() -> None:
        listener = Listener(app, listening, tls, dual=False, grace=GRACE_SECONDS, last_call=LAST_CALL_SECONDS if proxied else 0.0)
        loop = asyncio.get_running_loop()
        told: list[bool] = []

        def stop() -> None:
            ending()
            listener.stop_now() if told else listener.stop()
            told.append(True)

        for wish in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(wish, stop)
        await listener.run(ready)

    _run(main())


def _run(main: Awaitable[None]) -> None:
    async def body() -> None:
        await main

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(body())


class RunningServer:
    """A server in a thread of this process: `port`, `url`, `stop()`; a context manager that stops it.

    Any number of them may run at once. After `stop` (or the `with` block) its port is free, its threads have ended and `release`
    (the database, the blobs) has been called.
    """

    def __init__(
        self,
        app: App,
        listening: socket.socket,
        url: str,
        *,
        tls: ssl.SSLContext | None = None,
        dual: bool = False,
        release: Callable[[], object] = lambda: None,
    ) -> None:
        self.port: int = listening.getsockname()[1]
        self.url = url
        self._app = app
        self._listening = listening
        self._tls = tls
        self._dual = dual
        self._release = release
        self._listener: Listener | None = None
        self._problem: BaseException | None = None
        self._ready = threading.Event()
        self._stopping = threading.Lock()
        self._ended = False
        self._thread = threading.Thread(target=self._serve, name=f"trustpub-serve-{self.port}", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._problem is not None:
            self.stop()
            raise Broken("the server did not start", why=type(self._problem).__name__) from self._problem

    def _serve(self) -> None:
        async def main() -> None:
            self._listener = Listener(self._app, self._listening, self._tls, dual=self._dual, grace=2.0)
            await self._listener.run(self._ready.set)

        try:
            _run(main())
        except BaseException as problem:  # noqa: BLE001 - handed to the thread that started this one
            self._problem = problem
        finally:
            self._ready.set()

    def stop(self) -> None:
        """End the server and give everything back; does nothing the second time."""
        with self._stopping:
            if self._ended:
                return
            self._ended = True
            if self._listener is not None:
                self._listener.stop()
            self._thread.join()
            self._listening.close()
            self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

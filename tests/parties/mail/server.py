"""A mail server on loopback that says what a test wants it to say."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import socket
import ssl
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True)
class Certificate:
    """A certificate for `localhost`: the server's side, and the side of a client that trusts it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


@functools.cache
def certificate() -> Certificate:
    """One for all tests of a process."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "both.pem")
        file.write_bytes(private + pem)
        server.load_cert_chain(file)
    return Certificate(server, ssl.create_default_context(cadata=pem.decode("ascii")))


class MailServer:
    """Takes one mail a connection. `taken` are the mails, `heard` the commands; `answers` replace what it would say."""

    def __init__(self, *, implicit: bool = False, offers_tls: bool = True, answers: Mapping[str, str] | None = None) -> None:
        self.implicit = implicit
        self.taken: list[bytes] = []
        self.heard: list[str] = []
        self._offers_tls = offers_tls
        self._answers = dict(answers or {})
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with contextlib.suppress(OSError, ssl.SSLError), contextlib.ExitStack() as opened:
                self._talk(opened.enter_context(connection), opened)

    def _talk(self, connection: socket.socket, opened: contextlib.ExitStack) -> None:
        connection.settimeout(5)

        def wrapped() -> socket.socket:
            return opened.enter_context(certificate().server.wrap_socket(connection, server_side=True))

        if self.implicit:
            connection = wrapped()
        reader = opened.enter_context(connection.makefile("rb"))
        encrypted = self.implicit

        def say(what: str, usual: str) -> None:
            connection.sendall(self._answers.get(what, usual).encode() + b"\r\n")

        say("hello", "220 ready")
        while line := reader.readline():
            command = line.decode().strip()
            self.heard.append(command)
            match command.split()[0].upper():
                case "EHLO":
                    tls = "250-STARTTLS\r\n" if self._offers_tls and not encrypted else ""
                    say("ehlo", f"250-localhost\r\n{tls}250 AUTH PLAIN")
                case "STARTTLS":
                    say("starttls", "220 go")
                    connection = wrapped()
                    reader, encrypted = opened.enter_context(connection.makefile("rb")), True
                case "AUTH":
                    say("auth", "235 hello")
                case "RCPT":
                    say("rcpt", "250 ok")
                case "DATA":
                    say("go", "354 go")
                    data = b"".join(iter(reader.readline, b".\r\n"))
                    say("data", "250 ok")
                    if "data" not in self._answers:
                        self.taken.append(data)
                case "QUIT":
                    say("quit", "221 bye")
                    return
                case _:
                    say("other", "250 ok")

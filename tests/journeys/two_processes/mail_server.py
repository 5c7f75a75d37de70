"""A mail server that takes any number of mails at once, writes down every one, and can be slow with its last word."""

from __future__ import annotations

import socket
import ssl
import threading
from email import message_from_bytes
from email.message import Message
from types import TracebackType
from typing import Self

from tests.parties.mail.server import certificate

SAID = {"EHLO": "250-localhost\r\n250 STARTTLS", "STARTTLS": "220 go", "DATA": "354 go", "QUIT": "221 bye"}


class MailServer:
    """`taken` are the mails that were received whole; each is acknowledged once `open` is set, which it is at first."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.open = threading.Event()
        self.open.set()
        [der] = certificate().client.get_ca_certs(binary_form=True)
        self.certificate = ssl.DER_cert_to_PEM_cert(der)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def taken_by(self, recipient: str) -> list[Message]:
        """The mails to this address."""
        return [each for each in list(self.taken) if each["To"] == recipient]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.open.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        plain.settimeout(60)
        try:
            with plain:
                plain.sendall(b"220 ready\r\n")
                if self._talk(plain):
                    with certificate().server.wrap_socket(plain, server_side=True) as encrypted:
                        self._talk(encrypted)
        except (OSError, ssl.SSLError):
            return  # whoever spoke is gone

    def _talk(self, connection: socket.socket) -> bool:
        """Answer until the end, or until encryption is asked for: then True."""
        with connection.makefile("rb") as lines:
            for line in lines:
                word = line.split()[0].decode().upper()
                connection.sendall(SAID.get(word, "250 ok").encode() + b"\r\n")
                if word in ("STARTTLS", "QUIT"):
                    return word == "STARTTLS"
                if word == "DATA":
                    self.taken.append(message_from_bytes(b"".join(iter(lines.readline, b".\r\n"))))
                    self.open.wait(60)
                    connection.sendall(b"250 ok\r\n")
        return False

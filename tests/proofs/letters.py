"""A mail server of our own on this machine's own address: it takes every letter and remembers to whom it went."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Line(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as Django's sender speaks."""

    def handle(self) -> None:
        self._say("220 letters")
        to: list[str] = []
        for words in self.rfile:
            command = words.strip().upper()
            if command.startswith(b"RCPT TO:"):
                to.append(words.decode().split("<")[1].split(">")[0])
            if command == b"DATA":
                self._say("354 go on")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                self.server.taken += to  # type: ignore[attr-defined]
                to = []
            if command == b"QUIT":
                self._say("221 bye")
                return
            self._say("250 ok")

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


class Letters(socketserver.ThreadingTCPServer):
    """The server, and whoever got a letter, once for each."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Line)
        self.taken: list[str] = []

    @property
    def address(self) -> str:
        """As EMAIL_URL names it."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


@contextmanager
def letters() -> Iterator[Letters]:
    """A mail server while the block runs."""
    with Letters() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()

"""A line to Valkey, in its own words: what it says to whoever shows no password, and all that it is told."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from django.conf import settings

ALL = 65536  # bytes


@contextmanager
def opened(password: str | None = "") -> Iterator[socket.socket]:
    """A connection that shows the password of the settings, another one, or (None) none."""
    address = urlsplit(settings.REDIS_URL)
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(10)  # seconds
        line.connect(address.path)
        if password is not None:
            answered(line, f"AUTH {password or address.password}")
        yield line


def answered(line: socket.socket, words: str) -> bytes:
    """What it answers."""
    line.sendall(f"{words}\r\n".encode())
    return line.recv(ALL)


@contextmanager
def overheard() -> Iterator[list[bytes]]:
    """Everything that Valkey is told meanwhile, as MONITOR says it."""
    heard: list[bytes] = []
    with opened() as line:
        assert answered(line, "MONITOR").startswith(b"+OK")
        line.settimeout(None)

        def listen() -> None:
            with suppress(OSError):
                while text := line.recv(ALL):
                    heard.append(text)

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        try:
            yield heard
        finally:
            line.shutdown(socket.SHUT_RDWR)
            listener.join(5)

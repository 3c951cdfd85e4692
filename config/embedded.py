"""PostgreSQL and Valkey of our own, for machines that name no others: where they are, and joining and leaving them.

The servers belong to a keeper process (`config.keeper`). Whoever needs them holds a shared lock on `state()/users`,
which the kernel drops even after `kill -9`; the keeper stops the servers when nobody holds it any more.
"""

from __future__ import annotations

import atexit
import base64
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from config import binaries

BASE = Path(__file__).resolve().parent.parent
ELSEWHERE = Path("/var/lib/harbour")  # where another user may reach it, when the project lies in a private folder
WITHOUT = {
    "",
    "help",
    "version",
    "check",
    "makemigrations",
    "makemessages",
    "compilemessages",
    "diffsettings",
    "draw_journey",
    "findstatic",
}
Question = Callable[[], bool]
_joined: list[IO[str]] = []
_keepers: list[subprocess.Popen[bytes]] = []  # those that this process started


def state() -> Path:
    """Return the folder of the data: HARBOUR_STATE, else `.run`, else (root, in a private folder) one in /var/lib."""
    if given := os.environ.get("HARBOUR_STATE"):
        return Path(given).resolve()
    if not binaries.ROOT or binaries.passable(BASE):
        return BASE / ".run"
    return ELSEWHERE / _short(BASE)


def sockets() -> Path:
    """Return the folder of the sockets, whose path has to be short (about 100 bytes)."""
    top = Path("/tmp") if os.access("/tmp", os.W_OK) else Path(tempfile.gettempdir())  # noqa: S108  checked by the keeper
    return top / f"harbour-{_short(state())}"


def _short(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:8]


def missing() -> list[str]:
    """Name the servers for which the environment gives no address."""
    return [name for name, key in (("postgres", "DATABASE_URL"), ("valkey", "REDIS_URL")) if not os.environ.get(key)]


def announce() -> None:
    """Put the addresses of the embedded servers, and the demonstration's secrets, where settings look for them."""
    without = missing()
    if "valkey" in without:
        os.environ["REDIS_URL"] = f"redis+socket://:{queue_password()}@{sockets()}/valkey.sock"
    if "postgres" in without:
        os.environ["DATABASE_URL"] = f"postgres://harbour_app@{str(sockets()).replace('/', '%2F')}/harbour"
        os.environ["DATABASE_OWNER"] = "harbour_owner:"
        os.environ["DATABASE_BACKUP"] = "harbour_backup:"
        os.environ["HARBOUR_EMBEDDED"] = "1"
        if not os.environ.get("SECRET_KEY"):
            os.environ.setdefault("SECRET_KEY_FILE", str(secret_of("secret-key", secrets.token_urlsafe(64))))
        master = f"1 {base64.b64encode(secrets.token_bytes(32)).decode()}\n"  # as `relocation.safety.keys` reads it
        os.environ.setdefault("HARBOUR_KEY_FILE", str(secret_of("demonstration-key", master)))


def queue_password() -> str:
    """Return what Valkey asks of whoever connects: made once, for this state alone."""
    return secret_of("valkey-password", secrets.token_hex(24)).read_text()


def secret_of(name: str, content: str) -> Path:
    """Return the path of a secret made once, mode 0600; two processes that make it at the same time agree on one."""
    path = home() / name
    if not path.exists():
        handle, draft = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w") as file:
            file.write(content)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    return path


def home() -> Path:
    """Make the folder of the state and return it. Raises `SystemExit` when it cannot be ours."""
    home = state()
    try:
        home.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as refused:
        raise SystemExit(f"{home} cannot be made ({refused.strerror}). Set HARBOUR_STATE to a folder of yours.") from None
    if not os.access(home, os.W_OK):
        raise SystemExit(f"{home} belongs to another user. Remove it with `make clean` as that user, or set HARBOUR_STATE.")
    return home


def needed_by(argv: list[str]) -> bool:
    """Tell whether a command of manage.py needs a server that is not named; asking for help never does."""
    command = argv[1] if len(argv) > 1 else ""
    return bool(missing()) and command not in WITHOUT and not {"--help", "-h"} & set(argv)


@contextmanager
def door() -> Iterator[None]:
    """Let one process at a time start, join, leave or stop the servers."""
    with (home() / "door").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def join(*, durable: bool = True) -> None:
    """Use the servers that are `missing()` until `leave` or the end of this process; start them when nobody did.

    `durable=False` is for tests: faster, and lost with the power. Raises `SystemExit` saying why they cannot start.
    """
    if _joined or not (wanted := missing()):
        return
    with door():
        if not kept():
            _start(wanted, durable)
        _joined.append(lock := (home() / "users").open("a"))
        fcntl.flock(lock, fcntl.LOCK_SH)
    announce()
    atexit.register(leave)


def leave(timeout: float = 20.0) -> None:
    """Stop using the servers; whoever leaves last waits until they have stopped, `timeout` seconds at most."""
    if not _joined:
        return
    with door():
        last = _alone(lock := _joined.pop())
        lock.close()
    until = time.monotonic() + timeout
    while last and kept() and time.monotonic() < until:
        time.sleep(0.05)
    while last and _keepers:
        _keepers.pop().wait(timeout)


def _alone(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def kept() -> bool:
    """Tell whether a keeper runs."""
    with (home() / "keeper").open("a") as lock:
        return not _alone(lock)


def hold() -> IO[str]:
    """Be the keeper until the returned file is closed. Raises `SystemExit` when there is one already."""
    lock = (home() / "keeper").open("a")
    if not _alone(lock):
        raise SystemExit("The embedded servers run already.")
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


@contextmanager
def unused(still: Question, pause: float = 0.2) -> Iterator[None]:
    """Wait until nobody uses the servers, or until not `still()`; then run the block while nobody can join."""
    while True:
        with door(), (home() / "users").open("a") as lock:
            if _alone(lock) or not still():
                yield
                return
        time.sleep(pause)


def copies() -> Path:
    """Return the folder for readable copies of the servers' programs where the environment is out of reach."""
    return state() / "programs"


def _start(wanted: list[str], durable: bool) -> None:
    command = [sys.executable, "-m", "config.keeper", *wanted, *([] if durable else ["--fast"])]
    pipe = subprocess.PIPE
    keeper = subprocess.Popen(command, cwd=BASE, start_new_session=True, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe)
    assert keeper.stdout and keeper.stderr
    if keeper.stdout.read().strip() != b"ready":
        raise SystemExit(keeper.stderr.read().decode(errors="replace").strip() or "The embedded servers did not start.")
    _keepers.append(keeper)


def remove() -> None:
    """Stop the servers of tests, proofs and `make run`, whoever uses them, and remove their state, for `make clean`."""
    for place in (*(state() / half / name for half in ("", "second") for name in ("tests", "prove")), state()):
        os.environ["HARBOUR_STATE"] = str(place)
        if place.exists():
            _remove(place)


def _remove(place: Path) -> None:
    if kept():
        os.kill(int((place / "keeper").read_text()), signal.SIGTERM)
    until = time.monotonic() + 20
    while kept() and time.monotonic() < until:
        time.sleep(0.05)
    shutil.rmtree(place)
    shutil.rmtree(sockets(), ignore_errors=True)
    if place.parent == ELSEWHERE and not list(ELSEWHERE.iterdir()):
        ELSEWHERE.rmdir()


if __name__ == "__main__" and sys.argv[1:] == ["--remove"]:
    remove()

"""The process that holds the embedded servers: starts them, says `ready`, stops them when nobody uses them.

A server that dies meanwhile is started again, as a supervisor does; one that does not come back ends the other too.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from config import binaries, embedded

ROLES = {"harbour_owner": "LOGIN CREATEDB", "harbour_app": "LOGIN", "harbour_backup": "LOGIN BYPASSRLS"}
DATABASES = ("harbour", "harbour_keys")
ROOM = ["-c", "max_connections=250"]  # a hundred who ask at once for the same bed, each with both databases
FAST = [word for name in ("fsync", "synchronous_commit", "full_page_writes") for word in ("-c", f"{name}=off")]
Server = subprocess.Popen[bytes]
Start = Callable[[], Server]
GENTLY = {"valkey": signal.SIGTERM, "postgres": signal.SIGINT}
BACK_WITHIN = 60.0  # seconds; what a dead PostgreSQL left behind may keep the next one waiting


def main(wanted: list[str]) -> None:
    """Start the servers in `wanted` (`--fast`: not durable), keep them, stop them; what goes wrong is one sentence."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: sys.exit(0))
    held = embedded.hold()
    starts: dict[str, Start] = {"valkey": _valkey, "postgres": partial(_postgres, fast="--fast" in wanted)}
    running: dict[str, Server] = {}
    try:
        _prepare()
        for server in [server for server in starts if server in wanted]:
            running[server] = starts[server]()
        _say("ready")
        _keep(running, starts, held)
    finally:
        _stop(running)


def _keep(running: dict[str, Server], starts: dict[str, Start], held: IO[str]) -> None:
    """Until nobody uses them, start again what has died; nobody joins before it is there. Then stop them."""
    while True:
        with embedded.unused(still=lambda: not _dead(running)):
            if not (dead := _dead(running)):
                _stop(running)
                held.close()  # before anybody can come in again
                return
            for name in dead:
                running[name] = _again(starts[name])


def _dead(running: dict[str, Server]) -> list[str]:
    return [name for name, server in running.items() if server.poll() is not None]


def _again(start: Start) -> Server:
    """Start it until it comes. Raises `SystemExit` once it has been tried for long enough."""
    until = time.monotonic() + BACK_WITHIN
    while True:
        try:
            return start()
        except (SystemExit, psycopg.Error) as trouble:
            if _asked_to_stop(trouble) or time.monotonic() > until:
                raise
            time.sleep(0.2)


def _asked_to_stop(trouble: BaseException) -> bool:
    return isinstance(trouble, SystemExit) and trouble.code == 0


def _say(sentence: str) -> None:
    """Answer whoever started us, and let go of his terminal."""
    print(sentence, flush=True)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _prepare() -> None:
    place = embedded.sockets()
    if place.is_symlink() or (place.exists() and place.stat().st_uid not in _ours()):
        raise SystemExit(f"{place} belongs to somebody else. Remove it, or set TMPDIR and HARBOUR_STATE to other folders.")
    if not binaries.ROOT or binaries.passable(embedded.state()):
        shutil.rmtree(place, ignore_errors=True)
        binaries.give(place)
        return
    raise SystemExit(
        f"The servers may not run as root, and their user cannot reach {embedded.state()}. Set HARBOUR_STATE to another folder."
    )


def _ours() -> set[int]:
    return {os.geteuid(), binaries.owner().get("user", os.geteuid())}


def _log() -> int:
    return os.open(embedded.state() / "servers.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _valkey() -> Server:
    program = binaries.valkey(embedded.copies())
    socket = embedded.sockets() / "valkey.sock"
    socket.unlink(missing_ok=True)  # a dead one's
    options = {
        "port": 0,
        "unixsocket": socket,
        "unixsocketperm": 700,
        "dir": binaries.give(embedded.state() / "valkey"),
    }
    options |= {"save": "", "appendonly": "yes"}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    server = binaries.spawn([program, "-", *words], stdin=subprocess.PIPE, stdout=_log(), stderr=_log())
    assert server.stdin
    with server.stdin as settings:  # among the words anybody on this machine could read it
        settings.write(f"requirepass {embedded.queue_password()}\n".encode())
    _await(server, "Valkey", socket.exists)
    return server


def _postgres(*, fast: bool) -> Server:
    programs = binaries.postgres(embedded.copies())
    data = embedded.state() / "data"
    if not (data / "PG_VERSION").exists():
        _initialise(programs, data, fast)
    where = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={embedded.sockets()}"]
    command = [programs / "postgres", "-D", data, *where, *ROOM, "-c", "unix_socket_permissions=0700", *(FAST if fast else [])]
    server = binaries.spawn(command, stdout=_log(), stderr=_log())
    _await(server, "PostgreSQL", _answers)
    _furnish()
    return server


def _initialise(programs: Path, data: Path, fast: bool) -> None:
    """Make the cluster; a half-made one (the machine stopped) is removed first."""
    shutil.rmtree(data, ignore_errors=True)
    binaries.give(data)
    words = ["-U", "postgres", "--auth=trust", "--locale=C.UTF-8", "-E", "UTF8", "--no-instructions"]
    made = binaries.spawn(
        [programs / "initdb", "-D", data, *words, *(["--no-sync"] if fast else [])],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said = made.communicate()[0].decode(errors="replace")
    if made.returncode:
        raise SystemExit(f"initdb failed:\n{said}")


def _connect() -> psycopg.Connection:
    return psycopg.connect(host=str(embedded.sockets()), user="postgres", dbname="postgres", autocommit=True)


def _answers() -> bool:
    try:
        _connect().close()
    except psycopg.OperationalError:
        return False
    return True


def _await(server: Server, name: str, ready: embedded.Question, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not ready():
        if server.poll() is not None or time.monotonic() > until:
            raise SystemExit(f"{name} did not start. What it said is in {embedded.state() / 'servers.log'}.")
        time.sleep(0.02)


def _furnish() -> None:
    """Make the three roles and the two databases; what is there already stays."""
    with _connect() as connection:
        for role, attributes in ROLES.items():
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).rowcount:
                connection.execute(sql.SQL(f"CREATE ROLE {role} {attributes}"))
        for name in DATABASES:
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount:
                connection.execute(sql.SQL(f"CREATE DATABASE {name} OWNER harbour_owner"))


def _stop(running: dict[str, Server]) -> None:
    for name, server in running.items():
        if server.poll() is None:
            server.send_signal(GENTLY[name])
    for server in running.values():
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
    shutil.rmtree(embedded.sockets(), ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])

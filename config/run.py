"""make run: servers, tables, an invented world, pages, worker and clock in one terminal; Ctrl-C stops them all."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from config import binaries, embedded
from config.steps import step

HERE = Path(sys.executable).parent
QUIET = "ignore:::celery.platforms"  # Celery warns root, who is at home here
Child = subprocess.Popen[bytes]


def main() -> int:
    """Run until Ctrl-C, and leave no process behind. Returns 1 when something stopped by itself."""
    port = asked_port()
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.default_int_handler)
    running: dict[str, Child] = {}
    try:
        prepare()
        launch(port, running)
        return watch(running)
    except KeyboardInterrupt:
        return 0
    finally:
        stop(running)


def asked_port() -> int:
    """Return PORT, 8000 by default. Raises `SystemExit` that names a free one when it is taken."""
    given = os.environ.get("PORT") or "8000"
    if not given.isdigit() or not 1 <= (port := int(given)) <= 65535:
        raise SystemExit(f"{given} is no port. Take a number from 1 to 65535: make run PORT=8000")
    if is_free(port):
        return port
    other = next((p for p in range(port + 1, 65536) if is_free(p)), None)
    raise SystemExit(f"Port {port} is in use. Stop the other program, or: make run PORT={other}")


def is_free(port: int) -> bool:
    """Tell whether we may listen on `port` of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def prepare() -> None:
    """Start the servers that are not named, and bring both databases and the world up to date."""
    os.environ |= {"HARBOUR_INSECURE_LOCAL": "1", "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": QUIET}
    os.environ.setdefault("HARBOUR_ALARM_COMMAND", "echo An alarm: the people on call are being woken.")
    if embedded.missing():
        with step("PostgreSQL and Valkey"):
            embedded.join()
    if subprocess.run([sys.executable, "-m", "config.prepare"], cwd=embedded.BASE, check=False).returncode:
        raise SystemExit(1)


def launch(port: int, running: dict[str, Child]) -> None:
    """Start pages, worker and clock, and print the cast and the address when the first page answers."""
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_OWNER", "DATABASE_BACKUP")}
    cast = subprocess.Popen([sys.executable, "manage.py", "world", "--cast"], cwd=embedded.BASE, stdout=subprocess.PIPE)
    with step("Pages"):
        running["pages"] = spawn(pages(port), env)
        until_answered(port, running["pages"])
    for name, command in celery().items():
        running[name] = spawn(command, env)
    said = cast.communicate()[0].decode()
    print(f"\n{said.rstrip()}\n\nHarbour: http://localhost:{port}   (Ctrl-C stops it)", flush=True)


def pages(port: int) -> list[str]:
    """Return the command of the web server, on this machine's own address only."""
    options = "--preload --worker-class gthread --workers 2 --threads 4 --no-control-socket --graceful-timeout 3"
    return [
        str(HERE / "gunicorn"),
        "config.wsgi",
        "--bind",
        f"127.0.0.1:{port}",
        "--log-level",
        "warning",
        *options.split(),
    ]


def celery() -> dict[str, list[str]]:
    """Return the commands of the worker, of one for quick jobs only, and of the clock that rings for both."""
    program = [str(HERE / "celery"), "-q", "-A", "config.celery"]
    worker = [*program, "worker", "-c", "1", "-l", "warning", "--without-gossip", "--without-mingle"]
    return {
        "worker": [*worker, "-n", "worker@%h"],
        "bell": [*worker, "-n", "bell@%h", "-Q", "celery"],  # an alarm never waits until a paper is drawn
        "clock": [*program, "beat", "-l", "warning", "--pidfile", "", "-s", str(embedded.home() / "clock")],
    }


def spawn(command: list[str], env: Mapping[str, str]) -> Child:
    """Start a process of its own session, so that Ctrl-C reaches only us; it dies when we die."""
    return subprocess.Popen(
        command,
        cwd=embedded.BASE,
        env=env,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=binaries.die_with_parent,
    )


def until_answered(port: int, pages: Child, seconds: float = 60.0) -> None:
    """Wait for the first answer. Raises `SystemExit` when there is none."""
    until = time.monotonic() + seconds
    while not answers(port):
        if pages.poll() is not None or time.monotonic() > until:
            raise SystemExit("The pages did not start; the lines above say why.")
        time.sleep(0.05)


def answers(port: int) -> bool:
    """Tell whether the pages answer, with whatever but an error of ours."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=5).close()
    except urllib.error.HTTPError as answer:
        return answer.code < 500
    except OSError:
        return False
    return True


def watch(running: Mapping[str, Child]) -> int:
    """Sleep until one of them stops by itself, which is a failure."""
    while not (gone := [name for name, child in running.items() if child.poll() is not None]):
        time.sleep(0.3)
    print("Stopped by itself:", *gone, file=sys.stderr)
    return 1


def stop(running: Mapping[str, Child]) -> None:
    """Stop clock, worker, pages and servers, in this order; a second Ctrl-C does not disturb it."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    if running:
        print("\nStopping", flush=True)
    for child in reversed(list(running.values())):
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
    embedded.leave()


if __name__ == "__main__":
    sys.exit(main())

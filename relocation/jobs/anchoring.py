"""Making anchors, by the database's clock, and sending them away."""

import logging
import os
import shlex
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from relocation.models import LedgerEntry, system_account
from relocation.safety import anchor, chain, ledger
from relocation.safety.actor import acting_as
from relocation.safety.anchor import Anchor
from relocation.safety.questions import answer, one_at_a_time
from relocation.safety.trail import SWEEP

MADE = "anchor.made"
OWNER: UUID = system_account(SWEEP)
CHAINED = 7  # the lock of whoever writes to this chain, see `trail`
SHIPPED = "shipped"  # a file with the number of the last anchor that was sent away
log = logging.getLogger("harbour.jobs")


def folder() -> Path:
    """Where anchors are put, for the operator to carry away."""
    return Path(settings.HARBOUR_ANCHOR_FOLDER)


def window() -> timedelta:
    """How long what is written may go unanchored: for so long its end can be cut off unseen."""
    return timedelta(minutes=settings.HARBOUR_ANCHOR_EVERY)


@shared_task(name="relocation.jobs.anchoring.anchors")
def anchors() -> int:
    """Make an anchor when the last is old enough, and send away what was not sent. Returns how many were made."""
    made = 0
    if due():
        make()
        made = 1
    ship()
    return made


def due() -> bool:
    """Whether the last anchor is older than the interval."""
    with acting_as(OWNER), transaction.atomic():
        return not LedgerEntry.objects.filter(case_id=OWNER, what=MADE, at__gt=Now() - window()).exists()


def make(where: Path | None = None) -> Anchor:
    """Write one anchor now. The ledger knows its number and hash, so that one that goes missing is missed."""
    where = where or folder()
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    _finish(where)
    with acting_as(OWNER), transaction.atomic():
        made = _drawn()
        draft = _draft(where, made)
        ledger.record(MADE, OWNER, by=OWNER, detail=f"{made.number} {made.hash}")
    draft.rename(where / made.file_name)
    return made


def known() -> dict[int, str]:
    """Number to hash, of every anchor that the ledger knows; for an auditor and the sweep."""
    details = LedgerEntry.objects.filter(case_id=OWNER, actor_id=OWNER, what=MADE).values_list("detail", flat=True)
    return {int(number): hash for number, _space, hash in (detail.partition(" ") for detail in details)}


def _drawn() -> Anchor:
    one_at_a_time(OWNER, CHAINED)
    now: datetime = answer("SELECT statement_timestamp()")
    before = known()
    last = max(before, default=0)
    return anchor.draw(chain.heads(), number=last + 1, made_at=now, previous=before.get(last, ""), owner=OWNER)


def _draft(where: Path, made: Anchor) -> Path:
    """On the disk before the ledger says so, and under its own name only afterwards."""
    draft = where / f".{made.file_name}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(made.text())
        file.flush()
        os.fsync(file.fileno())
    return draft


def _finish(where: Path) -> None:
    """What was broken off between commit and rename: a draft that the ledger knows is an anchor, another one is nothing."""
    with acting_as(OWNER), transaction.atomic():
        hashes = set(known().values())
    for draft in where.glob(".anchor-*.json"):
        found = anchor.read_file(draft)
        if isinstance(found, Anchor) and found.hash in hashes:
            draft.rename(where / found.file_name)
        else:
            draft.unlink()


def ship() -> None:
    """Hand each new anchor to the operator's command, the oldest first; one that could not be sent is sent next time."""
    if not settings.HARBOUR_ANCHOR_COMMAND:
        return
    for path in _unshipped():
        try:
            command = [*shlex.split(settings.HARBOUR_ANCHOR_COMMAND), str(path)]
            subprocess.run(command, check=True, timeout=60, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.SubprocessError) as failed:
            log.warning("anchor not sent", extra={"code": type(failed).__name__})
            return
        (folder() / SHIPPED).write_text(f"{_number(path)}\n")


def _unshipped() -> Iterator[Path]:
    noted = folder() / SHIPPED
    last = int(noted.read_text()) if noted.exists() else 0
    return (path for path in sorted(folder().glob("anchor-*.json")) if _number(path) > last)


def _number(path: Path) -> int:
    return int(path.stem.partition("-")[2])

"""G20: keys are renewed in a real process that is killed, while people work; the old master key opens nothing new."""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from django.conf import settings as configured
from django.db import connections

from conftest import BOTH
from relocation.models import WrappedKey
from relocation.safety import keys, rotation
from tests.proofs.tally import SEED, Tally, guarantee, scale
from tests.safety.custodians import the_tests_own, unwraps
from tests.safety.processes import at_tests_databases

SEVERAL = pytest.mark.django_db(transaction=True, databases=BOTH)


@SEVERAL
@guarantee("G20")
def test_keys_are_renewed_while_the_process_is_killed_and_people_work(key_file: Path, tally: Tally) -> None:
    """As many kill -9 as the scale says, at random moments of a real process; threads open and bear cases all the while."""
    count, kills = scale(10_000, 600), scale(5, 1)
    known = _made(count)
    keys.write_master_key(key_file, 2)
    environment = at_tests_databases(HARBOUR_KEY_FILE=str(key_file))
    born: dict[UUID, bytes] = {}
    with _load(known, born, tally):
        for seed in range(kills):
            tally.count("kills", _killed(environment, random.Random(SEED * 100 + seed), count * (seed + 1) // (kills + 1)))
        began = time.monotonic()
        moved = rotation.rewrap_all().moved
        took = time.monotonic() - began
    tally.check(list(rotation.wrapped_by()) == [2], "a key is still wrapped with the old master key")
    keys.forget(1)
    for subject, key in (known | born).items():
        tally.count("unreadable", not tally.check(_holds(subject, key), "a key does not open"))
    tally.count("milliseconds_per_10000", round(took * 10_000_000 / max(moved, 1)))
    tally.count("born_meanwhile", len(born))
    _old_key_opens_nothing_new(tally)


def _made(count: int) -> dict[UUID, bytes]:
    """Keys of as many cases, and what is derived of each."""
    master = keys.master_key(1)
    subjects = {uuid4(): os.urandom(32) for _ in range(count)}
    rows = [WrappedKey(subject_id=s, generation=1, master=1, wrapped=aes_key_wrap(master, key)) for s, key in subjects.items()]
    WrappedKey.objects.bulk_create(rows, batch_size=2000)
    return {subject: keys.subkey(subject, "card")[0] for subject in subjects}


def _killed(environment: dict[str, str], draw: random.Random, goal: int) -> int:
    """Start the command and kill it, at a chance moment after it has wrapped about `goal` keys. Returns 1 if it was killed."""
    run = subprocess.Popen([sys.executable, "manage.py", "rotate_keys"], env=environment, cwd=configured.BASE_DIR)
    until = time.monotonic() + 60
    while run.poll() is None and rotation.wrapped_by().get(2, 0) < goal and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(draw.random() / 50)
    run.kill()
    return int(run.wait() == -9)


@contextmanager
def _load(known: dict[UUID, bytes], born: dict[UUID, bytes], tally: Tally) -> Iterator[None]:
    """A thread that opens keys and bears new ones until the block ends."""
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=(known, born, tally, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _work(known: dict[UUID, bytes], born: dict[UUID, bytes], tally: Tally, stop: threading.Event) -> None:
    draw, subjects = random.Random(SEED), list(known)
    while not stop.wait(0.002):
        subject = draw.choice(subjects)
        tally.check(_holds(subject, known[subject]), "a key did not open while keys were renewed")
        if len(born) < 500:
            keys.new_key(subject := uuid4())
            born[subject] = keys.subkey(subject, "card")[0]
    connections.close_all()


def _holds(subject: UUID, key: bytes) -> bool:
    with suppress(keys.Foreign, keys.Gone, keys.Shut):
        return keys.subkey(subject, "card")[0] == key
    return False


def _old_key_opens_nothing_new(tally: Tally) -> None:
    old = keys.WrappedKey.objects.order_by("pk")[: scale(500, 100)]
    for row in old:
        tally.count("opened_by_old", not tally.check(not unwraps(row, the_tests_own()), "the old master key opens a new wrap"))

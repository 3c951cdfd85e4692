"""G41: the queue answers nobody who does not show its password, and no installation may do without one."""

from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from config import embedded
from config.checks import queue_asks_for_a_password
from tests.proofs import line
from tests.proofs.tally import Tally, guarantee

pytestmark = [guarantee("G41"), pytest.mark.nodb]
ASKED = ("PING", "KEYS *", "LRANGE celery 0 -1", "MONITOR", "CONFIG GET requirepass", "FLUSHALL", "SHUTDOWN NOSAVE")


@pytest.mark.parametrize("password", [None, "guessed"])
def test_whoever_shows_no_password_is_told_nothing(password: str | None, tally: Tally) -> None:
    for words in ASKED:
        with line.opened(password) as one:
            refused = line.answered(one, words)
        tally.check(refused.startswith(b"-NOAUTH"), f"{words} was answered {refused[:40]!r}")
    with line.opened() as one:
        tally.check(line.answered(one, "PING") == b"+PONG\r\n", "with the password nothing is answered")


def test_the_password_stands_where_nobody_else_reads_it(tally: Tally) -> None:
    password = embedded.queue_password()
    kept = embedded.state() / "valkey-password"
    tally.check(kept.stat().st_mode & 0o077 == 0, "others may read the file")
    told = b""
    for words in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended meanwhile
            told += words.read_bytes()
    tally.check(b"valkey" in told and password.encode() not in told, "it stands among the words of a process")


def test_settings_without_one_are_refused(tally: Tally) -> None:
    tally.check(not queue_asks_for_a_password() and settings.CELERY_BROKER_URL == settings.REDIS_URL, "its own are refused")
    for address in ("redis://valkey.example/0", "rediss://harbour@valkey.example", "redis+socket:///run/valkey.sock"):
        with override_settings(REDIS_URL=address):
            tally.check(queue_asks_for_a_password(), f"{address} is taken")
    for address in ("rediss://:secret@valkey.example/0", "unix:///run/valkey.sock?password=secret"):
        with override_settings(REDIS_URL=address):
            tally.check(not queue_asks_for_a_password(), f"{address} is refused")

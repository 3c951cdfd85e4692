"""Everything locked at once: a file beside the key file, which needs no server, and the key dropped.

Whoever looks for the key looks for this file too, at each request and before each job; alarms still leave. It opens again when
both custodians bring the key, or, where the key stayed, when two people who answer for it say so (`manage.py lockdown --lift`).
"""

from contextlib import suppress
from dataclasses import dataclass

from django.apps import apps
from django.db import DatabaseError, transaction
from django.db.models.functions import Now

from relocation.safety import master, signals
from relocation.safety.actor import acting_as
from relocation.safety.questions import answer
from relocation.safety.shutting import place, shut

__all__ = ["place"]


@dataclass(frozen=True)
class Closed:
    """What was reached: whether the key is gone from memory, and whether the database could end sessions and links."""

    key_dropped: bool
    sessions_ended: bool


def is_locked() -> bool:
    """Whether everything is locked; a file that cannot be looked for counts as there. Without a place for the key: no."""
    try:
        place().stat()
    except (FileNotFoundError, NotADirectoryError, master.Shut):
        return False
    except OSError:
        return True
    return True


def is_open() -> bool:
    """Whether pages are served and jobs are taken: the key is here, and nothing says that all is locked."""
    return master.is_brought() and not is_locked()


def close() -> Closed:
    """Lock everything: first what `shut` does without any server, then whatever the database must forget."""
    return Closed(shut(), _end_all())


def _end_all() -> bool:
    """End every session and every link that waits. False where the database does not answer: opening again asks for it first."""
    with suppress(DatabaseError):
        end_all()
        return True
    return False


def end_all() -> None:
    """As `_end_all`, raising `DatabaseError`."""
    with acting_as(signals.door()), transaction.atomic():
        apps.get_model("relocation", "Session").objects.all().delete()
        apps.get_model("relocation", "Invitation").objects.filter(used_at=None, expires_at__gt=Now()).update(expires_at=Now())


def open_again() -> bool:
    """Unlock: only once no session and no link of before is left. Returns whether it was locked. Raises `DatabaseError`."""
    if not is_locked():
        return False
    end_all()
    with transaction.atomic():
        answer("SELECT harbour_all_lifted()")
    place().unlink(missing_ok=True)
    return True

"""Who is acting in this thread or task; the database backend writes it into every transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID, uuid5

_actor: ContextVar[UUID | None] = ContextVar("actor", default=None)
_NAMESPACE = UUID("6f0d3a3e-6a0c-4c0e-9b7e-5a1f4f2d9c11")


def current() -> UUID | None:
    """The acting account's id, or None for nobody."""
    return _actor.get()


@contextmanager
def acting_as(account_id: UUID | None) -> Iterator[None]:
    """Run a block as this account. Inside a transaction the database hears of it at once."""
    token = _actor.set(account_id)
    try:
        _tell_database()
        yield
    finally:
        _actor.reset(token)
        _tell_database()


def _tell_database() -> None:
    from django.db import connection

    if connection.in_atomic_block and not connection.needs_rollback:
        connection.name_actor()  # type: ignore[attr-defined]  # our backend's, see config/postgres


def system_account(sweep: str) -> UUID:
    """The id of the named system account that a sweep acts as; each has its own narrow policy (see walls)."""
    return uuid5(_NAMESPACE, sweep)

"""A case is erased: by its coordinator with a second person's word, when it is over or the person asks; for good."""

from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey import approvals
from relocation.journey.conditions import Met, Unmet
from relocation.models import Account, Approval, Case, Stage, Standing, Tombstone
from relocation.safety import access, tombstones
from relocation.safety.questions import answer
from relocation.safety.refusal import Refusal
from relocation.safety.retention import LAST, tables
from relocation.safety.tombstones import Stone

Why = Tombstone.Why
REASONS = (Why.DEMAND, Why.OVER)
OVER = {Stage.CLOSED, Stage.DECLINED}
LEFT = {Standing.WITHDRAWN, Standing.DECEASED}


class NotErased(Refusal):
    """Nothing is erased, and why."""

    kind = "not_erased"


def in_the_way(case: Case, why: str) -> str:
    """Why this case may not be erased for this reason now; empty when it may, with a second person's word."""
    if why == Why.DEMAND or case.stage in OVER or case.standing in LEFT:
        return ""
    return _("The journey goes on. A case is erased when it is closed, declined or withdrawn, or when the person asks for it.")


def ask(case: Case, why: str, *, by: Account, reason: str, session: str) -> Approval:
    """Ask a second person. Raises `Denied`, `NotErased`, `NotAnswered`."""
    _insist(case, why, by)
    return approvals.ask_about(case, f"erase.{why}", _rests_on(case), by=by, reason=reason, session=session)


def word(case: Case, why: str, *, by: Account) -> Met | Unmet:
    """Whether a second person agreed that the case, as it is now, is erased for this reason."""
    return approvals.state(case, f"erase.{why}", _rests_on(case), asker=by)


def rows(case: Case) -> int:
    """How many rows would go, as far as the acting account may see them."""
    names = list(tables(LAST))
    counts = " UNION ALL ".join(f"SELECT count(*) AS n FROM {table} WHERE case_id = %s" for table in names)  # noqa: S608  our own
    return int(answer(f"SELECT sum(n) FROM ({counts}) AS counted", *[case.pk for _table in names]))  # noqa: S608


def erase(case: Case, why: str, *, by: Account) -> None:
    """Erase it for good, and destroy its key once that is committed. Raises `Denied`, `NotErased`."""
    _insist(case, why, by)
    with transaction.atomic():
        if isinstance(said := word(case, why, by=by), Unmet):
            raise NotErased(case.pk, f"erase.{why}", by.pk, said.sentence)
        answer("SELECT harbour_erase(%s, %s)", case.pk, why)
        stone = Stone(case.pk, timezone.now().isoformat(), why, str(by.pk))
        transaction.on_commit(partial(tombstones.bury, [stone]), robust=True)


def _insist(case: Case, why: str, by: Account) -> None:
    access.require(by, "case.assign", case.pk)
    if why not in REASONS or (obstacle := in_the_way(case, why)):
        raise NotErased(case.pk, "erase", by.pk, obstacle if why in REASONS else _("Say why it is erased."))


def _rests_on(case: Case) -> bytes:
    """A case that was reopened meanwhile is not the one that was agreed about."""
    return str(case.stage).encode()

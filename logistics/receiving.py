"""The door of those who receive: let in for the last leg of a way out of the country, and let go with it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from logistics.dispatch import LIVE, NotNow, must_be
from logistics.models import Leg, Passage, Seat
from relocation.models import Account, Case, CaseGrant
from relocation.safety import access
from relocation.safety.policy import POLICY, Role

RECEIVE = "receive"
access.declare(RECEIVE, {Role.RECEIVER})


def last_seat(passage: Passage) -> Seat | None:
    """The seat on the leg that arrives last, of those that were not given up."""
    return passage.seats.filter(given_up_at=None).select_related("leg").order_by("leg__arrives_at").last()


def own_seats(account: Account, case: Case) -> QuerySet[Seat]:
    """The seats of a case on the legs that this account receives on."""
    given = access.grants(account, RECEIVE).filter(content_object=OuterRef("case"), scope=OuterRef("leg_id"))
    return Seat.objects.filter(Exists(given), case=case, given_up_at=None).select_related("leg")


def let_in(passage: Passage, receiver: Account, *, by: Account) -> CaseGrant:
    """Let somebody receive the person at the end of the last leg, and of no other.

    Until 90 days after the arrival: first the planned one, then, by the database, the one that happens. Raises `Denied`,
    `NotNow`.
    """
    with transaction.atomic():
        access.require(by, f"admit.{Role.RECEIVER}", passage.case_id)
        must_be(passage, LIVE, by)
        leg = _last_leg(passage, by)
        _let_go(passage, access.holders(passage.case_id, Role.RECEIVER).filter(user=receiver), by)
        return access.admit(receiver, Role.RECEIVER, passage.case_id, by=by, reason="last leg", until=_until(leg), scope=leg.pk)


def let_go(passage: Passage, *, by: Account) -> None:
    """Nobody receives at the end of this way any more. Raises `Denied`."""
    legs = passage.seats.values("leg")
    _let_go(passage, access.holders(passage.case_id, Role.RECEIVER).filter(scope__in=legs), by)


def receivers(passage: Passage) -> list[CaseGrant]:
    """Who receives at the end of this way, as far as the acting account may see it."""
    held = access.holders(passage.case_id, Role.RECEIVER).filter(scope__in=passage.seats.values("leg"))
    return list(held.select_related("user").order_by("granted_at"))


def _last_leg(passage: Passage, by: Account) -> Leg:
    if passage.purpose != Passage.Purpose.DEPARTURE:
        sentence = _("Somebody receives at the end of a way out of the country only.")
        raise NotNow(passage.case_id, "receiver", by.pk, sentence)
    if (seat := last_seat(passage)) is None:
        raise NotNow(passage.case_id, "receiver", by.pk, _("Add the last leg first, so that it is known where it ends."))
    leg: Leg = seat.leg
    return leg


def _until(leg: Leg) -> datetime:
    term = POLICY.ends[Role.RECEIVER]
    assert term is not None
    return leg.arrives_at + term


def _let_go(passage: Passage, held: Iterable[CaseGrant], by: Account) -> None:
    for grant in held:
        access.dismiss(grant.user, Role.RECEIVER, passage.case_id, by=by, scope=grant.scope)

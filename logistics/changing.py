"""The door of changes: a leg goes at another time, from another place, with another escort, or not at all.

Everybody whom it concerns is told that something waits for them, and sees on their page what was and is, until they say so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics import dispatch
from logistics.company import escort_must_suit
from logistics.models import Change, Leg, Passage, Seat, Seen
from relocation.models import Account
from relocation.models.outbox import put
from relocation.safety import access, ledger
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied

What = Change.What
# Which change each field of a leg is told as.
TOLD_AS = {
    "departs_at": What.DEPARTS, "from_zone": What.DEPARTS, "arrives_at": What.ARRIVES, "to_zone": What.ARRIVES,
    "from_place": What.START, "to_place": What.END, "mode": What.CARRIED, "carrier": What.CARRIED, "number": What.CARRIED,
    "escort": What.ESCORT, "crossing": What.CROSSING,
}  # fmt: skip


@dataclass(frozen=True)
class Changed:
    """What is no longer as it was; `was` is as it stood, a moment where it is one (UTC)."""

    what: What
    was: str
    at: datetime

    @property
    def moment(self) -> datetime | None:
        return datetime.fromisoformat(self.was) if self.what in (What.DEPARTS, What.ARRIVES) and self.was else None


def change(leg: Leg, new: Mapping[str, Any], *, by: Account) -> Leg:
    """Write what is new about a leg. Raises `Denied`; `NotNow` where it is cancelled or over, or somebody else has to do it."""
    with transaction.atomic():
        leg, seats = _mine(leg, by)
        was = {name: getattr(leg, name) for name in new if name in TOLD_AS and getattr(leg, name) != new[name]}
        old = leg.escort
        for name in was:
            setattr(leg, name, new[name])
        if "escort" in was:
            _another_escort(leg, old, seats, by)
        leg.save(update_fields=[*was])
        _tell(leg, _words(was), seats, by, was=old if "escort" in was else None)
        return leg


def cancel(leg: Leg, *, by: Account) -> Leg:
    """The leg does not go. Whoever has a seat keeps it until somebody finds another leg for them. Raises `Denied`, `NotNow`."""
    with transaction.atomic():
        leg, seats = _mine(leg, by)
        leg.cancelled_at = timezone.now()
        leg.save(update_fields=["cancelled_at"])
        _tell(leg, {What.CANCELLED: ""}, seats, by)
        return leg


def _mine(leg: Leg, by: Account) -> tuple[Leg, list[Seat]]:
    """The leg, locked, and the seats on it that `by` may see."""
    found = Leg.objects.select_for_update(of=("self",)).select_related("escort").filter(pk=leg.pk).first()
    planned = access.permitted(by, "travel.write")
    seats = list(Seat.objects.filter(leg=leg.pk, given_up_at=None).select_related("passage", "case").order_by("number"))
    if found is None or not (planned.filter(pk__in=[seat.case_id for seat in seats]).exists() or _is_empty(found, by)):
        raise Denied(leg.pk, "leg", by.pk)
    if found.cancelled_at is not None or found.arrives_at <= timezone.now():
        raise dispatch.NotNow(leg.pk, "leg", by.pk, _("This leg is over or cancelled already."))
    return found, seats


def _is_empty(leg: Leg, by: Account) -> bool:
    """Whether nobody sits on a leg that `by` entered: it may only stand ready."""
    return leg.by_id == by.pk and not dispatch.taken(leg.pk)


def _another_escort(leg: Leg, old: Account | None, seats: Iterable[Seat], by: Account) -> None:
    """Who went knows nothing of the leg any more, and who goes knows it at once where the passage is firm."""
    seats = list(seats)
    if len(dispatch.taken(leg.pk)) != len(seats):
        sentence = _("Others travel on this leg whose cases you cannot open. Ask who planned it to change the escort.")
        raise dispatch.NotNow(leg.pk, "leg", by.pk, sentence)
    for seat in seats:
        access.require(by, "travel.write", seat.case_id)
        escort_must_suit(seat.case_id, leg, by)
        if seat.passage.state == Passage.State.CONFIRMED:
            _hand_over(seat, leg, old, by)


def _hand_over(seat: Seat, leg: Leg, old: Account | None, by: Account) -> None:
    dispatch.must_admit(seat.case_id, by)
    held = access.holders(seat.case_id, Role.ESCORT).filter(scope=leg.pk)
    if old is not None and held.filter(user=old).exists():
        access.dismiss(old, Role.ESCORT, seat.case_id, by=by, scope=leg.pk)
    seat.leg = leg
    dispatch.let_escort_in(seat, by)


def _words(was: Mapping[str, Any]) -> dict[What, str]:
    """What changed, each kind once, with what stood there where that can be said in a word."""
    words: dict[What, str] = {}
    for name, value in was.items():
        words[TOLD_AS[name]] = words.get(TOLD_AS[name]) or _written(name, value)
    return words


def _written(name: str, value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if name in ("from_zone", "to_zone", "mode", "number", "crossing") else str(value or "")


def _tell(leg: Leg, words: Mapping[What, str], seats: Iterable[Seat], by: Account, was: Account | None = None) -> None:
    if not words:
        return
    Change.objects.bulk_create(Change(leg=leg, what=what, was=said[:100], by=by) for what, said in words.items())
    for seat in seats:
        ledger.record("leg.changed", seat.case_id, by=by, about=leg.pk, detail=" ".join(words)[:60])
    put("leg_changed", by=by, key=f"{leg.pk}:{uuid4()}", leg=leg.pk, was=was.pk if was else None)


def saw(leg_id: UUID, *, by: Account) -> None:
    """Note that `by` has seen what changed on a leg. Raises `Denied` for a leg that is not theirs to see."""
    with transaction.atomic():
        if not Leg.objects.filter(pk=leg_id).exists():
            raise Denied(leg_id, "leg", by.pk)
        if not Seen.objects.filter(leg=leg_id, account=by).update(at=Now()):
            Seen.objects.create(leg_id=leg_id, account=by)


def news(legs: Iterable[UUID], account: Account, since: datetime | None = None) -> dict[UUID, list[Changed]]:
    """What somebody else changed on each leg and this account has not seen, what stood first of each kind; one query."""
    seen = Seen.objects.filter(leg=OuterRef("leg"), account=account, at__gte=OuterRef("at"))
    fresh = Change.objects.filter(~Exists(seen), leg__in=list(legs)).exclude(by=account)
    found: dict[UUID, dict[str, Changed]] = {}
    for one in fresh.filter(at__gte=since) if since else fresh:
        found.setdefault(one.leg_id, {}).setdefault(one.what, Changed(What(one.what), one.was, one.at))
    return {leg: list(kinds.values()) for leg, kinds in found.items()}


def unaware(leg: Leg) -> list[Account]:
    """Of the leg's escort and receivers, as far as the acting account sees them, who has not seen the last change."""
    last = leg.changes.order_by("at").last()
    if last is None:
        return []
    aware = Seen.objects.filter(leg=leg, at__gte=last.at).values("account")
    held = access.CaseGrant.objects.filter(
        scope=leg.pk, permission__codename__in=[Role.ESCORT, Role.RECEIVER], granted_at__lt=last.at
    )
    return list(Account.objects.filter(pk__in=held.values("user")).exclude(pk__in=aware).exclude(pk=last.by_id).order_by("name"))

"""The door of limits and funders: above what amount two people are needed, set by two coordinators of the organisation."""

import hashlib
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from logistics.models import Funder, Limit
from logistics.money.spending import NotBooked
from relocation.journey.waves import may_begin
from relocation.models import Account
from relocation.safety import ledger
from relocation.safety.refusal import Denied


def may_set(by: Account) -> bool:
    """Whether `by` coordinates cases of their own organisation."""
    return may_begin(by)


def standing(by: Account) -> list[Limit]:
    """The limits that hold in the organisation of `by`, one for each currency."""
    agreed = Limit.objects.filter(organisation=by.organisation_id, agreed_at__isnull=False).select_related("by", "agreed_by")
    newest: dict[str, Limit] = {}
    for limit in agreed.order_by("-agreed_at", "-at"):
        newest.setdefault(limit.currency, limit)
    return sorted(newest.values(), key=lambda limit: limit.currency)


def proposed(by: Account) -> list[Limit]:
    """Limits that wait for a second coordinator."""
    waiting = Limit.objects.filter(organisation=by.organisation_id, agreed_at=None).select_related("by")
    return list(waiting.order_by("-at")[:20])


def propose(currency: str, minor: int, *, by: Account, device: str) -> Limit:
    """Propose a limit. Raises `Denied` for whoever coordinates nothing, and `NotBooked` on a browser that is not known."""
    with transaction.atomic():
        _coordinates(by, "limit.propose")
        limit = Limit(organisation=by.organisation, currency=currency, minor=minor, by=by, device=_known(device, by))
        limit.save(force_insert=True)
        ledger.record("limit.proposed", by.pk, by=by, about=limit.pk)
        return limit


def agree(limit_id: UUID, *, by: Account, device: str) -> Limit:
    """Agree to a limit that somebody else proposed on another device: it holds from now. Raises `Denied`, `NotBooked`."""
    with transaction.atomic():
        _coordinates(by, "limit.agree")
        limit = Limit.objects.select_for_update().filter(pk=limit_id, organisation=by.organisation_id).first()
        if limit is None:
            raise Denied(by.pk, "limit.agree", by.pk)
        if limit.agreed_at is not None:
            raise NotBooked(by.pk, "limit.agree", by.pk, _("Somebody has agreed to this already."))
        if limit.by_id == by.pk:
            raise NotBooked(by.pk, "limit.agree", by.pk, _("You proposed this yourself: somebody else must agree."))
        if bytes(limit.device) == _known(device, by):
            sentence = _("This was proposed on the same device. Agree on a device of your own.")
            raise NotBooked(by.pk, "limit.agree", by.pk, sentence)
        limit.agreed_by = by
        limit.save(update_fields=["agreed_by"])
        ledger.record("limit.agreed", by.pk, by=by, about=limit.pk)
        return limit


def add_funder(name: str, *, by: Account) -> Funder:
    """Name somebody whose money is spent. Raises `Denied`, and `NotBooked` for a name that is there."""
    with transaction.atomic():
        _coordinates(by, "funder.add")
        funder = Funder(organisation=by.organisation, name=name, by=by)
        try:
            with transaction.atomic():
                funder.save(force_insert=True)
        except IntegrityError:
            raise NotBooked(by.pk, "funder.add", by.pk, _("A funder of this name is there already.")) from None
        ledger.record("funder.added", by.pk, by=by, about=funder.pk)
        return funder


def _coordinates(by: Account, what: str) -> None:
    if not may_set(by):
        raise Denied(by.pk, what, by.pk)


def _known(device: str, by: Account) -> bytes:
    if not device:
        sentence = _("This browser is not known yet. Sign out, sign in again, and try once more.")
        raise NotBooked(by.pk, "limit.no_device", by.pk, sentence)
    return hashlib.sha256(device.encode()).digest()

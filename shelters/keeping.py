"""The door of the houses themselves: set one up, change it, add beds, vouch for a host, look at it."""

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.models import Account, Part
from relocation.safety import keys, ledger
from relocation.safety.refusal import Denied, Refusal
from shelters import closing, letting_in
from shelters.closing import works_for
from shelters.models import Bed, Closure, House, Inspection, Keeper, Room, Vetting
from shelters.pursued import look_at_host


class NotKept(Refusal):
    """The house cannot be changed like this, and why."""

    kind = "not_kept_so"


def set_up(house: House, *, by: Account) -> House:
    """A new house of one's own organisation, with a key of its own. Raises `Denied` for whoever works at no desk."""
    if by.part != Part.DESK or by.organisation is None:
        raise Denied(house.pk, "house.made", by.pk)
    house.organisation = by.organisation
    keys.new_key(house.pk)  # before the row: what is sealed in it needs a key
    with transaction.atomic():
        house.save(force_insert=True)
        ledger.record("house.made", house.pk, by=by)
        return house


def change(house: House, *, by: Account) -> House:
    """Save what was typed about a house. Raises `Denied` for another organisation's."""
    with transaction.atomic():
        must_be_ours(house, by, "house.changed")
        house.save()
        ledger.record("house.changed", house.pk, by=by)
        return house


def add_room(house: House, name: str, beds: int, *, by: Account) -> Room:
    """A room with so many beds; to a room of the same name beds are added. Raises `Denied`."""
    with transaction.atomic():
        must_be_ours(house, by, "house.room")
        room, _made = Room.objects.get_or_create(house=house, name=name)
        there = room.beds.count()
        for number in range(there + 1, there + beds + 1):
            Bed.objects.create(house=house, room=room, name=_("bed %(number)d") % {"number": number})
        ledger.record("house.room", house.pk, by=by, about=room.pk, detail=str(beds))
        return room


def remove_bed(bed: Bed, *, by: Account) -> None:
    """Take a bed away in which nobody ever had a stay. Raises `NotKept` otherwise, `Denied` for another organisation's."""
    with transaction.atomic():
        must_be_ours(bed.house, by, "house.bed_removed")
        try:
            with transaction.atomic():
                Bed.objects.filter(pk=bed.pk).delete()
        except (ProtectedError, IntegrityError):
            sentence = _("Somebody stayed in this bed, or will. Close it instead.")
            raise NotKept(bed.house_id, "house.bed_removed", by.pk, sentence) from None
        ledger.record("house.bed_removed", bed.house_id, by=by, about=bed.pk)


def hosts_for(house: House) -> QuerySet[Account]:
    """Hosts of the house's organisation who do not keep it yet; somebody new is invited by the access custodian."""
    there = Keeper.objects.filter(house=house).values("account")
    known = Account.objects.filter(part=Part.HOUSE, organisation=house.organisation_id, is_active=True)
    return known.exclude(pk__in=there).order_by("name")


def add_host(house: House, host: Account, *, by: Account) -> Keeper:
    """Somebody who is a host already keeps this house too. Raises `Denied`, also for who is no host of the organisation.

    They are told of nobody before somebody has vouched for them; who fears them there is looked at now.
    """
    with transaction.atomic():
        must_be_ours(house, by, "house.host_added")
        if not hosts_for(house).filter(pk=host.pk).exists():
            raise Denied(house.pk, "house.host_added", by.pk)
        keeper = Keeper.objects.create(house=house, account=host)
        ledger.record("house.host_added", house.pk, by=by, about=host.pk)
        look_at_host(house, host)
        return keeper


def let_host_go(keeper: Keeper, *, by: Account) -> None:
    """A host keeps this house no more. Raises `Denied`, and `NotKept` while somebody vouches for them there."""
    with transaction.atomic():
        house = House.objects.get(pk=keeper.house_id)
        must_be_ours(house, by, "house.host_gone")
        if Vetting.objects.standing().filter(house=house, account=keeper.account_id).exists():
            sentence = _("Somebody vouches for this host. Withdraw that first.")
            raise NotKept(house.pk, "house.host_gone", by.pk, sentence)
        if Keeper.objects.filter(pk=keeper.pk).delete()[0]:
            ledger.record("house.host_gone", house.pk, by=by, about=keeper.account_id)


def vouch(vetting: Vetting, *, by: Account) -> Vetting:
    """Vouch for a host of the house, for a time: who stays there already is told to them now.

    Raises `Denied`, also for oneself, `NotKept` for whoever is no host of it.
    """
    with transaction.atomic():
        must_be_ours(vetting.house, by, "house.vouched")
        if vetting.account_id == by.pk:
            raise Denied(vetting.house_id, "house.vouched", by.pk)
        if not Keeper.objects.filter(house=vetting.house, account=vetting.account).exists():
            raise NotKept(vetting.house_id, "house.vouched", by.pk, _("They are no host of this house."))
        vetting.by = by
        vetting.save(force_insert=True)
        ledger.record("house.vouched", vetting.house_id, by=by, about=vetting.account_id, detail=vetting.how)
        letting_in.tell_of_guests(vetting, by=by)
        return vetting


def withdraw(vetting: Vetting, *, by: Account) -> None:
    """Nobody is told of new people any more by this host. Twice does nothing more. Raises `Denied`."""
    with transaction.atomic():
        must_be_ours(vetting.house, by, "house.vouching_withdrawn")
        if Vetting.objects.filter(pk=vetting.pk, withdrawn_at=None).update(withdrawn_at=Now()):
            ledger.record("house.vouching_withdrawn", vetting.house_id, by=by, about=vetting.account_id)


def inspect(inspection: Inspection, *, by: Account) -> Inspection:
    """Write down a look at the house; one that is unfit is closed until it is looked at again. Raises `Denied`."""
    with transaction.atomic():
        must_be_ours(inspection.house, by, "house.inspected")
        inspection.by = by
        inspection.save(force_insert=True)
        ledger.record("house.inspected", inspection.house_id, by=by, about=inspection.pk, detail=inspection.result)
        if inspection.result == Inspection.Result.UNFIT:
            _close_until(inspection.house, inspection.next_due, by)
        return inspection


def _close_until(house: House, day: date, by: Account) -> None:
    try:
        with transaction.atomic():
            closing.close(house, (timezone.localdate(), day), by=by, why=Closure.Why.REPAIRS)
    except closing.NotClosed:
        pass  # closed already, or looked at again at once


def must_be_ours(house: House, by: Account, what: str) -> None:
    """Raise `Denied` unless somebody works at the desk of the house's organisation."""
    if not works_for(by, house):
        raise Denied(house.pk, what, by.pk)

"""Who travels together: a household links cases, and each keeps its own stage, its own people and its own secrets."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from relocation.models import Account, Case, Household
from relocation.models.codes import random_letters
from relocation.safety import access, ledger
from relocation.safety.refusal import Denied, Refusal


class OtherHousehold(Refusal):
    """The other person belongs to another household already."""

    kind = "other_household"


def join(case: Case, other: Case, *, by: Account) -> Household:
    """Link two cases that `by` may both write. Raises `Denied`, `OtherHousehold`. Neither learns anything of the other."""
    with transaction.atomic():
        here, there = _locked(case, other, by)
        if there.household_id and there.household_id != here.household_id:
            sentence = _("This person belongs to another household. Let them leave it first.")
            raise OtherHousehold(case.pk, "household.join", by.pk, sentence)
        household = here.household or Household.objects.create(code=_new_code(), by=by)
        for member in (here, there):
            _set(member, household, by, "household.joined")
        return household


def leave(case: Case, *, by: Account) -> None:
    """This person travels alone from now on. Raises `Denied`."""
    with transaction.atomic():
        here, _same = _locked(case, case, by)
        _set(here, None, by, "household.left")


def members(case: Case, by: Account) -> QuerySet[Case]:
    """The others of the household whose cases `by` may open."""
    if case.household_id is None:
        return Case.objects.visible_to(by).none()
    return Case.objects.visible_to(by).filter(household=case.household_id).exclude(pk=case.pk)


def _locked(case: Case, other: Case, by: Account) -> tuple[Case, Case]:
    """Both rows, locked in one order so that two people linking the same cases do not wait for each other."""
    wanted = {case.pk, other.pk}
    rows = {
        row.pk: row
        for row in Case._base_manager.select_for_update(of=("self",), no_key=True).filter(pk__in=wanted).order_by("pk")
    }
    for pk in wanted:
        if pk not in rows:
            raise Denied(pk, "household", by.pk)
        access.require(by, "card.write", pk)
    return rows[case.pk], rows[other.pk]


def _set(case: Case, household: Household | None, by: Account, what: str) -> None:
    if case.household_id != (household.pk if household else None):
        Case._base_manager.filter(pk=case.pk).update(household=household)
        ledger.record(what, case.pk, by=by, about=household.pk if household else case.household_id)


def _new_code() -> str:
    return random_letters(6)

"""Whether somebody may come into a house at all: what it says of itself, and what the database refuses besides."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from relocation.models import Account, Case
from relocation.safety.refusal import Refusal
from shelters.models import Bed, Closure, House, Keeper, Vetting

TAKEN = gettext_lazy("This bed is taken for one of these nights. Choose another bed or other nights.")
CLOSED = gettext_lazy("This house takes nobody now. Choose another one.")
NO_HOST = gettext_lazy("Nobody has vouched for a host of this house, or it must be renewed. Until then it receives nobody.")
UNWANTED = gettext_lazy("The person said that a house of this kind does not suit them. Choose another one.")
ASK = gettext_lazy("This house is kept for women or for men. Ask the person whether it suits them, note it, then try again.")
SHUT = gettext_lazy("This bed is closed on one of these nights. Choose another bed or other nights.")


class BedTaken(Refusal):
    """Somebody else has the bed for one of these nights."""

    kind = "bed_taken"


class HouseClosed(Refusal):
    """The house takes nobody now, or not on these nights."""

    kind = "house_closed"


class NotSuited(Refusal):
    """The house does not take people like this, or not for so long."""

    kind = "not_suited"


class AskFirst(NotSuited):
    """The house is kept for women or for men, and nobody has asked the person yet."""

    kind = "ask_first"


KEPT = (House.Takes.WOMEN, House.Takes.MEN)
# What the database's own rules (see `models.stay_rules`) are called, and what they mean.
LAST_WORD: dict[str, tuple[type[Refusal], object]] = {
    "one_stay_per_bed_and_night": (BedTaken, TAKEN),
    "stay_in_open_house": (HouseClosed, CLOSED),
    "stay_with_vetted_host": (HouseClosed, NO_HOST),
    "stay_on_open_nights": (HouseClosed, SHUT),
    "stay_where_it_suits": (NotSuited, UNWANTED),
    "stay_once_asked": (AskFirst, ASK),
}


@contextmanager
def last_word(case_id: UUID, what: str, by: Account, taken: object = TAKEN) -> Iterator[None]:
    """The database decides; its refusal becomes `BedTaken` with the sentence `taken`, or what `LAST_WORD` says."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        told = next((told for name, told in LAST_WORD.items() if name in str(error)), None)
        if told is None:
            raise
        kind, sentence = told
        raise kind(case_id, what, by.pk, str(taken if kind is BedTaken else sentence)) from None


def must_take(house: House, bed: Bed, case: Case, nights: tuple[date, date], what: str, by: Account) -> None:
    """Whoever is placed finds an open house that is for them. Raises `HouseClosed` or `NotSuited`, each with its sentence."""
    if not house.takes_people:
        raise HouseClosed(case.pk, what, by.pk, str(CLOSED))
    if not vetted_hosts(house):
        raise HouseClosed(case.pk, what, by.pk, str(NO_HOST))
    if any(closure.shuts(bed) for closure in Closure.objects.standing().filter(house=house).between(*nights)):
        raise HouseClosed(case.pk, what, by.pk, str(SHUT))
    if sentence := unsuited(house, case, nights):
        raise NotSuited(case.pk, what, by.pk, sentence)
    if to_ask(house, case):
        sentence = _("This house is kept for: %(whom)s. Ask the person whether it suits them, note it, then try again.")
        raise AskFirst(case.pk, what, by.pk, sentence % {"whom": house.get_takes_display()})


def suiting(beds: Iterable[Bed], case: Case, nights: tuple[date, date]) -> list[Bed]:
    """Those of the beds that stand in a house with a vetted host which takes this person for these nights."""
    hosted = set(vetted().values_list("house", flat=True))
    return [bed for bed in beds if bed.house_id in hosted and not unsuited(bed.house, case, nights)]


def unsuited(house: House, case: Case, nights: tuple[date, date]) -> str:
    """Why the house is not for this person or these nights, as one sentence; empty where nothing stands against it."""
    if house.stay_limit and (nights[1] - nights[0]).days > house.stay_limit:
        told = ngettext(
            "Nobody stays in this house longer than %(n)d night. Choose fewer nights.",
            "Nobody stays in this house longer than %(n)d nights. Choose fewer nights.",
            house.stay_limit,
        )
        return told % {"n": house.stay_limit}
    if house.takes == House.Takes.ADULTS and case.is_minor:
        return _("This house takes nobody under 18. Choose another one.")
    if house.takes in KEPT and case.house_for not in ("", Case.HouseFor.EITHER, house.takes):
        return str(UNWANTED)
    if house.largest_household and case.household_size > house.largest_household:
        return _("This house has no room for a household of this size. Choose another one.")
    return ""


def to_ask(house: House, case: Case) -> bool:
    """Whether the person must be asked before this house takes them; children come with their household."""
    with_family = house.takes == House.Takes.WOMEN and case.is_minor and case.household_id is not None
    return house.takes in KEPT and not case.house_for and not with_family


def vetted() -> QuerySet[Keeper]:
    """Hosts whom somebody vouched for, and not too long ago; nobody else is told who comes."""
    vouched = Vetting.objects.standing().filter(house=OuterRef("house"), account=OuterRef("account"))
    return Keeper.objects.filter(Exists(vouched), account__is_active=True)


def vetted_hosts(house: House) -> list[Account]:
    """Those of one house."""
    return [keeper.account for keeper in vetted().filter(house=house).select_related("account").order_by("pk")]

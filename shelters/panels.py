"""What the houses say on the case page and in somebody's day."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.desk.panels import Panel, Todo, day_items, panel
from relocation.models import Account, Case
from relocation.safety import access
from shelters.models import Stay
from shelters.trouble import troubled

SOON = timedelta(hours=24)


@panel("placement")
def placement(case: Case, account: Account) -> Panel | None:
    """Where the case sleeps: house code, bed, nights, state. None for whoever may not know the location."""
    if not access.may(account, "location.reveal_together", case.pk):
        return None
    stays = Stay.objects.visible_to(account).filter(case=case).exclude(state__in=[Stay.State.LEFT, Stay.State.RELEASED])
    shown = list(stays.select_related("house", "bed__room").order_by("nights"))
    mine = access.may(account, "place", case.pk)
    return Panel("shelters/_placement.html", {"case": case, "stays": shown, "mine": mine})


@day_items("houses")
def todos(account: Account) -> Iterator[Todo]:
    """Holds that run out within a day, arrivals that are due and not confirmed, people who did not come."""
    now = timezone.now()
    stays = Stay.objects.visible_to(account).select_related("case", "house")
    mine = stays.filter(case__in=access.permitted(account, "place"), nights__endswith__gt=timezone.localdate())
    for stay in mine.filter(state=Stay.State.HELD, held_until__lte=now + SOON):
        yield _hold_ends(stay)
    for stay in mine.filter(state=Stay.State.CONFIRMED, expected_from__lte=now):
        yield _awaited(stay)
    for stay in mine.filter(state=Stay.State.NOT_HERE):
        sentence = _("Did not come to %(house)s. Find out where they are.") % {"house": stay.house}
        yield _todo(stay, sentence, _("Open the stay"), late=True)
    yield from troubled(mine.standing().select_related("bed"))


def _hold_ends(stay: Stay) -> Todo:
    if stay.ran_out:
        sentence = _("The hold in %(house)s has run out; anybody may take the bed.") % {"house": stay.house}
        return _todo(stay, sentence, _("Find a bed again"), due=True, late=True)
    return _todo(stay, _("The hold in %(house)s runs out.") % {"house": stay.house}, _("Confirm or release"), due=True)


def _awaited(stay: Stay) -> Todo:
    late = stay.expected_until < timezone.now()
    sentence = _("Arrival in %(house)s is not confirmed.") if late else _("Expected in %(house)s now.")
    return _todo(stay, sentence % {"house": stay.house}, _("Open the stay"), late=late)


def _todo(stay: Stay, sentence: str, label: str, *, due: bool = False, late: bool = False) -> Todo:
    when = stay.held_until if due else stay.expected_until
    return Todo(stay.case, sentence, label=label, url=reverse("stays:stay", args=(stay.pk,)), due=when, late=late)

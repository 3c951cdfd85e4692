"""What a host says of the house itself: closed nights, what was seen, an alarm for all in it; and the words for the door."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from relocation.journey import alarms
from relocation.journey.wrong import ADDED, WELL, Near, all_is_well, said_words, something_is_wrong
from relocation.models import Account, Part
from relocation.safety import vault
from relocation.safety.confirm import TODAY, Fresh, confirmed
from relocation.safety.gate import portal
from relocation.safety.refusal import Denied
from shelters import closing, house_alarm, watching
from shelters.host import back_home, duty_phone, host_of, own_house
from shelters.models import Closure, House, Keeper, Sighting, Stay

HOW_LONG = (1, 2, 7, 14)  # nights on the buttons
LINE = 80  # letters of a line that is typed at the door


@portal(Part.HOUSE)
@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """Close the house for some nights, from tonight or from the day that was typed."""
    house, account = own_house(request), host_of(request)
    nights = _nights(request.POST)
    if nights is None:
        messages.error(request, _("Choose for how many nights, and from which day on."))
        return back_home()
    try:
        closure = closing.close(house, nights, by=account)
    except closing.NotClosed as refusal:
        messages.error(request, refusal.sentence)
        return back_home()
    messages.success(request, _("Closed. Nobody new is sent to you on these nights."))
    if there := closing.stays_on(closure):
        messages.warning(request, _expected(there))
    return back_home()


def _nights(typed: Any) -> tuple[date, date] | None:
    """From the typed day for the chosen number of nights; None for what was not on the page."""
    try:
        first, nights = date.fromisoformat(typed.get("first", "")), int(typed.get("nights", ""))
        return (first, first + timedelta(days=nights)) if nights in HOW_LONG else None
    except (ValueError, OverflowError):
        return None


def _expected(people: int) -> str:
    words = ngettext(
        "%(n)d person has a bed with you on these nights. The case lead is told and finds another one.",
        "%(n)d people have a bed with you on these nights. The case leads are told and find other ones.",
        people,
    )
    return words % {"n": people}


@portal(Part.HOUSE)
@require_POST
def open_again(request: HttpRequest) -> HttpResponse:
    """Take a closure back."""
    house = own_house(request)
    asked = request.POST.get("closure", "")
    closure = next((one for one in Closure.objects.filter(house=house) if str(one.pk) == asked), None)
    if closure is None:
        raise Denied(house.pk, "house.open", host_of(request).pk)
    closing.open_again(closure, by=host_of(request))
    messages.success(request, _("Open again. People may be sent to you on these nights."))
    return back_home()


@portal(Part.HOUSE)
@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """Something was seen near the house: a tap on its kind saves; words, vehicle and plate where they were typed."""
    house, account = own_house(request), host_of(request)
    what = request.POST.get("what", "")
    if what not in Sighting.SEEN:
        raise Denied(house.pk, "house.sighting", account.pk)
    said = {name: request.POST.get(name, "").strip()[:400] for name in watching.SEALED}
    sighting = watching.report(house, what, by=account, said=said)
    messages.success(request, _("Written down, and the desk is told. If you are in danger now, raise the alarm."))
    if again := watching.known_again(sighting, said["plate"]):
        messages.warning(request, again)
    return back_home()


@portal(Part.HOUSE)
@require_POST
def alarm(request: HttpRequest) -> HttpResponse:
    """Something is wrong in the house: everybody in it counts as in danger, and the people on call are told; or all is well."""
    house, account = own_house(request), host_of(request)
    words, held = said_words(request.POST, "host"), "held" in request.POST
    near = [Near("location.own", stay.case_id, stay.pk) for stay in Stay.objects.hosted_by(account).filter(house=house)]
    if request.POST.get("do") == "well":
        _all_is_well(house, near, account)
        messages.success(request, WELL)
        return back_home()
    told = [something_is_wrong(one, words, by=account, held=held) for one in near]
    if any(told or [house_alarm.raise_alarm(house, words, by=account)]):
        messages.success(request, _("The people on call are being told now. Do what keeps you all safe first."))
    else:
        messages.success(request, ADDED)
    return back_home()


def _all_is_well(house: House, near: list[Near], by: Account) -> None:
    """Take back what this host raised for anybody in the house, and for the house. Raises `Denied` where that is nothing."""
    mine = [one for one in near if alarms.own_open(one.case_id, by).exists()]
    for one in mine:
        all_is_well(one, by=by)
    raised = house_alarm.raised(house, by)
    if not mine or (raised and not raised.well):
        house_alarm.take_back(house, by=by)


@portal(Part.HOUSE)
@require_safe
@confirmed(Fresh(TODAY.within, frozenset({"GET", "HEAD"})))
def words(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """What is said and answered at the door, and what else happens there. Raises `Denied` for another house's."""
    account = host_of(request)
    stay = Stay.objects.hosted_by(account).filter(pk=stay_id).select_related("case", "house__organisation").first()
    if stay is None:
        raise Denied(stay_id, "stay.words", account.pk)
    context = {
        "alias": stay.case.alias,
        "greeting": vault.reveal_own(stay, "greeting", scope=stay.pk, by=account),
        "reply": vault.reveal_own(stay, "reply", scope=stay.pk, by=account),
        "protocol": _protocol(stay.house, account),
        "phone": duty_phone(stay.house),
    }
    return render(request, "shelters/words.html", context)


def _protocol(house: House, by: Account) -> str:
    def keeps(_house: UUID) -> bool:
        return Keeper.objects.filter(house=house, account=by).exists()

    return vault.read_of_place(house, "door_protocol", by=by, known_to=keeps, purpose="door")["door_protocol"]

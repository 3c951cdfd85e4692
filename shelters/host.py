"""The host's page on a phone: beds free tonight, who arrives, who is there. Alias, window and needs, nothing else."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from relocation.journey.wrong import ADDED, WELL, Near, all_is_well, said_words, something_is_wrong
from relocation.models import Account, Part
from relocation.models.languages import spoken
from relocation.safety.confirm import TODAY, Fresh, confirmed
from relocation.safety.gate import portal
from relocation.safety.refusal import Denied
from relocation.safety.session import proved_within
from shelters import closing, hosting
from shelters.house_alarm import Raised, raised
from shelters.models import Closure, FreeBeds, House, Sighting, Stay, Vetting
from shelters.words import window

PADS = 9  # the largest number on the pad
UNDO_FOR = timedelta(minutes=10)
CORRECT_FOR = timedelta(hours=12)
STILL_SO_FOR = timedelta(days=2)


@dataclass(frozen=True)
class Guest:
    """What a host knows of one person."""

    stay: Stay
    zone: ZoneInfo

    @property
    def alias(self) -> str:
        return self.stay.case.alias

    @property
    def needs(self) -> list[str]:
        return list(self.stay.case.needs)

    @property
    def languages(self) -> list[str]:
        return spoken(self.stay.case.languages)

    @property
    def window(self) -> str:
        return window(self.stay)

    @property
    def comes_on(self) -> date:
        return self.stay.expected_from.astimezone(self.zone).date()

    @property
    def comes_today(self) -> bool:
        """The window has begun or begins today: the host may say what they see."""
        return self.comes_on <= timezone.now().astimezone(self.zone).date()

    @property
    def was_not_here(self) -> bool:
        return self.stay.state == Stay.State.NOT_HERE

    @property
    def just_arrived(self) -> bool:
        """A tap by mistake can still be put right."""
        return self.stay.arrived_at is not None and self.stay.arrived_at > timezone.now() - CORRECT_FOR


@dataclass(frozen=True)
class HostedHouse:
    """One house as its host sees it."""

    house: House
    pads: range
    answer: FreeBeds | None
    said: FreeBeds | None
    closures: list[Closure]
    raised: Raised | None
    arriving: list[Guest]
    here: list[Guest]
    opened: bool
    vouched: bool

    @property
    def guests(self) -> list[Guest]:
        return self.arriving + self.here

    @property
    def still_so(self) -> FreeBeds | None:
        """The last answer, once it is older than two days: one tap says that it is still so."""
        return self.said if self.said and self.said.at < timezone.now() - STILL_SO_FOR else None

    @property
    def today(self) -> date:
        """Tonight's date, in the time of the house."""
        return timezone.now().astimezone(ZoneInfo(self.house.time_zone)).date()

    @property
    def alarm_runs(self) -> timedelta | None:
        """For how long the own alarm for the house is open, where nobody has looked into it yet."""
        return timezone.now() - self.raised.alarm.at if self.raised else None

    @property
    def just_saved(self) -> bool:
        return self.answer is not None and self.answer.at > timezone.now() - UNDO_FOR


@portal(Part.HOUSE)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Everything a host does, on one page."""
    account = host_of(request)
    opened = proved_within(request, TODAY.within)
    houses = [_hosted(house, account, opened) for house in kept_by(account)]
    phone = next((found for hosted in houses if (found := duty_phone(hosted.house))), "")
    context = {"houses": houses, "phone": phone, "one": len(houses) == 1, "kinds": [(what, what.label) for what in Sighting.SEEN]}
    return render(request, "shelters/host.html", context)


@portal(Part.HOUSE)
@confirmed(Fresh(TODAY.within, frozenset({"GET", "POST"})))
def arrivals(request: HttpRequest) -> HttpResponse:
    """Show who arrives: twelve hours after the last confirmation the page has the number pads only, and leads here."""
    return back_home()


@portal(Part.HOUSE)
@require_POST
def free(request: HttpRequest) -> HttpResponse:
    """A tap on a number saves at once."""
    house = own_house(request)
    said = request.POST.get("free", "")
    if said.isascii() and said.isdigit() and int(said) in _pads(house):
        hosting.say_free(house, int(said), by=host_of(request))
    else:
        messages.error(request, _("That number could not be saved. Please tap one of the numbers below."))
    return back_home()


@portal(Part.HOUSE)
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take the answer back that the page showed; a second tap on the same button takes back nothing more."""
    house, account = own_house(request), host_of(request)
    last = house.answers.filter(undone_at=None).first()
    if last and str(last.pk) == request.POST.get("answer"):
        before = hosting.undo_free(house, by=account)
        messages.success(request, _said_before(before))
    return back_home()


@portal(Part.HOUSE)
@require_POST
@confirmed(TODAY)
def door(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """Arrived, or not here."""
    stay = Stay.objects.hosted_by(host_of(request)).filter(pk=stay_id).select_related("case").first()
    if stay is None or request.POST.get("here") not in ("0", "1"):
        raise Denied(stay_id, "stay.door", host_of(request).pk)
    if request.POST["here"] == "1":
        hosting.arrived(stay.pk, by=host_of(request))
        messages.success(request, _("%(alias)s has arrived. The case lead is told.") % {"alias": stay.case.alias})
    else:
        hosting.not_here(stay.pk, by=host_of(request))
        messages.success(request, _("%(alias)s is not here. The case lead is told.") % {"alias": stay.case.alias})
    return back_home()


@portal(Part.HOUSE)
@require_POST
def wrong(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """Something is wrong with one guest, or all is well after all: the people on call are told. Raises `Denied`."""
    account = host_of(request)
    stay = Stay.objects.hosted_by(account).filter(pk=stay_id).first()
    if stay is None:
        raise Denied(stay_id, "stay.wrong", account.pk)
    near = Near("location.own", stay.case_id, stay.pk)
    if request.POST.get("do") == "well":
        all_is_well(near, by=account)
        messages.success(request, WELL)
    elif something_is_wrong(near, said_words(request.POST, "host"), by=account, held="held" in request.POST):
        messages.success(request, _("The people on call are being told now. Do what keeps you all safe first."))
    else:
        messages.success(request, ADDED)
    return back_home()


def kept_by(account: Account) -> list[House]:
    """The houses that this account keeps."""
    return list(House.objects.filter(keepers__account=account).select_related("organisation"))


def duty_phone(house: House) -> str:
    """The number that a host calls day and night, where the organisation has one."""
    return str(getattr(house.organisation, "duty_phone", "") or "")


def _hosted(house: House, account: Account, opened: bool) -> HostedHouse:
    zone = ZoneInfo(house.time_zone)
    said = house.answers.filter(undone_at=None).first()
    closures = list(closing.ahead(house, timezone.now().astimezone(zone).date()))
    shown = (house, _pads(house), _of_today(said, zone), said, closures, raised(house, account))
    vouched = Vetting.objects.standing().filter(house=house, account=account).exists()
    if not opened:
        return HostedHouse(*shown, [], [], opened, vouched)
    stays = Stay.objects.hosted_by(account).filter(house=house).select_related("case", "house", "bed__room")
    guests = [Guest(stay, zone) for stay in stays.order_by("expected_from")]
    arriving = [guest for guest in guests if guest.stay.state in (Stay.State.CONFIRMED, Stay.State.NOT_HERE)]
    here = [guest for guest in guests if guest.stay.state == Stay.State.ARRIVED]
    return HostedHouse(*shown, arriving, here, opened, vouched)


def _pads(house: House) -> range:
    return range(min(house.beds.count(), PADS) + 1)


def _of_today(last: FreeBeds | None, zone: ZoneInfo) -> FreeBeds | None:
    """The answer that counts, if it was given for tonight: since four in the morning, in the time of the house."""
    now = timezone.now().astimezone(zone)
    return last if last and last.at >= _morning(now) else None


def _morning(now: datetime) -> datetime:
    four = now.replace(hour=4, minute=0, second=0, microsecond=0)
    return four if now >= four else four - timedelta(days=1)


def _said_before(before: FreeBeds | None) -> str:
    if before is None:
        return _("Taken back. Nothing is said about tonight.")
    words = ngettext("Taken back. %(beds)d free bed counts again.", "Taken back. %(beds)d free beds count again.", before.beds)
    return words % {"beds": before.beds}


def own_house(request: HttpRequest) -> House:
    """The house that the form names, if this host keeps it. Raises `Denied`."""
    named = request.POST.get("house", "")
    for house in kept_by(host_of(request)):
        if str(house.pk) == named:
            return house
    raise Denied(host_of(request).pk, "house.free", host_of(request).pk)


def host_of(request: HttpRequest) -> Account:
    """Whoever looks at the page."""
    assert isinstance(request.user, Account)
    return request.user


def back_home() -> HttpResponse:
    """See other: reloading the page repeats nothing."""
    response = redirect("stays:host")
    response.status_code = 303
    return response

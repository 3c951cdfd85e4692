"""The desk's pages of the houses: all of one's own, one with everything known of it, setting one up."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from relocation.models import Account, Part
from relocation.safety.confirm import confirmed
from relocation.safety.gate import portal
from relocation.safety.refusal import Denied, Refusal
from shelters import burning, closing, keeping, watching
from shelters.house_forms import ClosureForm, HostForm, HouseForm, InspectionForm, RoomForm, SightingForm, VettingForm
from shelters.house_known import Known, known_of, of_ours, opened
from shelters.models import Closure, House, Inspection, Sighting, Vetting

Act = Callable[[House, Any, Account], object]


def _close(house: House, form: ClosureForm, by: Account) -> None:
    told = form.cleaned_data
    part = form.parts.get(told["part"])
    closing.close(house, form.nights, by=by, why=told["why"], part=part, note=told["note"])


def _saw(house: House, form: SightingForm, by: Account) -> None:
    told = form.cleaned_data
    said = {name: told[name] for name in watching.SEALED if told[name]}
    watching.report(house, told["what"], by=by, said=said, seen_at=told["seen_at"])


# What can be added to a house: its form, and the door that takes it.
ADDS: dict[str, tuple[Callable[[Any, House, Account], forms.BaseForm], Act]] = {
    "room": (
        lambda data, house, by: RoomForm(data, auto_id="RoomForm-%s"),
        lambda house, form, by: keeping.add_room(house, form.cleaned_data["name"], form.cleaned_data["beds"], by=by),
    ),
    "close": (lambda data, house, by: ClosureForm(data, house), _close),
    "inspect": (
        lambda data, house, by: InspectionForm(data, instance=Inspection(house=house, by=by)),
        lambda house, form, by: keeping.inspect(form.instance, by=by),
    ),
    "host": (
        lambda data, house, by: HostForm(data, house),
        lambda house, form, by: keeping.add_host(house, form.cleaned_data["account"], by=by),
    ),
    "vouch": (
        lambda data, house, by: VettingForm(data, instance=Vetting(house=house, by=by), by=by),
        lambda house, form, by: keeping.vouch(form.instance, by=by),
    ),
    "saw": (lambda data, house, by: SightingForm(data, instance=Sighting(house=house, by=by)), _saw),
}


@portal(Part.DESK)
@require_safe
def houses(request: HttpRequest) -> HttpResponse:
    """Every house of one's own organisation, and what is due there."""
    known = [known_of(house) for house in of_ours(_account(request))]
    return render(request, "shelters/houses.html", {"houses": known})


@portal(Part.DESK)
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """Set up a house."""
    form = HouseForm(request.POST or None, instance=House())
    if form.is_valid():
        house = keeping.set_up(form.save(commit=False), by=_account(request))
        messages.success(request, _("The house is set up. Add its rooms and beds, and vouch for its host."))
        return redirect("stays:house", house.pk)
    return render(request, "shelters/house_form.html", {"form": form})


@portal(Part.DESK)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, house_id: UUID) -> HttpResponse:
    """Change what a house says of itself."""
    house = _found(house_id, _account(request))
    form = HouseForm(request.POST or None, instance=house)
    if form.is_valid():
        keeping.change(form.save(commit=False), by=_account(request))
        messages.success(request, _("Saved."))
        return redirect("stays:house", house.pk)
    return render(request, "shelters/house_form.html", {"form": form, "house": House.objects.get(pk=house.pk)})


@portal(Part.DESK)
@require_http_methods(["GET", "HEAD", "POST"])
def house(request: HttpRequest, house_id: UUID) -> HttpResponse:
    """One house: whom it suits, its beds, closed nights, looks at it, its hosts, what was seen near it."""
    account = _account(request)
    found, asked = _found(house_id, account), request.POST.get("do", "")
    shown = {name: make(request.POST if asked == name else None, found, account) for name, (make, _act) in ADDS.items()}
    if asked in ADDS and shown[asked].is_valid() and _added(found, asked, shown[asked], account):
        messages.success(request, _("Saved."))
        if asked == "saw" and (again := _known_again(found, shown[asked])):
            messages.warning(request, again)
        return redirect("stays:house", found.pk)
    if asked and asked not in ADDS:
        return _act_on(request, found, asked, account)
    return _page(request, known_of(found), {"forms": shown, "asked": asked})


def _known_again(house: House, form: Any) -> str:
    newest = house.sightings.latest("at")
    return watching.known_again(newest, form.cleaned_data["plate"])


def _added(house: House, what: str, form: Any, by: Account) -> bool:
    """Whether the door took it; a refusal stands in the form, with what was typed."""
    try:
        ADDS[what][1](house, form, by)
    except Denied:
        raise
    except Refusal as refusal:
        form.add_error(None, refusal.sentence)
        return False
    return True


def _page(request: HttpRequest, known: Known, more: dict[str, Any]) -> HttpResponse:
    burns = burning.may_burn(known.house.pk)  # whoever may not is told whom to call
    return render(request, "shelters/house.html", {"known": known, "house": known.house, "burns": burns} | more)


def _act_on(request: HttpRequest, house: House, do: str, by: Account) -> HttpResponse:
    """One row of the house: open a closure again, withdraw a vetting, let a host go, settle a sighting, take a bed away."""
    row = request.POST.get("row", "")
    match do:
        case "open":
            closing.open_again(_one(Closure.objects.filter(house=house), row, house, by), by=by)
        case "withdraw":
            keeping.withdraw(_one(Vetting.objects.filter(house=house), row, house, by), by=by)
        case "settle":
            watching.settle(
                _one(Sighting.objects.filter(house=house), row, house, by), by=by, reason=request.POST.get("words", "")
            )
        case "let_go":
            keeping.let_host_go(_one(house.keepers.all(), row, house, by), by=by)
        case "remove":
            keeping.remove_bed(_one(house.beds.select_related("house"), row, house, by), by=by)
        case _:
            raise Denied(house.pk, "house", by.pk)
    messages.success(request, _("Saved."))
    return redirect("stays:house", house.pk)


@portal(Part.DESK)
@require_POST
@confirmed()
def look(request: HttpRequest, house_id: UUID, what: str) -> HttpResponse:
    """Open what is sealed of a house, of one kind; it is written down who looked."""
    account = _account(request)
    found = _found(house_id, account)
    return render(request, "shelters/house_opened.html", {"house": found, "told": opened(found, what, by=account)})


def _one(rows: Any, key: str, house: House, by: Account) -> Any:
    """The row of this house that a button names. Raises `Denied`."""
    found = next((row for row in rows if str(row.pk) == key), None)
    if found is None:
        raise Denied(house.pk, "house.row", by.pk)
    return found


def _found(house_id: UUID, by: Account) -> House:
    """A house of one's own organisation. Raises `Denied`."""
    found = House.objects.filter(pk=house_id).select_related("organisation").first()
    if found is None or not closing.works_for(by, found):
        raise Denied(house_id, "house", by.pk)
    return found


def _account(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)
    return request.user

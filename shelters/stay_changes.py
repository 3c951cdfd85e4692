"""The pages on which a stay changes: another bed, another day of leaving, the words for the door."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from relocation.models import Account, Part
from relocation.safety import access, looks
from relocation.safety.gate import portal
from relocation.safety.refusal import Denied, Refusal
from shelters import asking, moving, nights
from shelters.fitting import suiting
from shelters.forms import DAY, Nights, suggested
from shelters.models import Stay


class UntilForm(forms.Form):
    """Another day of leaving."""

    until = forms.DateField(label=gettext_lazy("Day of leaving"), widget=DAY)


class GreetingForm(forms.Form):
    """What is said at the door, and what is answered."""

    greeting = forms.CharField(label=gettext_lazy("Whoever comes says"), max_length=120)
    reply = forms.CharField(label=gettext_lazy("The host answers"), max_length=120)


@portal(Part.DESK)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """Choose another bed, from tonight on: the old stay ends as the new one begins."""
    stay, by = placed(request, stay_id)
    told = _from_now(stay)
    form = Nights(request.POST if request.method == "POST" else told, initial=told)
    asking.heard(request, [stay.case])
    form.fields["first_night"].widget = forms.HiddenInput()  # nobody moves but from now on
    valid = form.is_valid()
    if valid and form.cleaned_data["bed"] and (new := _moved(stay, form, by)):
        messages.success(request, _("Moved. Where the stay was firm, the new host was told; the old one knows nothing more."))
        return redirect("stays:stay", new.pk)
    free = suiting(nights.free_beds(*form.nights), stay.case, form.nights) if valid else []
    context = {
        "stay": stay,
        "case": stay.case,
        "form": form,
        "free": [bed for bed in free if bed.pk != stay.bed_id],
        "valid": valid,
    } | asking.shown([stay.case], [bed.house for bed in free])
    page = render(request, "shelters/move.html", context)
    looks.note(request, page, stay.case_id)
    return page


def _from_now(stay: Stay) -> dict[str, Any]:
    """From tonight, or the first night, to the day of leaving that was planned."""
    first = max(stay.nights.lower, timezone.localdate())
    return suggested(first) | {"leave_day": max(stay.nights.upper, first + timedelta(days=1))}


def _moved(stay: Stay, form: Nights, by: Account) -> Stay | None:
    """Move to the chosen bed; where that fails the form says why and keeps what was typed."""
    bed = form.cleaned_data["bed"]
    try:
        return moving.move(stay, bed, window=form.window(bed.house), by=by, until=form.nights[1])
    except Denied:
        raise
    except Refusal as refusal:
        form.add_error(None, refusal.sentence)
        return None


@portal(Part.DESK)
@require_POST
def until(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """Another day of leaving; what cannot be is said on the page of the stay."""
    stay, by = placed(request, stay_id)
    form = UntilForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a day of leaving."))
    elif (sentence := _refused(stay, form.cleaned_data["until"], by)) is not None:
        messages.error(request, sentence)
    else:
        messages.success(request, _("The day of leaving has changed."))
    return redirect("stays:stay", stay.pk)


def _refused(stay: Stay, day: date, by: Account) -> str | None:
    try:
        moving.extend(stay, day, by=by)
    except Denied:
        raise
    except Refusal as refusal:
        return refusal.sentence
    return None


@portal(Part.DESK)
@require_POST
def greeting(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """Agree on the words for the door: the host reads them on the own page, whoever comes hears them from the lead."""
    stay, by = placed(request, stay_id)
    form = GreetingForm(request.POST)
    if form.is_valid():
        moving.greet(stay, form.cleaned_data["greeting"], form.cleaned_data["reply"], by=by)
        messages.success(request, _("Agreed. Tell them to whoever comes; nobody reads them here again."))
    else:
        messages.error(request, _("Write both: what is said and what is answered."))
    return redirect("stays:stay", stay.pk)


def placed(request: HttpRequest, stay_id: UUID) -> tuple[Stay, Account]:
    """The stay that this account may place, and the account. Raises `Denied`."""
    assert isinstance(request.user, Account)
    found = Stay.objects.visible_to(request.user).filter(pk=stay_id).select_related("case", "house", "bed__room").first()
    if found is None or not access.may(request.user, "place", found.case_id):
        raise Denied(stay_id, "stay", request.user.pk)
    return found, request.user

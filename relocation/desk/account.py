"""One's own account: where one is signed in, password, second factors, recovery codes."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from relocation.desk import second
from relocation.desk.entrance import home_of
from relocation.desk.invitations import PasswordForm
from relocation.journey import feeds
from relocation.models import Part
from relocation.safety import factors, ledger, session
from relocation.safety.confirm import BEFORE_LOOKING, confirmed
from relocation.safety.gate import Request, portal

everybody = portal(*(part.value for part in Part if part is not Part.SYSTEM))


@everybody
@require_safe
def account(request: Request) -> HttpResponse:
    """Everything about one's own account."""
    by = request.user
    here = session.digest(request.session.session_key or "")
    context = {
        "sessions": [(one, one.session_key == here) for one in session.living(by.pk)],
        "factors": factors.held(by),
        "left": factors.codes_left(by),
        "home": home_of(by),
        "feed": feeds.standing(by),
    }
    return render(request, "entrance/account.html", context)


@everybody
@require_POST
def end_session(request: Request) -> HttpResponse:
    """End one other session, or all others."""
    by, only = request.user, request.POST.get("session", "")
    if only and not only.isalnum():
        raise Http404
    ended = session.end(by.pk, but=request.session.session_key, only=only)
    if ended:
        ledger.record("account.sessions_ended", by.pk, by=by, detail=str(ended))
    messages.success(request, _("Ended. Whoever sat there has to sign in again."))
    return redirect("account")


@everybody
@confirmed(BEFORE_LOOKING)
def password(request: Request) -> HttpResponse:
    """Choose another password; every other session ends."""
    by = request.user
    form = PasswordForm(request.POST if "password" in request.POST else None, by)
    if form.is_valid():
        by.set_password(form.cleaned_data["password"])
        by.save(update_fields=["password"])
        ledger.record("account.password_changed", by.pk, by=by)
        session.stay_alone(request)
        messages.success(request, _("Your password is changed. Everywhere else you are signed out."))
        return redirect("account")
    return render(request, "entrance/password.html", {"form": form})


@everybody
@confirmed(BEFORE_LOOKING)
def authenticator(request: Request) -> HttpResponse:
    """Add an authenticator, or put a new one in the place of the old one."""
    form = second.CodeForm(request.POST if "code" in request.POST else None)
    if form.is_valid() and second.keep_authenticator(request, request.user, form):
        return _changed(request, _("The new authenticator counts from now on."))
    context = {"form": form, "signed_in": True} | second.offered(request, request.user)
    return render(request, "entrance/enrol.html", context)


class PasskeyForm(forms.Form):
    """A name for a passkey, and what the browser made."""

    name = forms.CharField(
        label=gettext_lazy("What you call this passkey"), max_length=40, initial=gettext_lazy("This device"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    credential = forms.JSONField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="f-%s")


@everybody
@confirmed(BEFORE_LOOKING)
def passkey(request: Request) -> HttpResponse:
    """Add a passkey; the only page that needs a script."""
    form = PasskeyForm(request.POST if "credential" in request.POST else None)
    if form.is_valid():
        if factors.add_passkey(request.user, form.cleaned_data["name"], form.cleaned_data["credential"]):
            return _changed(request, _("The passkey is added."))
        form.add_error(None, _("The passkey could not be added. Nothing has changed; please try again."))
    return render(request, "entrance/passkey.html", {"form": form})


@everybody
@confirmed()
@require_POST
def offer_passkey(request: Request) -> HttpResponse:
    """What the browser must be told to make a passkey."""
    return JsonResponse(json.loads(json.dumps(factors.ask_passkey(request.user, adding=True))))


@everybody
@confirmed()
@require_POST
def remove_factor(request: Request) -> HttpResponse:
    """Take a factor away; the last one stays."""
    number = request.POST.get("factor", "")
    if number.isdecimal() and factors.remove(request.user, int(number)):
        return _changed(request, _("Removed. It opens nothing any more."))
    messages.error(request, _("This one stays: it is the only second factor you have. Add another one first."))
    return redirect("account")


def _changed(request: Request, said: str) -> HttpResponse:
    """After a change of factors only this session goes on."""
    session.stay_alone(request)
    messages.success(request, said)
    return redirect("account")


@everybody
@confirmed()
@require_POST
def new_codes(request: Request) -> HttpResponse:
    """Make recovery codes; earlier ones end."""
    second.show_codes(request, request.user)
    session.stay_alone(request)
    return redirect("codes")


@everybody
def codes(request: Request) -> HttpResponse:
    """The last of three screens: recovery codes, shown until the person says that they are kept."""
    if request.method == "POST":
        second.forget_codes(request)
        return redirect(home_of(request.user))
    shown = second.shown_codes(request, request.user)
    if not shown:
        return redirect(reverse("account"))
    return render(request, "entrance/codes.html", {"codes": shown})

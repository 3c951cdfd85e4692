"""The second factor: asked for after the password, or chosen by whoever has none yet; nothing else opens before."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from functools import wraps
from typing import Any

import segno
from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from relocation.desk.entrance import home_of, note_refusal, speaking
from relocation.models import Account
from relocation.safety import confirm, factors, fictional, forced, pending, session, throttle
from relocation.safety.device import remember
from relocation.safety.gate import public

_SECRET, _CODES = "new-secret", "new-codes"
Between = Callable[..., HttpResponseBase]


class CodeForm(forms.Form):
    """Six digits from an authenticator, or eight of a recovery code."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=40, widget=forms.TextInput())

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="f-%s")
        hints = {"inputmode": "numeric", "autocomplete": "one-time-code", "autocapitalize": "none", "class": "code"}
        self.fields["code"].widget.attrs |= hints


def between(view: Between) -> Between:
    """Hand a view the account whose password was right just now; anybody else begins at the door."""

    @wraps(view)
    def page(request: HttpRequest) -> HttpResponseBase:
        account = pending.held(request)
        if account is None:
            return redirect("sign-in")
        return view(request, account)

    return public(page)


@between
def second(request: HttpRequest, account: Account) -> HttpResponseBase:
    """Ask for the second factor; whoever has none chooses one first."""
    kinds = factors.kinds(account)
    if not kinds & {factors.TOTP, factors.PASSKEY}:
        return redirect("enrol")
    form = CodeForm(request.POST or None)
    form.fields["code"].required = not request.POST.get("passkey")  # else a refused passkey says two things
    if request.POST.get("code", "").strip() or request.POST.get("passkey"):
        trouble = _judge(request, account)
        if not trouble:
            return come_in(request, account)
        form.add_error("code" if request.POST.get("code", "").strip() else None, trouble)
    invented = factors.invented_code(account) if fictional.may_click(request) else ""
    context = {"form": form, "passkey": factors.PASSKEY in kinds, "code": bool(kinds - {factors.PASSKEY}), "invented": invented}
    return render(request, "entrance/second.html", context)


def _judge(request: HttpRequest, account: Account) -> str:
    """What is wrong with the code or the passkey's answer, in a sentence; empty where it is right."""
    counted = throttle.code_of(account.username)
    one = throttle.one_try(request, account.username, code=True)
    if throttle.is_locked(one, counted):
        note_refusal(account.username, "account.throttled")
        return confirm.wait_sentence(one, counted)
    if not confirm.accepts(account, request.POST.get("code", ""), request.POST.get("passkey", "")):
        throttle.failed(one, counted)
        note_refusal(account.username, "account.refused_second")
        if request.POST.get("passkey"):
            return _("The passkey was not accepted. Try it once more, or confirm in another way.")
        return _("That was not right. A code counts once: wait for the next one, then try again.")
    return ""


@public
@require_POST
def ask_passkey(request: HttpRequest) -> HttpResponse:
    """What the browser must ask a passkey: between the two factors, or of whoever has signed in."""
    account = session.known(request) or pending.held(request)
    if account is None:
        return JsonResponse({}, status=403)
    return JsonResponse(factors.ask_passkey(account))


def come_in(request: HttpRequest, account: Account) -> HttpResponse:
    """Sign in after both factors, where the person wanted to go."""
    onward = pending.onward(request) or home_of(account)
    comes = forced.open_decoy(account) if pending.forced(request) else account
    pending.drop(request)
    session.begin(request, comes)
    throttle.begin_anew(request, account.username)
    response = speaking(HttpResponseRedirect(onward), account.language)
    remember(request, response)
    throttle.remember(request, response, account.username)
    return response


@between
def enrol(request: HttpRequest, account: Account) -> HttpResponseBase:
    """Add an authenticator, and come in with the code that it shows."""
    if factors.has_one(account):
        return redirect("second")
    form = CodeForm(request.POST or None)
    if form.is_valid() and keep_authenticator(request, account, form):
        response = come_in(request, account)
        show_codes(request, account)
        response["Location"] = reverse("codes")
        return response
    return render(request, "entrance/enrol.html", {"form": form} | offered(request, account))


def keep_authenticator(request: HttpRequest, account: Account, form: CodeForm) -> bool:
    """Keep the authenticator that this session offers, if the code is one of its own."""
    with factors.of(account):
        secret = factors.unseal(request.session[_SECRET]) if _SECRET in request.session else ""
    if secret and factors.add_authenticator(account, secret, form.cleaned_data["code"]):
        request.session.pop(_SECRET, None)
        forced.follow(account, secret)
        return True
    form.add_error("code", _("That is not the code that your authenticator shows now. Wait for the next one, then type it."))
    return False


def offered(request: HttpRequest, account: Account) -> dict[str, Any]:
    """The secret that this session offers, in the three ways that an authenticator takes it."""
    with factors.of(account):
        if _SECRET not in request.session:
            request.session[_SECRET] = factors.seal(factors.new_secret())
        secret = factors.unseal(request.session[_SECRET])
    address = factors.address(account, secret)
    groups = [secret[at : at + 4] for at in range(0, len(secret), 4)]
    return {"address": address, "picture": picture(address), "groups": groups}


def picture(address: str) -> str:
    """A QR code as a `data:` address of a PNG; browsers that draw no SVG show it too."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="png", scale=5, border=4)
    return f"data:image/png;base64,{base64.b64encode(drawn.getvalue()).decode()}"


def show_codes(request: HttpRequest, account: Account) -> None:
    """Make recovery codes, and keep them sealed in this session until the person has written them down."""
    codes = factors.new_codes(account)
    with factors.of(account):
        request.session[_CODES] = factors.seal(" ".join(codes))


def shown_codes(request: HttpRequest, account: Account) -> list[str]:
    """The recovery codes that wait to be written down; none once they are."""
    if _CODES not in request.session:
        return []
    with factors.of(account):
        return factors.unseal(request.session[_CODES]).split()


def forget_codes(request: HttpRequest) -> None:
    """The person has them."""
    request.session.pop(_CODES, None)

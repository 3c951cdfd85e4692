"""Coming in and leaving: sign-in, sign-out, leaving at once, the language, and whether the house stands."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from relocation.desk import fictional
from relocation.models import Account, Office, Part, system_account
from relocation.safety import confirm, forced, ledger, pending, session, throttle
from relocation.safety.actor import acting_as
from relocation.safety.device import name_device, remember
from relocation.safety.gate import Request, declared, nothing_here, portal, public

HOMES = {
    Part.DESK: "desk:day",
    Part.HOUSE: "stays:host",
    Part.ROAD: "passages:escort",
    Part.POST: "embassy:inbox",
    Part.OFFICE: "office",
}


def home_of(account: Account) -> str:
    """Return the address of the page that an account's part begins its work on."""
    return reverse(HOMES[Part(account.part)])


class SignIn(AuthenticationForm):
    """Name and password; whatever is wrong, the answer is the same."""

    username = forms.CharField(label=_("Name you sign in with"), max_length=150)
    password = forms.CharField(label=_("Password"), strip=False, widget=forms.PasswordInput)
    error_messages = {
        "invalid_login": _("This name and password do not belong together. Check both and try again."),
        "inactive": _("This name and password do not belong together. Check both and try again."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs |= {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        self.fields["password"].widget.attrs |= {"autocomplete": "current-password"}

    def confirm_login_allowed(self, user: Any) -> None:
        """Refuse the accounts that only sweeps act as, as if the password were wrong."""
        super().confirm_login_allowed(user)
        if user.part == Part.SYSTEM:
            raise self.get_invalid_login_error()


class Door(LoginView):
    """The sign-in page. A right password signs nobody in: it leads to the second factor."""

    form_class = SignIn
    template_name = "entrance/sign_in.html"

    def get_form(self, form_class: Any = None) -> Any:
        """Let axes judge a request that carries nothing of what was typed but the name that is being tried."""
        self.tried, self.typed = (self.request.POST.get(name, "") for name in ("username", "password"))
        self.one = throttle.one_try(self.request, self.tried)
        return SignIn(**(self.get_form_kwargs() | {"request": self.one}))

    def form_valid(self, form: Any) -> HttpResponse:
        account: Account = form.get_user()
        forced.is_forced(self.tried, self.typed)  # as much work as for a wrong password
        pending.hold(self.request, account, self.get_redirect_url())
        return HttpResponseRedirect(reverse("second"))

    def form_invalid(self, form: Any) -> HttpResponse:
        """The same sentence, status and work for a wrong password and for a name that nobody has."""
        locked = throttle.is_locked(self.one, self.tried)
        if forced.is_forced(self.tried, self.typed) and not locked:
            pending.hold(self.request, forced.owner(self.tried), self.get_redirect_url(), forced=True)
            return HttpResponseRedirect(reverse("second"))
        note_refusal(self.tried, "account.throttled" if locked else "account.refused")
        waits = confirm.wait_sentence(self.one, self.tried) if locked else ""
        context = self.get_context_data(form=form, waits=waits)
        return self.render_to_response(context, status=429 if locked else 200)

    def dispatch(self, request: HttpRequest, *args: Any, **rest: Any) -> HttpResponseBase:
        """A device is named before anybody signs in on it, and keeps its name whoever does."""
        response = super().dispatch(request, *args, **rest)
        remember(request, response)
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context) | {"cast": fictional.cast(self.request)}


sign_in = public(Door.as_view())


def note_refusal(name: str, what: str) -> None:
    """Write down that somebody was not let in: on the account's chain, or on the door's own where nobody has the name."""
    door = system_account("door")
    named = Account.objects.filter(username=name.replace("\0", ""))
    account = named.exclude(part=Part.SYSTEM).values_list("pk", flat=True).first()
    with acting_as(door):
        ledger.record(what, account or door, by=door)


@public
@require_POST
def sign_in_as(request: HttpRequest, username: str) -> HttpResponseBase:
    """Sign in as one of an invented world by one click; in any other database this page is not there."""
    account = Account.objects.filter(username=username, is_active=True).exclude(part=Part.SYSTEM).first()
    if account is None or not fictional.may_click(request):
        return nothing_here(request)
    session.begin(request, account)  # in an invented world one click counts as both factors
    response = speaking(HttpResponseRedirect(home_of(account)), account.language)
    name_device(response, f"invented {username}")  # in an invented world everybody brings a machine of their own
    return response


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and go back to the door."""
    end_session(request, "account.signed_out")
    return HttpResponseRedirect(reverse("sign-in"))


@public
def leave(request: HttpRequest) -> HttpResponse:
    """End the session, let the browser forget, and go to a page that tells nothing (`HARBOUR_LEAVE_TO`, else blank)."""
    end_session(request, "account.left")
    response = HttpResponseRedirect(settings.HARBOUR_LEAVE_TO or reverse("left"))
    response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


def end_session(request: HttpRequest, what: str) -> None:
    """End this session; the ledger knows whose it was."""
    if account := session.known(request):
        ledger.record(what, account.pk, by=account)
    logout(request)


@public
@require_safe
def left(request: HttpRequest) -> HttpResponse:
    """An empty page."""
    return render(request, "entrance/left.html")


@portal(Part.OFFICE)
@require_safe
def office(request: Request) -> HttpResponse:
    """Lead to the page of the account's office; key custodians and operators work at the servers."""
    if Office.CUSTODIAN in request.user.offices:
        return HttpResponseRedirect(reverse("desk:access"))
    if Office.AUDITOR in request.user.offices:
        return HttpResponseRedirect(reverse("desk:ledger"))
    return render(request, "entrance/office.html")


@public
@transaction.non_atomic_requests
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the database can be reached, 503 while it cannot."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        return HttpResponse("no database\n", content_type="text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")


@require_POST
def change_language(request: HttpRequest) -> HttpResponseBase:
    """Show pages in another language from now on; a signed-in account keeps the choice."""
    response = set_language(request)
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        Account.objects.filter(pk=request.user.pk).update(language=chosen)
    return response


language = declared(change_language, "public")


def speaking(response: HttpResponse, language: str) -> HttpResponse:
    """Set the language of the pages to come."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response

"""Coming in and leaving: sign-in, sign-out, leaving at once, the language, and whether the house stands."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import login, logout
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
from relocation.models import Account, Office, Part
from relocation.safety.device import name_device, remember
from relocation.safety.gate import Request, declared, nothing_here, portal, public

HOMES = {
    Part.DESK: "desk:day",
    Part.HOUSE: "stays:host",
    Part.ROAD: "passages:escort",
    Part.POST: "embassy:inbox",
    Part.OFFICE: "office",
}
BACKEND = "django.contrib.auth.backends.ModelBackend"


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
    """The sign-in page. Signing in gives a new session, in the account's language."""

    form_class = SignIn
    template_name = "entrance/sign_in.html"

    def get_default_redirect_url(self) -> str:
        return home_of(self.request.user)  # type: ignore[arg-type]  # only asked once somebody has signed in

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        return speaking(response, form.get_user().language)

    def dispatch(self, request: HttpRequest, *args: Any, **rest: Any) -> HttpResponseBase:
        """A device is named before anybody signs in on it, and keeps its name whoever does."""
        response = super().dispatch(request, *args, **rest)
        remember(request, response)
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context) | {"cast": fictional.cast(self.request)}


sign_in = public(Door.as_view())


@public
@require_POST
def sign_in_as(request: HttpRequest, username: str) -> HttpResponseBase:
    """Sign in as one of an invented world by one click; in any other database this page is not there."""
    account = Account.objects.filter(username=username, is_active=True).exclude(part=Part.SYSTEM).first()
    if account is None or not fictional.may_click(request):
        return nothing_here(request)
    login(request, account, backend=BACKEND)
    response = speaking(HttpResponseRedirect(home_of(account)), account.language)
    name_device(response, f"invented {username}")  # in an invented world everybody brings a machine of their own
    return response


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and go back to the door."""
    logout(request)
    return HttpResponseRedirect(reverse("sign-in"))


@public
def leave(request: HttpRequest) -> HttpResponse:
    """End the session, let the browser forget, and go to a page that tells nothing (`HARBOUR_LEAVE_TO`, else blank)."""
    logout(request)
    response = HttpResponseRedirect(settings.HARBOUR_LEAVE_TO or reverse("left"))
    response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    response["Cache-Control"] = "no-store"
    return response


@public
@require_safe
def left(request: HttpRequest) -> HttpResponse:
    """An empty page."""
    return render(request, "entrance/left.html")


@portal(Part.OFFICE)
@require_safe
def office(request: Request) -> HttpResponse:
    """Lead to the page of the account's office; say honestly where it is still to come."""
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

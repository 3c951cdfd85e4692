"""The edge of every request: who acts, what a stranger sees, what is never stored; and who hands a view its case."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.db import OperationalError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from relocation.safety import access, ledger, locks, looks
from relocation.safety.actor import acting_as
from relocation.safety.keys import Shut, keys_in_hand
from relocation.safety.refusal import Denied, Refusal
from relocation.safety.session import known
from relocation.safety.threshold import sealed_page

if TYPE_CHECKING:
    from relocation.models import Account

DISK_FULL = "53100"  # PostgreSQL, appendix A
View = Callable[..., HttpResponseBase]


class Request(HttpRequest):
    """What `case_page` and `portal` hand to a view: somebody has signed in."""

    user: "Account"


class Edge:
    """Middleware: names the actor, keeps refusals, and turns them into pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        account = known(request)
        with acting_as(account.pk if account else None), keys_in_hand():
            response = self.get_response(request)
            if response.streaming and not isinstance(response, FileResponse):
                raise RuntimeError("A page is whole or a file: a generator would run without an actor.")
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The view's transaction has rolled back by now, so what is written here stays."""
        if isinstance(error, Shut):
            return sealed_page()
        if isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", "") == DISK_FULL:
            return render(request, "refusals/full.html", {"posted": posted(request)}, status=507)
        if not isinstance(error, Refusal):
            return None
        ledger.keep(error)
        if isinstance(error, Denied):
            return nothing_here(request)
        return render(request, error.template, error.context() | {"posted": posted(request)}, status=error.status)


def nothing_here(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The one page for what is not there and for what is not yours; the same bytes for both."""
    return render(request, "404.html", status=404)


def posted(request: HttpRequest) -> list[tuple[str, str]]:
    """What somebody typed, to be given back when a form was refused."""
    hidden = {"csrfmiddlewaretoken", "version"}
    return [(name, value) for name, value in request.POST.items() if isinstance(value, str) and name not in hidden and value]


def id_in(told: str) -> UUID | None:
    """The id that a browser sent; None for what is none."""
    try:
        return UUID(told)
    except ValueError:
        return None


def named(told: str) -> UUID:
    """The id that a button names. Raises Http404 for what is none."""
    if (found := id_in(told)) is None:
        raise Http404
    return found


def case_page(capability: str) -> Callable[[View], View]:
    """Give a view its case, as the signed-in account may see it; strangers get the page of a case that does not exist."""

    def wrap(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, case_id: UUID, **rest: Any) -> HttpResponseBase:
            if (account := known(request)) is None:
                return redirect_to_login(request.get_full_path())
            case = access.permitted(account, capability).filter(pk=case_id).first()
            if case is None:
                raise locks.refusal(account, case_id, capability)
            response = _of_case(view, request, case, rest, capability)
            looks.note(request, response, case.pk)
            return response

        return declared(page, capability)

    return wrap


def _of_case(view: View, request: HttpRequest, case: Any, rest: dict[str, Any], capability: str) -> HttpResponseBase:
    """What hangs on another case is as little there as what never was; asking for it is written down."""
    try:
        return view(request, case, **rest)
    except Http404:
        assert request.user.is_authenticated
        raise Denied(case.pk, f"{capability}.part", request.user.pk) from None


def portal(*parts: str) -> Callable[[View], View]:
    """A page for signed-in accounts of these parts (desk, house, road, post, office); for others it is not there."""

    def wrap(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, **rest: Any) -> HttpResponseBase:
            if (account := known(request)) is None:
                return redirect_to_login(request.get_full_path())
            if account.part not in parts:
                raise Denied(account.pk, f"portal.{parts[0]}", account.pk)
            response = view(request, **rest)
            looks.note(request, response, account.pk, page=False)
            return response

        return declared(page, "portal:" + ",".join(parts))

    return wrap


def public(view: View) -> View:
    """A page that anybody may open, signed in or not."""
    return declared(view, "public")


def declared(view: View, policy: str) -> View:
    """Say who may open a route; a route without this fails a test."""
    view.policy = policy  # type: ignore[attr-defined]
    return view

"""Each look at a page of a case, and each file that leaves, is an entry; where it cannot be written, nothing is shown."""

from typing import TypeVar
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from relocation.safety import ledger


def note(request: HttpRequest, response: HttpResponseBase, chain: UUID, *, page: bool = True) -> None:
    """Write down what is about to be shown: a `page`, or a file to be kept. In the request's own transaction."""
    if response.status_code != 200 or getattr(response, "seen_before", False):
        return
    if response.get("Content-Disposition", "").startswith("attachment"):
        _write("export", request, chain)
    elif page and response.get("Content-Type", "").startswith("text/html"):
        _write("view", request, chain)


R = TypeVar("R", bound=HttpResponseBase)


def seen_before(response: R) -> R:
    """Say of an answer that it is written down already: a fragment by its page, a file by the door that handed it over."""
    response.seen_before = True  # type: ignore[attr-defined]
    return response


def _write(verb: str, request: HttpRequest, chain: UUID) -> None:
    assert request.user.is_authenticated and request.resolver_match
    about = next((value for name, value in request.resolver_match.kwargs.items() if name != "case_id"), None)
    page = request.resolver_match.view_name.replace(":", ".")
    ledger.record(f"{verb}.{page}", chain, by=request.user.pk, about=about if isinstance(about, UUID) else None)

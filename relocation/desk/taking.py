"""The one address from which files leave: a link that is spent as it is opened, and the page that says so."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_safe

from relocation.desk import files  # noqa: F401  (its kinds)
from relocation.models import FileLink
from relocation.paperwork import links
from relocation.safety.gate import Request, portal
from relocation.safety.looks import seen_before

# Beside what every response says (nosniff, no-store): nothing in it runs, and nothing learns the address.
STRICTER = {"Content-Security-Policy": "default-src 'none'; sandbox", "Referrer-Policy": "no-referrer"}
View = Callable[..., HttpResponseBase]


def forgets_its_address(view: View) -> View:
    """Whoever must sign in first is not led back here: the address holds a secret, and the session that it was for is over."""

    @wraps(view)
    def page(request: HttpRequest, **rest: Any) -> HttpResponseBase:
        return view(request, **rest) if request.user.is_authenticated else redirect("sign-in")

    return page


@forgets_its_address
@portal("desk", "post")
@require_GET
def file(request: Request, secret: str) -> HttpResponse:
    """Hand the file over, never to be run or kept by the browser; a link that is spent leads to the page that says so."""
    taken = links.take(request, secret)
    if isinstance(taken, FileLink):
        return links.SeeOther(reverse("spent_file", args=[taken.pk]))
    headers = STRICTER | {"Content-Disposition": f'attachment; filename="{taken.name}"'}
    return seen_before(HttpResponse(taken.body, content_type=taken.content_type, headers=headers))


@portal("desk", "post")
@require_safe
def spent(request: Request, link_id: UUID) -> HttpResponse:
    """Say calmly that the link is spent, and offer a new one to whoever may have it."""
    return render(request, "desk/spent.html", {"again": links.again(link_id, by=request.user)}, status=410)


file_urlpatterns = [
    path("files/<str:secret>/", file, name="file"),
    path("files/spent/<uuid:link_id>/", spent, name="spent_file"),
]

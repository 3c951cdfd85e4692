"""The threshold: without the master key, or when all is locked, Harbour shows one page at every address.

Nothing behind it is asked."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi

from relocation.safety.lockdown import is_open

HEALTH = "/healthz"
LEAVING = frozenset({"/leave", "/left"})  # whoever must leave at once may always, and neither page needs a key


class Threshold:
    """Middleware: the key file is read at each request, so that its coming and its going are noticed at once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in LEAVING or is_open():
            return self.get_response(request)
        if request.path == HEALTH:
            return _closed(HttpResponse("sealed\n", content_type="text/plain"))
        return sealed_page()


def sealed_page() -> HttpResponse:
    """The one page of a sealed house: that nothing is lost, and whom to call. It asks no database."""
    shown = {"call": settings.HARBOUR_CALL, "language": get_language(), "bidi": get_language_bidi()}
    return _closed(HttpResponse(render_to_string("refusals/sealed.html", shown)))


def _closed(response: HttpResponse) -> HttpResponse:
    response.status_code = 503
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Frame-Options"] = settings.X_FRAME_OPTIONS
    return response

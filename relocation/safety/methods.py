"""The methods that this house knows: looking and sending. Any other is refused before anybody is asked who they are."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

KNOWN = ("GET", "HEAD", "POST")


class KnownMethods:
    """Middleware: 405 for every method that no page answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request) if request.method in KNOWN else HttpResponseNotAllowed(KNOWN)

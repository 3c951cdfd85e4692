"""Pages of an office: for the accounts that hold it, in the organisation and on no case; for others they are not there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from relocation.safety import looks
from relocation.safety.gate import View, declared
from relocation.safety.refusal import Denied


def office(wanted: str) -> Callable[[View], View]:
    """A page for whoever holds this office; each look at it is an entry on their own chain."""

    def wrap(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, **rest: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if wanted not in request.user.offices:
                raise Denied(request.user.pk, f"office.{wanted}", request.user.pk)
            response = view(request, **rest)
            looks.note(request, response, request.user.pk)
            return response

        return declared(page, f"office:{wanted}")

    return wrap

"""The public page where anybody asks whether a paper is genuine; it tells nothing about a person."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from relocation.models import Paper
from relocation.paperwork.code import Mistyped, normalise
from relocation.safety.gate import public
from relocation.safety.questions import answer

LEFT = (Paper.State.READY, Paper.State.SUPERSEDED, Paper.State.REVOKED)


@dataclass(frozen=True)
class Verdict:
    """What the register says about a code; `state` is empty where it knows none."""

    state: str = ""
    version: int = 0

    @property
    def genuine(self) -> bool:
        return bool(self.state)

    @property
    def in_force(self) -> bool:
        return self.state == Paper.State.READY


class CodeForm(forms.Form):
    """A code, typed from the paper or scanned; a typing error is told apart from a code that nobody gave out."""

    code = forms.CharField(
        label=gettext_lazy("Code on the paper"),
        help_text=gettext_lazy("16 letters and digits in four groups, for example 7Q4C-…"),
        max_length=120,
        # app.js may copy what follows # in the address into this field; that part of an address never reaches us.
        widget=forms.TextInput({"autofocus": True, "autocomplete": "off", "spellcheck": "false", "data-from-fragment": ""}),
    )

    def clean_code(self) -> str:
        """The code as we write it."""
        try:
            return normalise(self.cleaned_data["code"])
        except Mistyped as mistake:
            raise forms.ValidationError(mistake.sentence) from None


@sensitive_variables()
def verdict(code: str) -> Verdict:
    """What the register says about a normalised code; a paper that never left is unknown."""
    said = answer("SELECT harbour_paper_state(%s)", hashlib.sha256(code.encode()).digest())
    _kind, version, state = (said or "- 0 -").split()
    return Verdict(state, int(version)) if state in LEFT else Verdict()


@public
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code")
@sensitive_variables()
def verify(request: HttpRequest) -> HttpResponse:
    """Ask, or answer. Nothing is read from the address, and the code is written into none."""
    if request.GET:
        return redirect("verify")  # a code in an address is dropped at once, never answered
    form = CodeForm(request.POST if request.method == "POST" else None)
    answer = verdict(form.cleaned_data["code"]) if form.is_valid() else None
    if answer is not None and not answer.genuine:
        form.add_error(
            "code", _("No paper bears this code. Check it letter by letter. If it is right, do not rely on the paper.")
        )
    return render(request, "verify/verify.html", {"form": form, "answer": answer})


verify_urlpatterns = [path("verify/", verify, name="verify")]

"""The page on which a case worker chooses the password for when somebody forces them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.models import Account, Part
from relocation.safety import forced
from relocation.safety.confirm import BEFORE_LOOKING, confirmed
from relocation.safety.gate import Request, portal


class ForcedForm(forms.Form):
    """A password that is not the real one."""

    password = forms.CharField(
        label=gettext_lazy("Password for when you are forced"), max_length=128, strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=gettext_lazy("Unlike your own password, and one that you remember under stress."),
    )  # fmt: skip

    def __init__(self, data: Any, account: Account) -> None:
        super().__init__(data, auto_id="f-%s")
        self.account = account

    def clean_password(self) -> str:
        """As strong as the real one, and another."""
        typed: str = self.cleaned_data["password"]
        validate_password(typed, self.account)
        if self.account.check_password(typed):
            raise ValidationError(_("This is your own password. Choose another one."))
        return typed


@portal(Part.DESK)
@confirmed(BEFORE_LOOKING)
def forced_password(request: Request) -> HttpResponse:
    """Choose it, or choose it anew."""
    form = ForcedForm(request.POST if "password" in request.POST else None, request.user)
    if form.is_valid():
        if forced.choose(request.user, form.cleaned_data["password"]):
            messages.success(request, _("Kept. The code of your authenticator stays the same."))
            return redirect("account")
        form.add_error(None, _("Nothing was kept: you need an authenticator, and the operator must have prepared enough."))
    return render(request, "entrance/forced.html", {"form": form})

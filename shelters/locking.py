"""Locking a house: its hosts are signed out everywhere, and it takes nobody until two people open it again."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.models import Account, Lock, Part
from relocation.safety import locks
from relocation.safety.confirm import confirmed
from relocation.safety.gate import portal
from shelters.models import House, Keeper


class LockForm(forms.Form):
    """Which house."""

    house = forms.ModelChoiceField(label=gettext_lazy("Which house"), queryset=House.objects.none())

    def __init__(self, data: Any, by: Account) -> None:
        super().__init__(data, auto_id="f-%s")
        house: Any = self.fields["house"]
        house.queryset = House.objects.filter(organisation=by.organisation_id, is_open=True)


def lock_house(house: House, *, by: Account) -> None:
    """Lock a house, and the accounts of its hosts with it. Raises `Denied` for whoever coordinates nothing."""
    with transaction.atomic():
        through = locks.lock(Lock.Scope.HOUSE, house.pk, by=by, label=house.code)
        for keeper in Keeper.objects.filter(house=house).select_related("account"):
            locks.lock(Lock.Scope.ACCOUNT, keeper.account_id, by=by, label=str(keeper.account), through=through)


@portal(Part.DESK)
@confirmed()
def lock(request: HttpRequest) -> HttpResponse:
    """Choose a house and lock it."""
    by: Any = request.user
    form = LockForm(request.POST if "house" in request.POST else None, by)
    if form.is_valid():
        house = form.cleaned_data["house"]
        lock_house(house, by=by)
        told = {"code": house.code}
        messages.success(request, _("House %(code)s is locked: its hosts are signed out, and it takes nobody.") % told)
        return redirect("desk:danger")
    return render(request, "shelters/lock.html", {"form": form})

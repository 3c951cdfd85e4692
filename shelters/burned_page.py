"""The page of a burned house: what was done at once, who must be moved and by whom, who knew, whether it is safe again."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import BooleanField, Exists, F, Func, OuterRef
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.journey.silence import shown_standings
from relocation.models import Account, Case, Deadline, Part, Standing
from relocation.safety import access, vault
from relocation.safety.access import CaseGrant
from relocation.safety.confirm import confirmed
from relocation.safety.device import device
from relocation.safety.gate import named, portal
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from shelters import burning
from shelters.models import House, Stay
from shelters.models.burn import Burn, Knower, Touched
from shelters.tape import beds_in_use

Was = Touched.Was


class WhyForm(forms.Form):
    """Why, in a sentence: kept sealed, and read by whoever sees to the house."""

    reason = forms.CharField(label=gettext_lazy("What has happened?"), max_length=600, widget=forms.Textarea({"rows": 3}))


class SafeForm(forms.Form):
    """Why the house is safe after all."""

    reason = forms.CharField(
        label=gettext_lazy("How do you know that it is safe?"), max_length=600, widget=forms.Textarea({"rows": 2})
    )


@dataclass(frozen=True)
class Person:
    """Somebody whom the house touches, with what is to be done next and where."""

    touched: Touched
    move: Deadline | None
    bed: Stay | None
    mine: bool
    standing: Any
    leads: str

    @property
    def case(self) -> Case:
        return self.touched.case

    @property
    def must_move(self) -> bool:
        return self.move is not None

    @property
    def late(self) -> bool:
        return self.move is not None and self.move.due_at < timezone.now()

    @cached_property
    def action(self) -> tuple[str, str]:
        """The label and the address of what comes next."""
        if not (self.mine and self.move):
            return _("Open the case"), reverse("desk:case", args=[self.case.pk])
        if self.bed is None:
            return _("Find a bed"), reverse("stays:find", args=[self.case.pk])
        if self.bed.state == Stay.State.ARRIVED:
            return _("Record the move"), reverse("desk:step", args=[self.case.pk, "move_house"])
        return _("Open the new stay"), reverse("stays:stay", args=[self.bed.pk])


@dataclass(frozen=True)
class Known:
    """One account that knew, with every way in which it did."""

    account: Account
    rows: list[Knower]

    @property
    def hows(self) -> list[str]:
        return [str(row.get_how_display()) for row in self.rows]

    @property
    def last_at(self) -> datetime | None:
        return max((row.last_at for row in self.rows if row.last_at), default=None)

    @property
    def spoken(self) -> Knower | None:
        return next((row for row in self.rows if row.spoken_at), None)

    @property
    def reachable(self) -> bool:
        """Whether Harbour itself can tell them anything: they still come in, or have an address."""
        return self.account.is_active and bool(self.account.email)


@portal(Part.DESK)
@confirmed()
def burned(request: HttpRequest, house_id: UUID) -> HttpResponse:
    """Say that a house is burned; once it is, see to it. Raises `Denied` for whoever does not answer for the house."""
    by: Any = request.user
    house = House.objects.filter(pk=house_id).select_related("organisation").first()
    if house is None or not burning.may_burn(house_id):
        raise Denied(house_id, "house.burn", by.pk)
    if row := burning.standing(house_id):
        return _see_to(request, house, row)
    form = WhyForm(request.POST if "reason" in request.POST else None)
    if form.is_valid():
        burning.burn(house.pk, by=by, reason=form.cleaned_data["reason"])
        messages.success(request, _("Done. Now call those who sleep there, one after another."))
        return redirect("stays:burned", house.pk)
    return render(request, "shelters/burn.html", {"house": house, "form": form, "beds": len(beds_in_use(house))})


def _see_to(request: HttpRequest, house: House, row: Burn) -> HttpResponse:
    by: Any = request.user
    form = SafeForm(request.POST if "reason" in request.POST else None)
    if request.method == "POST" and "spoken" in request.POST:
        _spoke(row, request.POST["spoken"], by)
        return redirect(f"{reverse('stays:burned', args=[house.pk])}#knew")
    if form.is_valid():
        undone = burning.safe_again(row, by=by, reason=form.cleaned_data["reason"], device=device(request))
        messages.success(request, _("The house takes people again.") if undone else _("Asked. A second person agrees here."))
        return redirect("stays:list" if undone else "stays:burned", *([] if undone else [house.pk]))
    context = {"house": house, "burn": row, "form": form, "reason": _why(request, row, by)}
    return render(request, "shelters/burned.html", context | shown(row, by))


def _why(request: HttpRequest, row: Burn, by: Account) -> str:
    """The reason, once for each time that somebody opens the page: not for each time that the page looks again by itself."""
    if "still" in request.GET:
        return ""
    return vault.reveal_alone(row, "reason", by=by, reason="sees to a burned house", alone=burning.may_burn)


def shown(row: Burn, by: Account) -> dict[str, Any]:
    """Everything that the page tells, in a constant number of queries."""
    people, known = _people(row, by), _known(row)
    counts = {was: (all_of, left) for was, all_of, left in burning.counted(row.pk)}
    slept = [counts.get(was, (0, 0)) for was in (Was.PRESENT, Was.COMING)]
    there = [person for person in people if person.touched.was != Was.PAST]
    return {
        "running": timezone.now() - row.at,
        "people": sorted(there, key=lambda person: (not person.must_move, person.touched.was != Was.PRESENT)),
        "past": [person for person in people if person.touched.was == Was.PAST],
        "others": sum(n for n, _left in slept) - len(there),
        "others_past": counts.get(Was.PAST, (0, 0))[0] - (len(people) - len(there)),
        "there": slept[0][0], "coming": slept[1][0], "left": sum(left for _n, left in slept),
        "known": known, "unreached": sum(not one.reachable for one in known),
    }  # fmt: skip


def _people(row: Burn, by: Account) -> list[Person]:
    """Those whose cases this account may open; of the others only their number is told."""
    found = Touched.objects.filter(burn=row, case__in=access.permitted(by, "case.open")).select_related("case")
    cases = [touched.case_id for touched in found]
    moves = {due.case_id: due for due in Deadline.objects.filter(case__in=cases, kind=Deadline.Kind.MOVE, done_at=None)}
    beds = {stay.case_id: stay for stay in _new_beds(row, cases)}
    mine = set(access.permitted(by, "place").filter(pk__in=cases).values_list("pk", flat=True))
    leads = _leads(cases)
    seems = shown_standings(by)
    return [
        Person(
            touched, moves.get(touched.case_id), beds.get(touched.case_id), touched.case_id in mine,
            Standing(seems.get(touched.case_id, touched.case.standing)).label, leads.get(touched.case_id, ""),
        )
        for touched in found
    ]  # fmt: skip


def _leads(cases: list[UUID]) -> dict[UUID, str]:
    """Who leads each case: whom a coordinator calls first."""
    held = CaseGrant.objects.filter(content_object_id__in=cases, permission__codename=Role.LEAD).select_related("user")
    return {grant.content_object_id: str(grant.user) for grant in held}


def _new_beds(row: Burn, cases: list[UUID]) -> Any:
    """Where they are to sleep instead: the newest stay in another house, by case."""
    stays = Stay.objects.filter(case__in=cases).exclude(house_id=row.house_id).standing().in_open_houses()
    return stays.select_related("house").order_by("at")


def _known(row: Burn) -> list[Known]:
    rows = Knower.objects.filter(burn=row).select_related("account", "spoken_by").order_by("account__name", "account_id", "how")
    found: dict[UUID, Known] = {}
    for knower in rows:
        found.setdefault(knower.account_id, Known(knower.account, [])).rows.append(knower)
    return list(found.values())


def _spoke(row: Burn, account: str, by: Account) -> None:
    """Somebody has spoken with one of those who knew. Raises `Denied` for whoever is not among them."""
    if not Knower.objects.filter(burn=row, account_id=named(account)).update(spoken_at=Now(), spoken_by=by):
        raise Denied(row.house_id, "house.spoken", by.pk)


@portal(Part.DESK)
def choose(request: HttpRequest) -> HttpResponse:
    """Which house is burned: those that one answers for, the burned ones first."""
    standing = Burn.objects.filter(house=OuterRef("pk"), undone_at=None)
    mine = Func(F("pk"), function="harbour_may_burn", output_field=BooleanField())
    houses = House.objects.annotate(burned=Exists(standing), mine=mine).filter(mine=True).order_by("-burned", "code")
    return render(request, "shelters/burned_choose.html", {"houses": houses})

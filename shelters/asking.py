"""Whoever places somebody asks them once about houses that are kept for women or for men, and notes what they say."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest

from relocation.journey import house_for
from relocation.models import Account, Case
from relocation.safety.refusal import Denied
from shelters.fitting import to_ask
from shelters.models import House

ANSWERS = [(one.value, one.label) for one in Case.HouseFor if one]


def shown(people: Iterable[Case], houses: Iterable[House]) -> dict[str, Any]:
    """What a page of placement shows: whoever must be asked before one of these houses takes them, and who was asked."""
    kept = {house.takes: house for house in houses}.values()
    asked = [case for case in people if any(to_ask(house, case) for house in kept)]
    return {"ask": asked, "told": [case for case in people if case.house_for], "answers": ANSWERS}


def heard(request: HttpRequest, people: Sequence[Case]) -> None:
    """Keep the answer that a button of the page gave for one of these people, if any. Raises `Denied` for anybody else."""
    if "suits" not in request.POST:
        return
    assert isinstance(request.user, Account)
    key, _space, said = request.POST["suits"].partition(" ")
    case = next((one for one in people if str(one.pk) == key), None)
    if case is None or said not in dict(ANSWERS):
        raise Denied(people[0].pk, "house_for", request.user.pk)
    house_for.answer(case, Case.HouseFor(said), by=request.user)
    case.house_for = said

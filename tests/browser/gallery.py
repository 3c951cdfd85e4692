"""Every page of the invented world, with the person who uses it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Model
from django.urls import reverse
from django.utils import timezone

from fiction.ground import Ground
from fiction.story import as_
from logistics.models import Expense, Passage, Report, Seat
from relocation.desk.record_kinds import KINDS
from relocation.models import Case, Document, Paper, Wave, WaveStep
from shelters.models import Bed, House, Proposal, Stay

STEPS = ("verify", "extract", "depart", "lose_contact")


@dataclass(frozen=True)
class Place:
    """A page and whom it is for; nobody: everybody."""

    name: str
    path: str
    who: str = ""


def places(ground: Ground) -> Iterator[Place]:
    """Every page of the world that `ground` stands under."""
    yield from public()
    yield from desk(ground)
    yield Place("approvals of the second person", reverse("desk:approvals"), "mara")
    yield Place("referrals", reverse("desk:referrals"), "mara")
    yield Place("money", reverse("money:home"), "mara")
    yield Place("triage", reverse("desk:triage"), "mara")
    yield Place("chains", reverse("desk:chains"), "mara")
    yield from burning(ground)
    yield from wave(ground)
    yield Place("host", reverse("stays:host"), "hanna")
    yield Place("escort", reverse("passages:escort"), "otto")
    leg = {"leg__escort": ground["otto"], "case__alias": "Heron"}
    yield Place("one leg", _one(ground, "otto", "passages:escort_seat", Seat, **leg), "otto")
    yield from embassy(ground)
    yield Place("office", reverse("office"), "greta")
    yield Place("invite", reverse("invite"), "greta")
    yield from custody(ground)
    yield Place("ledger", reverse("desk:ledger"), "anton")


def custody(ground: Ground) -> Iterator[Place]:
    """Greta's pages, and those on which Mara bars somebody or hands a case over."""
    with as_(ground["mara"]) as mara:
        kestrel = Case.objects.visible_to(mara).get(alias="Kestrel")
    yield Place("access", f"{reverse('desk:access')}?q={kestrel.code}", "greta")
    for name in ("review", "leaving"):
        yield Place(name, reverse(f"desk:{name}"), "greta")
    for name in ("bars", "transfer", "retention"):
        yield Place(name, reverse(f"desk:{name}", args=[kestrel.pk]), "mara")


def burning(ground: Ground) -> Iterator[Place]:
    """Where Mara says that a house is burned, and where somebody is placed from an empty night."""
    yield Place("which house is burned", reverse("stays:burned_choose"), "mara")
    with as_(ground["mara"]):
        house = House.objects.get(code="Alder")
        bed = Bed.objects.filter(house=house).order_by("name").last()
    yield Place("a house is burned", reverse("stays:burned", args=[house.pk]), "mara")
    assert bed is not None
    yield Place("who sleeps here", f"{reverse('stays:start')}?bed={bed.pk}&night={timezone.localdate():%Y-%m-%d}", "vera")


def wave(ground: Ground) -> Iterator[Place]:
    """What is under way: the wave as Vera and as Mara see it, its places and its money, a house that burned, an incident."""
    yield Place("waves", reverse("desk:waves"), "mara")
    yield Place("a wave is begun", reverse("desk:wave_new"), "mara")
    for name in ("wave", "wave_sheet"):
        yield Place(name, _one(ground, "vera", f"desk:{name}", Wave, alias="Slate"), "vera")
    for name in ("wave_people", "wave_change", "wave_steps"):
        yield Place(name, _one(ground, "mara", f"desk:{name}", Wave, alias="Slate"), "mara")
    with as_(ground["vera"]) as vera:
        taken = WaveStep.objects.get(wave__alias="Slate")
        wagtail = Case.objects.visible_to(vera).get(alias="Wagtail")
        expense = Expense.objects.filter(case__in=Case.objects.visible_to(vera)).order_by("at")[0]
    yield Place("wave_step", reverse("desk:wave_step", args=[taken.wave_id, "depart"]), "vera")
    yield Place("wave_turns", reverse("desk:wave_turns", args=[taken.wave_id, taken.pk]), "vera")
    yield Place("a proposal", _one(ground, "vera", "stays:proposal", Proposal), "vera")
    yield Place("somebody is in danger", reverse("desk:incident", args=[wagtail.pk]), "vera")
    yield Place("incident that is closed", f"{reverse('desk:incident', args=[wagtail.pk])}?end=1", "vera")
    yield Place("money expense", reverse("money:expense", args=[expense.case_id, expense.pk]), "vera")
    yield Place("a house that burned", _one(ground, "mara", "stays:burned", House, code="Elm"), "mara")
    yield Place("report", _one(ground, "mara", "money:report", Report), "mara")
    yield Place("budget", reverse("money:wave", args=[taken.wave_id]), "mara")


def public() -> Iterator[Place]:
    for name in ("sign-in", "verify"):
        yield Place(name, reverse(name))
    yield Place("nothing here", "/nothing-here/")


def desk(ground: Ground) -> Iterator[Place]:
    """Vera's pages."""
    for name in ("day", "cases", "approvals", "danger"):
        yield Place(name, reverse(f"desk:{name}"), "vera")
    for name in ("account", "password", "forced", "authenticator", "passkey"):
        yield Place(f"own {name}", reverse(name), "vera")
    yield Place("stays", reverse("stays:list"), "vera")
    yield Place("a house is locked", reverse("stays:lock"), "vera")
    yield from houses(ground)
    with as_(ground["vera"]) as vera:
        cases = {case.alias: case.pk for case in Case.objects.visible_to(vera)}
    for alias in ("Linnet", "Heron", "Plover", "Kestrel"):
        yield Place(f"case {alias}", reverse("desk:case", args=[cases[alias]]), "vera")
    for alias, step in zip(("Linnet", "Curlew", "Dunlin", "Kestrel"), STEPS, strict=True):
        yield Place(f"step {step}", reverse("desk:step", args=[cases[alias], step]), "vera")
    yield from of_kestrel(cases["Kestrel"])
    heron, plover = cases["Heron"], cases["Plover"]
    yield Place("passage", _one(ground, "vera", "passages:passage", Passage, heron, case=heron), "vera")
    with as_(ground["vera"]):
        seat = Seat.objects.filter(case=heron, given_up_at=None).first()
        assert seat is not None
    yield Place("leg", reverse("passages:leg", args=[heron, seat.passage_id, seat.pk]), "vera")
    yield Place("stay", _one(ground, "vera", "stays:stay", Stay, case=heron), "vera")
    yield Place("document", _one(ground, "vera", "desk:document", Document, plover, case=plover), "vera")
    yield Place("papers", reverse("desk:papers", args=[plover]), "vera")
    yield Place("paper", _one(ground, "vera", "desk:paper", Paper, plover, case=plover), "vera")


def houses(ground: Ground) -> Iterator[Place]:
    """The houses, and one of them."""
    yield Place("houses", reverse("stays:houses"), "vera")
    yield Place("a house is set up", reverse("stays:house_new"), "vera")
    for name in ("house", "house_change"):
        yield Place(name, _one(ground, "vera", f"stays:{name}", House, code="Alder"), "vera")
    yield Place("move to another bed", _one(ground, "vera", "stays:move", Stay, case__alias="Kestrel"), "vera")
    yield Place("words for the door", _one(ground, "vera", "stays:words", Stay, case__alias="Kestrel"), "hanna")


def of_kestrel(kestrel: object) -> Iterator[Place]:
    """What hangs on one case."""
    for kind in KINDS:
        if kind != "corroboration":
            yield Place(f"record {kind}", reverse("desk:record", args=[kestrel, kind]), "vera")
    for kind in ("identity", "location"):
        yield Place(f"reveal {kind}", reverse("desk:reveal", args=[kestrel, kind]), "vera")
    for name in ("documents", "people", "incident", "household"):
        yield Place(name, reverse(f"desk:{name}", args=[kestrel]), "vera")
    yield Place("find a bed", reverse("stays:find", args=[kestrel]), "vera")
    yield Place("compare houses", reverse("stays:places", args=[kestrel]), "vera")
    yield Place("propose places", reverse("stays:propose"), "vera")
    for name in ("case", "new"):
        yield Place(f"money {name}", reverse(f"money:{name}", args=[kestrel]), "vera")
    for name in ("case", "new", "check_in"):
        yield Place(f"passages {name}", reverse(f"passages:{name}", args=[kestrel]), "vera")


def embassy(ground: Ground) -> Iterator[Place]:
    """Elise's pages about Plover's dossier."""
    yield Place("inbox", reverse("embassy:inbox"), "elise")
    for name in ("dossier", "ask", "decide"):
        path = _one(ground, "vera", f"embassy:{name}", Paper, kind="dossier", case__alias="Plover")
        yield Place(f"embassy {name}", path, "elise")


def _one(ground: Ground, by: str, route: str, model: type[Model], *before: object, **which: object) -> str:
    """The address of the first of these."""
    with as_(ground[by]):
        found = model._default_manager.filter(**which).first()
        assert found is not None, route
        return reverse(route, args=[*before, found.pk])

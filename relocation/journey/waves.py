"""The doors of a wave: begin it, put people into it, take them out, change it, close it. Nothing here moves a case."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from relocation.models import Account, Case, Member, Stage, Wave
from relocation.safety import access, ledger
from relocation.safety.questions import answer
from relocation.safety.refusal import Denied, Refusal

# Stones: nobody guesses from one who goes where, or how many waves there were.
STONES = (
    "Agate Alabaster Amber Basalt Beryl Chalk Citrine Coral Diorite Dolomite Feldspar Flint Fluorite Gabbro Garnet Gneiss "
    "Granite Gypsum Jade Jasper Lazurite Limestone Malachite Marble Mica Obsidian Onyx Opal Pearl Porphyry Pumice Pyrite "
    "Quartz Sandstone Schist Selenite Shale Slate Topaz Tourmaline Travertine Tuff Turquoise Zircon"
)
NAMES = STONES.split()
ENDED = (Stage.DECLINED, Stage.CLOSED, Stage.RESETTLED)


class NotInWave(Refusal):
    """The wave cannot be changed so; the sentence says why. Nothing has changed."""

    kind = "not_in_wave"


@dataclass
class Joined:
    """Who is in the wave from now on, and who could not be put into it, each with a sentence."""

    added: list[Case] = field(default_factory=list)
    refused: list[tuple[Case, str]] = field(default_factory=list)


def new_name() -> str:
    """A neutral word for a wave."""
    return secrets.choice(NAMES)


def may_begin(by: Account) -> bool:
    """Whether `by` coordinates a case of their own organisation."""
    cases = access.permitted(by, "case.assign").filter(organisation=by.organisation_id)
    return by.organisation_id is not None and cases.exists()


def begin(alias: str, purpose: str, leaves_on: date, *, by: Account) -> Wave:
    """Open an empty wave that leaves on a day. Raises `Denied` for whoever coordinates nothing in their organisation."""
    with transaction.atomic():
        if not may_begin(by):
            raise Denied(by.pk, "wave.begin", by.pk)
        wave = Wave(organisation=by.organisation, coordinator=by, alias=alias, purpose=purpose, leaves_on=leaves_on, by=by)
        wave.save(force_insert=True)
        ledger.record("wave.begun", wave.pk, by=by)
        return wave


def change(wave: Wave, *, alias: str, purpose: str, leaves_on: date, coordinator: Account, by: Account) -> Wave:
    """Rename it, put off its day, or name another coordinator. Raises `Denied`, and `NotInWave` once it is closed."""
    with transaction.atomic():
        wave = _kept(wave.pk, by)
        wave.alias, wave.purpose, wave.leaves_on, wave.coordinator = alias, purpose, leaves_on, coordinator
        wave.save(update_fields=["alias", "purpose", "leaves_on", "coordinator"])
        ledger.record("wave.changed", wave.pk, by=by, about=coordinator.pk)
        return wave


def close(wave: Wave, *, by: Account) -> None:
    """End the wave and everybody's place in it, theirs too whom `by` may not see. Raises `Denied`, `NotInWave`."""
    with transaction.atomic():
        _kept(wave.pk, by)
        answer("SELECT harbour_close_wave(%s)", wave.pk)
        ledger.record("wave.closed", wave.pk, by=by)


def add(wave: Wave, case_ids: Iterable[UUID], *, by: Account) -> Joined:
    """Put people into an open wave. Raises `Denied` for a case whose card `by` may not write; of one who is in another wave,
    or whose journey has ended, the result says so."""
    joined = Joined()
    with transaction.atomic():
        wave = _kept(wave.pk, by)
        for case in _locked(set(case_ids), by):
            if obstacle := _obstacle(case, wave):
                joined.refused.append((case, obstacle))
                continue
            Member(case=case, wave=wave, by=by).save(force_insert=True)
            ledger.record("wave.joined", case.pk, by=by, about=wave.pk)
            joined.added.append(case)
    return joined


def take_out(wave: Wave, case_id: UUID, *, by: Account) -> Case:
    """This person leaves at another time. Raises `Denied`, also where they are not in it."""
    with transaction.atomic():
        wave = _kept(wave.pk, by)
        (case,) = _locked({case_id}, by)
        member = Member.objects.filter(case=case, wave=wave, left_at=None).first()
        if member is None:
            raise Denied(case_id, "wave.leave", by.pk)
        Member.objects.filter(pk=member.pk).update(left_at=Now())
        ledger.record("wave.left", case.pk, by=by, about=wave.pk)
        return case


def people(wave: Wave, by: Account) -> list[Case]:
    """Those of the wave whose cases `by` may open, households together; the others are neither named nor counted."""
    there = Member.objects.filter(wave=wave, left_at=None).order_by().values("case")
    return list(Case.objects.visible_to(by).filter(pk__in=there).order_by("household", "alias", "code"))


def wave_of(case: Case, by: Account) -> Wave | None:
    """The open wave that the case is in, for whoever may see it."""
    there = Member.objects.filter(case=case, left_at=None).order_by().values("wave")
    return Wave.objects.visible_to(by).filter(pk__in=there).first()


def find(wave_id: UUID, by: Account) -> Wave:
    """A wave that `by` may see. Raises `Denied`, also where there is none."""
    wave = Wave.objects.visible_to(by).select_related("coordinator", "organisation").filter(pk=wave_id).first()
    if wave is None:
        raise Denied(by.pk, "wave.open", by.pk)
    return wave


def _kept(wave_id: UUID, by: Account) -> Wave:
    """An open wave that `by` may change, locked. Raises `Denied`, `NotInWave`."""
    wave = Wave.objects.kept_by(by).select_for_update(of=("self",), no_key=True).filter(pk=wave_id).first()
    if wave is None:
        raise Denied(by.pk, "wave.change", by.pk)
    if wave.closed_at:
        raise NotInWave(by.pk, "wave.closed", by.pk, _("This wave is closed. Nobody is put into it or taken out any more."))
    return wave


def _locked(case_ids: set[UUID], by: Account) -> list[Case]:
    """The cases, locked in one order, each asked for after its lock. Raises `Denied`."""
    wanted = Case.objects.visible_to(by).filter(pk__in=case_ids).order_by("pk")
    cases = {case.pk: case for case in wanted.select_for_update(of=("self",), no_key=True)}
    for pk in sorted(case_ids):
        if pk not in cases:
            raise Denied(pk, "wave.join", by.pk)
        access.require(by, "card.write", pk)
    return list(cases.values())


def _obstacle(case: Case, wave: Wave) -> str:
    if case.stage in ENDED:
        return _("The journey has ended: %(stage)s.") % {"stage": Stage(case.stage).label}
    there = Member.objects.filter(case=case, left_at=None).first()
    if there is None:
        return ""
    return _("Already in this wave.") if there.wave_id == wave.pk else _("Already in another wave. Take them out of it first.")

"""G12 and G13: a step happens wholly or not at all, wherever it breaks; and what changed after the page is noticed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from fiction.telling import as_
from logistics.check_ins import log
from relocation.journey import facts
from relocation.journey.referring import NewCase, refer
from relocation.journey.refusals import Blocked
from relocation.models import Consent, Document, DuplicateCheck, Stage
from relocation.safety import access
from relocation.safety.policy import Role
from shelters import hosting
from shelters.models import Stay
from tests.proofs import owner
from tests.proofs.tally import QUICK, Tally, guarantee
from tests.proofs.telling import Told
from tests.proofs.world import World, fresh

pytestmark = pytest.mark.usefixtures("lasting")
KEYS = "SELECT count(*) FROM relocation_wrappedkey"


class Broken(Exception):
    """The machine stops here."""


class Breaks:
    """Lets so many statements pass and breaks the next; whatever cleans up afterwards passes."""

    def __init__(self, after: int) -> None:
        self.left, self.broken = after, False

    def __call__(self, execute: Callable[..., Any], *told: Any) -> Any:
        if self.broken or self.left:
            self.left -= not self.broken
            return execute(*told)
        self.broken = True
        raise Broken


def whole_or_nothing(words: str, act: Callable[[], Any], tally: Tally) -> None:
    """Break before the first statement, the second, and so on until it happens; nothing may be half done."""
    for after in range(500):
        before, keys = state(), key_count()
        try:
            with connection.execute_wrapper(Breaks(after)):
                act()
        except Broken:
            whole = state() == before and key_count() == keys
            tally.check(whole, f"{words}: broken before statement {after + 1}, something stayed")
            tally.count("partial_states", not whole)
            continue
        tally.check(state() != before, f"{words} did nothing")
        return


def state() -> list[Any]:
    """What a step writes: the case, grants, rows of every compartment, trail and outbox, counted and digested."""
    tables = [table for table in [*owner.columns("case_id"), "relocation_case"] if not table.endswith("_scan")]
    return [
        (t, owner.rows(f"SELECT count(*), md5(string_agg(md5(x::text), '' ORDER BY x::text)) FROM {t} x"))
        for t in [*tables, "relocation_outbox"]
    ]


def key_count() -> Any:
    with owner.connect("keys") as eyes:
        return eyes.execute(KEYS).fetchone()


def step(told: Told, name: str, by: str, **rest: Any) -> Callable[[], Any]:
    return lambda: told.step(name, by, **rest)


@guarantee("G12")
def test_a_step_that_breaks_leaves_nothing_behind(world: World, tally: Tally) -> None:
    told = fresh(world)
    told.note(DuplicateCheck(), "vera")
    whole_or_nothing("verify", step(told, "verify", "vera"), tally)
    whole_or_nothing("admit", lambda: admitted(told), tally)
    whole_or_nothing("compromise", step(told, "compromise", "tomas", reason="the neighbour asked"), tally)
    whole_or_nothing("refer", lambda: referred(world), tally)
    if not QUICK:
        later = fresh(world).until(Stage.SHELTERED)
        whole_or_nothing("hold", step(later, "hold", "vera", reason="ill", facts=facts.OnHold(timezone.localdate())), tally)
        whole_or_nothing("return_home", step(later, "return_home", "vera", facts=facts.WentHome(forced=True)), tally)
        whole_or_nothing("detain", step(later, "detain", "mara", reason="at the station"), tally)
        whole_or_nothing("log", lambda: logged(later), tally)


def admitted(told: Told) -> None:
    with as_(told.ground["mara"]) as mara:
        access.admit(told.ground["tomas"], Role.VERIFIER, told.case_id, by=mara, reason="verifies")


def logged(told: Told) -> None:
    with as_(told.ground["vera"]) as vera:
        log(told.case(vera), "heard", by=vera, word=told.codeword, channel="phone")


def referred(world: World) -> None:
    with as_(world["mara"]) as mara:
        new = NewCase(consent_given_on=timezone.localdate(), surname="Word", phone="+79220000000", danger="words", place="words")
        refer(new, by=mara)


@guarantee("G13")
def test_what_changed_between_page_and_press_refuses_the_step(world: World, tally: Tally) -> None:
    told = fresh(world)
    told.note(DuplicateCheck(), "vera")
    with as_(world["vera"]):
        Consent.objects.filter(case_id=told.case_id).update(withdrawn_on=timezone.localdate())
    refuses("consent withdrawn", told, "consent_to_contact", tally, step(told, "verify", "vera"))

    told = fresh(world).until(Stage.EXTRACTING)
    told.escort_meets()
    stay = told.hold_bed()
    told.host_receives(stay)
    with as_(world["vera"]) as vera:
        hosting.release(Stay.objects.get(pk=stay.pk), by=vera)
    refuses("bed cancelled", told, "bed_held", tally, step(told, "shelter", "vera", facts=facts.Sheltering()))


@guarantee("G13")
def test_a_passport_that_runs_out_stops_the_application(world: World, tally: Tally) -> None:
    told = fresh(world).until(Stage.DOCUMENTING)
    told.add_passport(timezone.localdate() + timedelta(days=900))
    told.add_photograph()
    told.agree_to_share()
    with as_(world["vera"]):
        Document.objects.filter(case_id=told.case_id, kind="passport").update(expires_on=timezone.localdate())
    one = facts.OneApplication(told.application().pk)
    refuses("passport ran out", told, "travel_document_accepted", tally, step(told, "apply", "vera", facts=one))


def refuses(words: str, told: Told, unmet: str, tally: Tally, act: Callable[[], Any]) -> None:
    """The step says what is not met, and nothing moved."""
    before = stage(told.case_id)
    try:
        act()
        names: list[str] = []
    except Blocked as blocked:
        names = [judgement.name for judgement in blocked.unmet]
    tally.check(unmet in names, f"{words}: {names}")
    tally.check(stage(told.case_id) == before, f"{words}: the case moved")


def stage(case_id: UUID) -> Any:
    return owner.rows("SELECT stage, standing, version FROM relocation_case WHERE id = %s", case_id)

"""W1 and W2: of a wave everybody passes their own gate or stays where they are, and a wave tells nobody of hidden members."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from fiction.telling import as_
from relocation.journey import turns, waves
from relocation.journey.referring import NewCase, refer
from relocation.journey.turns import Chosen
from relocation.models import Consent, DuplicateCheck, Member, Wave, WaveStep
from relocation.safety.actor import acting_as
from relocation.safety.keys import keys_in_hand
from tests.proofs import owner
from tests.proofs.matrix import SignIn
from tests.proofs.prove_faults import Breaks, Broken
from tests.proofs.tally import Tally, guarantee, scale
from tests.proofs.world import World, fresh

pytestmark = pytest.mark.usefixtures("lasting")
STATES = """SELECT t.case_id, t.outcome, c.stage, c.version,
    (SELECT count(*) FROM relocation_ledgerentry l WHERE l.case_id = t.case_id AND l.what = 'step.verify'),
    (SELECT count(*) FROM relocation_ledgerentry l WHERE l.case_id = t.case_id AND l.what = 'blocked.step.verify')
  FROM relocation_turn t JOIN relocation_case c ON c.id = t.case_id WHERE t.wavestep_id = %s"""
WHOLE = {("waits", "referred", 0, 0, 0), ("done", "verifying", 1, 1, 0), ("refused", "referred", 0, 0, 1)}
# What is drawn anew for every form.
DRAWN = re.compile(r'name="(csrfmiddlewaretoken|token)" value="[^"]+"')


def begun(world: World, cases: list[UUID]) -> Wave:
    """A wave of these cases, kept by Mara."""
    with as_(world["mara"]) as mara:
        wave = waves.begin("Slate", "departure", timezone.localdate() + timedelta(days=10), by=mara)
        waves.add(wave, cases, by=mara)
        return wave


@guarantee("W1")
def test_each_passes_their_own_gate_wherever_the_worker_dies(world: World, tally: Tally) -> None:
    told = [fresh(world) for _ in range(scale(9, 4))]
    wave, ready = begun(world, [one.case_id for one in told]), told[::2]
    with as_(world["vera"]) as vera:
        for one in ready:
            DuplicateCheck(case_id=one.case_id, by=vera).save(force_insert=True)
        Consent.objects.filter(case=told[0].case_id).update(expires_on=timezone.localdate() - timedelta(days=1))
        chosen = [Chosen(case.pk, case.version) for case in waves.people(wave, vera)]
        given: dict[str, Any] = {"token": uuid4(), "reason": "", "by": vera, "device": "device of vera"}
        asked = turns.ask(wave, "verify", chosen, {}, **given)
        again = turns.ask(wave, "verify", chosen, {}, **given)
        tally.check(again.pk == asked.pk, "asked twice, it was asked for twice")
    deaths = _dying_often(asked, tally)
    rows = owner.rows(STATES, asked.pk)
    passed = {case_id for case_id, outcome, *_rest in rows if outcome == "done"}
    tally.check(passed == {one.case_id for one in ready[1:]}, "somebody passed, or was stopped, at another's gate")
    tally.check(not [row for row in rows if row[1] == "waits"], "somebody never had their turn")
    tally.check(owner.rows("SELECT count(*) FROM relocation_wavestep WHERE told IS NOT NULL") == [(0,)], "what was told is kept")
    tally.count("people", len(told))
    tally.count("deaths", deaths)


def _dying_often(asked: WaveStep, tally: Tally) -> int:
    """Die after a few statements, after a few more, and so on until everybody was judged; each time all are whole."""
    deaths = 0
    for after in range(3, 4000, scale(5, 9)):
        try:
            with acting_as(asked.by_id), keys_in_hand(), connection.execute_wrapper(Breaks(after)):
                turns.take_all(asked)
        except Broken:
            deaths += 1
            halves = [row for row in owner.rows(STATES, asked.pk) if tuple(row[1:]) not in WHOLE]
            tally.check(not halves, f"after {after} statements {len(halves)} people were left half way")
            tally.count("half_states", len(halves))
            continue
        return deaths
    raise AssertionError("the job never ended")


@guarantee("W2")
def test_a_wave_tells_nobody_of_members_who_are_hidden_from_them(world: World, signed_in: SignIn, tally: Tally) -> None:
    mine = [fresh(world).case_id for _ in range(2)]
    wave = begun(world, mine)
    with as_(world["nina"]) as nina:
        hidden = refer(NewCase(timezone.localdate(), alias="Hidden Gannet"), by=nina)
    mara, vera = signed_in(world["mara"]), signed_in(world["vera"])
    before = {who: pages(client, wave) for who, client in (("mara", mara), ("vera", vera))}
    with as_(world["nina"]) as nina:
        tally.check(waves.add(wave, [hidden.pk], by=nina).added, "nobody was hidden in the wave")
    for who, client in (("mara", mara), ("vera", vera)):
        for path, page in pages(client, wave).items():
            tally.check(page == before[who][path], f"{who} sees on {path} that somebody joined")
            tally.check("Hidden Gannet" not in page and str(hidden.pk) not in page, f"{who} reads on {path} who joined")
    for who in ("mara", "vera", "charlie", "hanna", "elise", "wanda"):
        with as_(world[who]):
            seen = set(Member.objects.filter(wave=wave).values_list("case_id", flat=True))
            tally.check(hidden.pk not in seen, f"{who} sees the hidden member in the table")
            tally.check(seen == (set(mine) if who in ("mara", "vera") else set()), f"{who} sees other members than theirs")
            tally.count("hidden_seen", len(seen - set(mine)))
    for who in ("charlie", "hanna", "elise", "wanda"):
        with as_(world[who]):
            tally.check(not Wave.objects.filter(pk=wave.pk).exists(), f"{who} sees the wave")
    with as_(world["mara"]) as closer:
        waves.close(wave, by=closer)
    left = owner.rows("SELECT count(*) FROM relocation_member WHERE wave_id = %s AND left_at IS NULL", wave.pk)
    tally.check(left == [(0,)], "closing the wave kept somebody in it")


def pages(client: Client, wave: Wave) -> dict[str, str]:
    """Every page of the wave as somebody sees it, without what is drawn by chance."""
    under = ["", "people/", "sheet/", "steps/", "steps/verify/"]
    paths = ["/waves/", *(f"/waves/{wave.pk}/{name}" for name in under)]
    return {path: DRAWN.sub("", client.get(path).content.decode()) for path in paths}

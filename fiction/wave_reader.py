"""The separate reader of a wave: ledger, states, beds, legs, papers and money, without taking the walk's word for anything."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from django.db import transaction

from fiction.crowd import FORCED, LOST
from fiction.ground import Ground
from fiction.story import Story
from fiction.together import Together
from fiction.wave_money import ALONE, ROOM, TICKET
from logistics.models import Expense, Leg, Rung, Seat
from relocation.journey import silence
from relocation.models import Account, Alarm, Case, LedgerEntry, Paper, Stage, Standing, Turn
from relocation.safety.actor import acting_as
from shelters.models import House, Stay

PEOPLE = 28


def look(ground: Ground, together: Together) -> list[str]:
    """What is not as it should be, as sentences; prints what was found."""
    with acting_as(ground["vera"].pk), transaction.atomic():
        checks = (_states, _beds, _house, _legs, _papers, _alarms, _silent, _money)
        wrong = [sentence for check in checks for sentence in check(ground, together)]
    print(f"reader: the wave of {len(together.crowd.ids)}: {len(wrong)} things are not as they should be")
    return wrong


def _states(ground: Ground, together: Together) -> Iterator[str]:
    cases = list(Case.objects.visible_to(ground["vera"]).filter(pk__in=together.crowd.ids))
    stages = Counter(case.stage for case in cases)
    print(f"reader: {', '.join(f'{n} {stage}' for stage, n in stages.items())}")
    if stages != {Stage.RESETTLED: PEOPLE - 1, Stage.SHELTERED: 1}:
        yield f"27 are not resettled and one turned back: {dict(stages)}"
    for case in cases:
        steps = LedgerEntry.objects.filter(case_id=case.pk, what__startswith="step.").count()
        if case.version != steps:
            yield f"{case.alias} has version {case.version} and {steps} steps in the ledger"


def _beds(ground: Ground, together: Together) -> Iterator[str]:
    """Nobody slept twice in a bed and night."""
    slept = list(Stay.objects.filter(case__in=together.crowd.ids, arrived_at__isnull=False))
    print(f"reader: {len(slept)} stays in {len({stay.bed_id for stay in slept})} beds")
    for one, other in combinations(slept, 2):
        apart = one.nights.upper <= other.nights.lower or other.nights.upper <= one.nights.lower
        if one.bed_id == other.bed_id and not apart:
            yield "two people had one bed on one night"
    if {stay.case_id for stay in slept} != set(together.crowd.ids):
        yield "not everybody had a bed"


def _house(ground: Ground, together: Together) -> Iterator[str]:
    house = House.objects.get(pk=together.burned)
    stays = Stay.objects.filter(case__in=together.crowd.ids)
    moved = stays.filter(follows__house=house, arrived_at__isnull=False).exclude(house=house)
    was = stays.filter(house=house, arrived_at__isnull=False).count()
    print(f"reader: {was} people were in the burned house, {moved.count()} of them were moved")
    if house.compromised_at is None or not was or moved.count() != was:
        yield "not everybody was moved out of the burned house"


def _legs(ground: Ground, together: Together) -> Iterator[str]:
    taken = Counter(Seat.objects.filter(case__in=together.crowd.ids).values_list("leg_id", "number"))
    if any(times > 1 for times in taken.values()):
        yield "a seat was sold twice"
    for leg in Leg.objects.filter(pk__in={leg for leg, _number in taken}):
        if sum(1 for seat in taken if seat[0] == leg.pk) > leg.seats:
            yield f"{leg} is oversold"
    print(f"reader: {len(taken)} seats on {len({leg for leg, _number in taken})} legs")


def _papers(ground: Ground, together: Together) -> Iterator[str]:
    made = Paper.objects.filter(case__in=together.crowd.ids, kind="manifest", state=Paper.State.READY)
    if [paper.people for paper in made] != [PEOPLE]:
        yield "there is no one manifest of 28 people"


def _alarms(ground: Ground, together: Together) -> Iterator[str]:
    kinds = Counter(Alarm.objects.filter(case__in=together.crowd.ids).values_list("kind", flat=True))
    print(f"reader: alarms {dict(kinds)}")
    if kinds[Alarm.Kind.DURESS] != 1 or not kinds[Alarm.Kind.LOST]:
        yield "the duress word or the lost contact raised no alarm"
    if Rung.objects.filter(case__in=together.crowd.ids, told=True, answered_at=None).exists():
        yield "somebody who was found is still looked for"
    if not Rung.objects.filter(case=together.crowd.ids[LOST], told=True).exists():
        yield "nobody was told of the check-in that was missed"
    if not Turn.objects.filter(case__in=together.crowd.ids, outcome=Turn.Outcome.REFUSED).exists():
        yield "no bulk step was refused for anybody"


def _silent(ground: Ground, together: Together) -> Iterator[str]:
    """Whoever was given the duress word sees what they would see after the codeword; a coordinator sees what is."""
    forced = together.crowd.stories[FORCED]
    shown = {name: _shown(forced, ground[name]) for name in ("vera", "mara")}
    if shown != {"vera": Standing.ACTIVE, "mara": Standing.COMPROMISED}:
        yield f"the alarm of the duress word was not silent: {shown}"


def _shown(story: Story, account: Account) -> Standing:
    with acting_as(account.pk):
        return silence.shown_standing(story.case(account), account)


def _money(ground: Ground, together: Together) -> Iterator[str]:
    spent = list(Expense.objects.filter(case__in=together.crowd.ids, state=Expense.State.BOOKED))
    if {expense.wave_id for expense in spent} != {together.crowd.wave.pk}:
        yield "not everything is booked on the wave"
    if sum(one.minor for one in spent) != PEOPLE * TICKET + ROOM:
        yield "not every ticket and the dear room are booked"
    if [one.decided_by for one in spent if one.minor > ALONE] != [ground["mara"]]:
        yield "what is dear was not agreed to by two"

"""A wave of 28 people through the same doors as one person: imported, placed, burned out, moved, lost and found, travelled."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from fiction import crowd
from fiction.crowd import Crowd
from fiction.story import CODEWORD, DURESS, Story, as_
from fiction.wave_houses import Housed
from logistics import dispatch, ladder
from logistics.check_ins import log
from logistics.models import Leg, Passage, Rung
from logistics.money import budgets, spending
from relocation.intake import importing
from relocation.journey import facts, household, waves
from relocation.journey.advance import advance
from relocation.journey.referring import assign
from relocation.models import Account, BorderCheck, Corroboration, DuplicateCheck, Paper, RiskAssessment
from relocation.paperwork.issue import issue
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from shelters import hosting

LOST, FORCED, TURNED_BACK, UNCHECKED = 9, 12, 17, 21  # by their place in the list
VAN, VANS, PLANE = 7, 4, 28  # seats, vans, seats


class Together(Housed):
    """Every chapter of the wave, in order; the reader looks at its people afterwards."""

    def all(self) -> None:
        """Everything that happens to them, in order."""
        for chapter in (self.gather, self.accept, self.place, self.extract, self.lose_and_find, self.shelter, self.burn,
                        self.prepare, self.depart, self.travel, self.pay):  # fmt: skip
            chapter()

    def gather(self) -> None:
        crowd.open_houses(self.ground)
        rows = crowd.rows()
        with acting_as(self.mara.pk):
            added = importing.save(rows, by=self.mara).added
        leaves = timezone.localdate() + timedelta(days=3)
        with as_(self.mara) as mara:
            for pk in added:
                assign(pk, self.vera, by=mara, reason="travels with the wave")
            wave = waves.begin("Slate", "departure", leaves, by=mara)
            joined = waves.add(wave, added, by=mara)
        told = enumerate(zip(added, rows, strict=True))
        stories = [crowd.story_of(pk, row, self.ground, number, self.walk.wait) for number, (pk, row) in told]
        self.crowd = Crowd(self.ground, wave, stories)
        self._link()
        self.say(f"{mara}: imports a list of {len(added)}, and puts {len(joined.added)} into wave {wave.alias}")
        self.walk.refused(self.vera, "takes somebody out of the wave", lambda: waves.take_out(wave, added[0], by=self.vera))

    def _link(self) -> None:
        with as_(self.vera) as vera:
            for first, *others in crowd.HOUSEHOLDS:
                for other in others:
                    here, there = (self.crowd.stories[n].case(vera) for n in (first, other))
                    household.join(here, there, by=vera)

    def accept(self) -> None:
        today = timezone.localdate()
        for story in self.crowd.stories:
            story.note(DuplicateCheck(), "vera")
        self.must("verify", self.bulk("verify", self.vera), len(self.crowd.ids))
        for story in self.crowd.stories:
            with as_(self.mara) as mara:
                access.admit(self.ground["tomas"], Role.VERIFIER, story.case_id, by=mara, reason="verifies this case")
            found = Corroboration(kind="interview", outcome="supports", on=today, words="Both accounts agree.")
            story.note(found, "tomas")
            story.note(RiskAssessment(level="high", on=today, words="Relatives are looking for them."), "vera")
        self.must("accept", self.bulk("accept", self.mara), len(self.crowd.ids))

    def extract(self) -> None:
        vans = [self._leg("car", 4 + n, 9, VAN, escort=self.ground["otto"]) for n in range(VANS)]
        for number, story in enumerate(self.crowd.stories):
            self._board(story, "extraction", vans[number // VAN])
            story.silent_for = timedelta(hours=29) if number == LOST else timedelta(0)
            story.watch()
        self.say(f"{self.vera}: plans {VANS} cars of {VAN} seats with {self.ground['otto']}, everybody with check-ins")
        self.bulk_agreed("extract")

    def _leg(self, mode: str, hours: float, lasts: float, seats: int, **told: Any) -> Leg:
        leaves = timezone.now() + timedelta(hours=hours)
        with as_(self.vera) as vera:
            ends = {"from_place": "Point A", "to_place": "Point C"} | told
            return dispatch.add_leg(
                Leg(mode=mode, departs_at=leaves, arrives_at=leaves + timedelta(hours=lasts), seats=seats, **ends), by=vera
            )

    def _board(self, story: Story, purpose: str, leg: Leg, *, ticket: str = "") -> Passage:
        with as_(self.vera) as vera:
            passage = dispatch.plan(story.case(vera), purpose, [], by=vera)
            seat = dispatch.take_seat(passage, leg, by=vera, meeting_point="the kiosk", code_phrase="Is the ferry late?")
            if ticket:
                dispatch.ticket(seat, ticket, by=vera)
            return dispatch.confirm(passage, by=vera)

    def lose_and_find(self) -> None:
        story = self.crowd.stories[LOST]
        ladder.look()
        with as_(self.vera):
            told = list(Rung.objects.filter(case_id=story.case_id, told=True))
        if not told:
            self.walk.failures.append("nobody was told of a check-in that was missed")
        self.say(f"ladder: the people on call hear of a check-in that was missed: {len(told)} rung told")
        story.say = self.say
        story.step("lose_contact", "vera", reason="No answer over both channels.")
        found = facts.FoundAgain("hello")
        self.walk.refused(self.vera, "finds somebody by the wrong word", lambda: self._find(story, found))
        story.step("find_again", "vera", facts=facts.FoundAgain(CODEWORD))

    def _find(self, story: Story, found: Any) -> None:
        advance(story.case_id, "find_again", by=self.vera, version=story.version(), facts=found)

    def prepare(self) -> None:
        today = timezone.localdate()
        for number, story in enumerate(self.crowd.stories):
            story.add_passport(today + timedelta(days=900))
            story.note(BorderCheck(kind="debts", outcome="clear", cleared_on=today, border_database_checked_on=today), "vera")
            if number != UNCHECKED:
                story.note(BorderCheck(kind="wanted", outcome="clear", border_database_checked_on=today), "vera")
        self.say(f"{self.vera}: passports verified, debts and the wanted list looked at")

    def depart(self) -> None:
        plane = self._leg(
            "plane", 72, 5, PLANE, carrier="North Air", number="NA 412", from_place="Point C", to_place="Point F",
            to_zone="Asia/Yerevan", crossing="other", needs_manifest=True,
        )  # fmt: skip
        for number, story in enumerate(self.crowd.stories):
            self._board(story, "departure", plane, ticket=f"TK-{60100 + number}")
        self.walk.refused(self.vera, "takes a seat twice on a full plane", lambda: self._again(plane))
        self.manifest(plane)
        free = {"visa_free": "No visa is needed for 180 days."}
        self.bulk_agreed("depart", free)
        late = self.crowd.stories[UNCHECKED]
        late.note(BorderCheck(kind="wanted", outcome="clear", border_database_checked_on=timezone.localdate()), "vera")
        self.bulk_agreed("depart", free, only=[late.case_id])
        with as_(self.vera) as vera:
            for stay in self._stays():
                hosting.release(stay, by=vera)

    def _again(self, plane: Leg) -> None:
        passage = Passage.objects.get(case_id=self.crowd.ids[0], purpose="departure")
        dispatch.take_seat(passage, plane, by=self.vera)

    def manifest(self, plane: Leg) -> None:
        with as_(self.vera) as vera:
            paper = issue("manifest", self._opened(vera), "North Air", by=vera, about=plane.pk, language="en")
        self.walk.wait()
        with as_(self.vera):
            made = Paper.objects.get(pk=paper.pk)
        if made.state != Paper.State.READY:
            self.walk.failures.append(f"the manifest of the wave is {made.state}: {made.trouble}")
        self.say(f"worker: made the manifest of {made.people} people for North Air")

    def _opened(self, by: Account) -> Any:
        return [story.case(by) for story in self.crowd.stories]

    def travel(self) -> None:
        forced, back = self.crowd.stories[FORCED], self.crowd.stories[TURNED_BACK]
        with as_(self.vera) as vera:
            said = log(forced.case(vera), "heard", by=vera, word=DURESS, channel="phone")
        self.say(f"{vera}: a check-in is logged, {said.get_outcome_display()}, and nothing else is shown")
        back.say = self.say
        told = facts.TurnedBack("Point F, at the border", "the border police", "a room behind the station", "the telephone")
        back.step("turn_back", "vera", facts=told)
        for story in self.crowd.stories:
            if story is not back:
                story.step("arrive", "vera", facts=facts.Arrived(CODEWORD))
        self.say(f"{vera}: {len(self.crowd.ids) - 1} people arrived, each by their own codeword")

    def pay(self) -> None:
        today = timezone.localdate()
        with as_(self.mara) as mara:
            budgets.plan_wave(self.crowd.wave.pk, "EUR", 1_500_000, by=mara)
        with as_(self.vera) as vera:
            for story in self.crowd.stories:
                paid = spending.Payment("departure", "EUR", 21_400, today, payee="North Air", words="One ticket")
                spending.enter(story.case(vera), paid, by=vera, device="device of vera")
        self.say(f"{vera}: books a ticket for each of {len(self.crowd.ids)} on the budget of the wave")

"""A wave of 28 people through the same doors as one person: imported, placed, burned out, moved, lost and found, travelled."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from fiction import crowd, ground, seats
from fiction.crowd import FORCED, LOST, TURNED_BACK, UNCHECKED, Crowd
from fiction.story import CODEWORD, DURESS, Story, as_
from fiction.wave_money import Paid
from logistics import dispatch, ladder
from logistics.check_ins import log
from logistics.models import CheckIn, Leg, Passage, Rung
from relocation.intake import importing
from relocation.journey import facts, household, silence, waves
from relocation.journey.advance import advance
from relocation.journey.referring import assign
from relocation.models import Account, BorderCheck, Corroboration, DuplicateCheck, Paper, RiskAssessment, Standing
from relocation.paperwork.issue import issue
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from shelters import hosting

VAN, VANS, PLANE = 7, 4, 28  # seats, vans, seats


class Together(Paid):
    """Every chapter of the wave, in order; the reader looks at its people afterwards."""

    def all(self) -> None:
        """Everything that happens to them, in order."""
        for chapter in (self.gather, self.accept, self.place, self.extract, self.lose_and_find, self.shelter, self.burn,
                        self.prepare, self.depart, self.travel, self.pay):  # fmt: skip
            chapter()

    def gather(self) -> None:
        ground.open_houses(self.ground, crowd.HOUSES)
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
        vans = [seats.leg(self.vera, "car", 4 + n, 9, VAN, escort=self.ground["otto"]) for n in range(VANS)]
        for number, story in enumerate(self.crowd.stories):
            seats.board(story, "extraction", vans[number // VAN])
            story.silent_for = timedelta(hours=29) if number == LOST else timedelta(0)
            story.watch()
        self.say(f"{self.vera}: plans {VANS} cars of {VAN} seats with {self.ground['otto']}, everybody with check-ins")
        self.bulk_agreed("extract")

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
        plane = seats.leg(
            self.vera, "plane", 72, 5, PLANE, carrier="North Air", number="NA 412", from_place="Point C", to_place="Point F",
            to_zone="Asia/Yerevan", crossing="other", needs_manifest=True,
        )  # fmt: skip
        for number, story in enumerate(self.crowd.stories):
            seats.board(story, "departure", plane, ticket=f"TK-{60100 + number}")
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
        back = self.crowd.stories[TURNED_BACK]
        self._say_it_under_duress(self.crowd.stories[FORCED])
        back.say = self.say
        told = facts.TurnedBack("Point F, at the border", "the border police", "a room behind the station", "the telephone")
        back.step("turn_back", "vera", facts=told)
        for story in self.crowd.stories:
            if story is not back:
                story.step("arrive", "vera", facts=facts.Arrived(CODEWORD))
        self.say(f"{self.vera}: {len(self.crowd.ids) - 1} people arrived, each by their own codeword")

    def _say_it_under_duress(self, forced: Story) -> None:
        """Who logs it sees what the codeword would show; the people on call are woken."""
        self.walk.refused(self.vera, "logs a check-in by the wrong word", lambda: self._answer(forced, "hello"))
        with as_(self.vera) as vera:
            said = self._answer(forced, DURESS)
            shown = silence.shown_standing(forced.case(vera), vera)
        self.walk.wait()
        with as_(self.mara) as mara:
            seen = Standing(forced.case(mara).standing)
        self.say(f"{vera}: a check-in is logged, {said.get_outcome_display()}, and her page says: {shown.label}")
        self.say(f"{mara}: an alarm without a sound, and her page says: {seen.label}")

    def _answer(self, story: Story, word: str) -> CheckIn:
        return log(story.case(self.vera), "heard", by=self.vera, word=word, channel="phone")

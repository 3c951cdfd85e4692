"""The main job without a browser: one person from referral to resettlement, then a wave of 28; every refusal, real papers."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from fiction import ground, patience, reader, wave_reader
from fiction.story import CODEWORD, Story, as_, do_jobs
from fiction.together import Together
from logistics import dispatch
from logistics.models import Seat
from relocation.embassy import dossiers
from relocation.intake import importing
from relocation.intake.preview import preview
from relocation.journey import approvals, facts
from relocation.journey.advance import advance, ask_second
from relocation.journey.referring import assign
from relocation.models import Account, Consent, Identity, Paper, SafetyCheck
from relocation.paperwork.issue import issue
from relocation.safety import access, vault
from relocation.safety.actor import acting_as
from relocation.safety.refusal import Refusal
from shelters import hosting
from shelters.models import Stay

HOTLINE = Path(__file__).parent / "data" / "hotline.csv"


class Walk:
    """Prints `→` for what happens, `refused:` for what does not, and the path and password of every paper."""

    def __init__(self, papers: Path) -> None:
        self.papers = papers
        self.refusals: list[str] = []
        self.failures: list[str] = []
        papers.mkdir(parents=True, exist_ok=True)

    def all(self) -> int:
        """Walk, then let a separate reader look. Returns 0 if everything happened."""
        self.ground = ground.lay()
        try:
            for chapter in (
                self.referral,
                self.verification,
                self.extraction,
                self.safe_house,
                self.documents,
                self.post,
                self.travel,
                self.after,
                self.wave,
            ):
                chapter()
        except Refusal as refusal:
            self.failures.append(f"unexpected: {refusal.entry} {refusal.sentence}")
        self.failures += reader.look(self.ground, self.story, self.refusals, self.papers)
        if not self.failures and hasattr(self, "together"):
            self.failures += wave_reader.look(self.ground, self.together)
        for failure in self.failures:
            print(f"✗ {failure}")
        print("Everything happened." if not self.failures else f"{len(self.failures)} things did not happen.")
        return 1 if self.failures else 0

    # How it is told

    def say(self, sentence: str) -> None:
        print(f"→ {sentence}", flush=True)

    def refused(self, who: Account, what: str, attempt: Callable[[], Any]) -> None:
        """Something that must be refused; the edge writes it into the ledger."""
        try:
            with as_(who):
                attempt()
        except Refusal as refusal:
            self.refusals.append(refusal.entry)
            print(f"refused: {who} {what}: {refusal.sentence or 'nothing is there for them'}", flush=True)
        else:
            self.failures.append(f"{who} {what}: was not refused")

    def wait(self) -> None:
        """Wait until the worker has done every job that was put so far."""
        if not patience.wait():
            self.failures.append("the worker did not do its jobs in time")
            do_jobs()

    def paper(self, paper: Paper) -> None:
        """Write a paper's file, and say its password where it has one: these people are invented."""
        with as_(self.vera) as vera:
            fields = ["body", "password"] if paper.is_sent else ["body"]
            kept = vault.read_bytes(paper, *fields, by=vera, purpose="walkthrough")
        path = self.papers / f"{paper.kind}-{paper.version}.pdf"
        path.write_bytes(kept["body"])
        print(f"paper: {path}" + (f"\n       password {kept['password'].decode()}" if paper.is_sent else ""), flush=True)

    def __getattr__(self, name: str) -> Account:
        try:
            return self.__dict__["ground"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(name) from None

    def take(self, by: Account, step: str, **rest: Any) -> None:
        rest.setdefault("version", self.story.version())
        advance(self.story.case_id, step, by=by, **rest)

    # Chapters

    def referral(self) -> None:
        looked = preview(HOTLINE)
        for refused in looked.refused:
            print(f"refused: row {refused.own_id}, {refused.field}: {refused.reason}")
        with acting_as(self.mara.pk):
            imported = importing.save(looked.good, by=self.mara)
        self.say(f"{self.mara}: imports {len(imported.added)} referrals, {len(looked.refused)} refused")
        with acting_as(self.mara.pk):
            again = importing.save(looked.good, by=self.mara)
        self.say(f"{self.mara}: imports the same file again: {len(again.added)} added, {again.already} already known")
        self.story = Story(self.ground, imported.added[0], say=self.say, jobs=self.wait)
        self.refused(self.charlie, "opens the case", lambda: self._open(self.charlie))
        with as_(self.mara) as mara:
            assign(self.story.case_id, self.vera, by=mara, reason="has room for one more")
        self.say(f"{self.mara}: gives the case to {self.vera}")

    def _open(self, account: Account) -> None:
        access.require(account, "case.open", self.story.case_id)

    def verification(self) -> None:
        self.refused(self.vera, "starts verifying before anybody looked at duplicates", lambda: self.take(self.vera, "verify"))
        self.story.verify()
        self.refused(self.mara, "accepts without corroboration", lambda: self.take(self.mara, "accept"))
        self.story.accept()

    def extraction(self) -> None:
        self.refused(self.vera, "brings the person out without a passage", lambda: self.take(self.vera, "extract"))
        leg = self.story.extraction_leg()
        self.story.plan_passage("extraction", [leg])
        self.story.watch()
        with as_(self.vera) as vera:
            asked = ask_second(self.story.case(vera), "extract", by=vera, version=self.story.version(), session="device of vera")
        self.refused(
            self.vera,
            "agrees with herself",
            lambda: approvals.answer(asked.pk, given=True, by=self.vera, session="another device"),
        )
        self.story.agree(asked)
        self.story.step("extract", "vera")
        self.story.escort_meets()

    def safe_house(self) -> None:
        self.refused(self.vera, "shelters without a bed", lambda: self.take(self.vera, "shelter", facts=facts.Sheltering()))
        stay = self.story.hold_bed()
        self.refused(self.vera, "puts somebody else into the same bed", lambda: self._same_bed(stay))
        with as_(self.vera) as vera:
            sheet = issue("house_sheet", [self.story.case(vera)], "", by=vera, about=stay.pk, language="de")
        self.wait()
        self.paper(self._ready(sheet))
        self.story.host_receives(stay)
        self.refused(self.hanna, "asks for the name", lambda: self._ask_name(self.hanna))
        self.story.step("shelter", "vera", facts=facts.Sheltering())

    def _same_bed(self, stay: Stay) -> None:
        nights = (stay.nights.lower, stay.nights.upper)
        hosting.hold(stay.bed, self.story.case(self.vera), nights, window=(stay.expected_from, stay.expected_until), by=self.vera)

    def _ask_name(self, host: Account) -> None:
        identity = Identity(case_id=self.story.case_id)
        vault.reveal(identity, "surname", by=host, reason="the neighbours ask")

    def _ready(self, paper: Paper) -> Paper:
        with as_(self.vera):
            made = Paper.objects.get(pk=paper.pk)
        if made.state != Paper.State.READY:
            self.failures.append(f"{made.kind} is {made.state}: {made.trouble}")
        self.say(f"worker: made the {made.get_kind_display().lower()}, version {made.version}")
        return made

    def documents(self) -> None:
        self.story.document()
        self.story.add_photograph()
        self.story.agree_to_share()
        self.story.add_passport(timezone.localdate() + timedelta(days=20))
        one = facts.OneApplication(self.story.application().pk)
        self.refused(self.vera, "applies with a passport that expires", lambda: self.take(self.vera, "apply", facts=one))
        self.story.add_passport(timezone.localdate() + timedelta(days=900))
        self._withdraw_consent()
        self.refused(self.vera, "applies without consent for this post", lambda: self.take(self.vera, "apply", facts=one))
        self.story.agree_to_share()
        self.refused(
            self.vera,
            "moves on from a page that is out of date",
            lambda: self.take(self.vera, "apply", version=1, facts=one),
        )
        self.story.step("apply", "vera", facts=one)

    def _withdraw_consent(self) -> None:
        with as_(self.vera):
            Consent.objects.filter(case_id=self.story.case_id, purpose="share").update(withdrawn_on=timezone.localdate())
        self.say("the person takes the consent for the post back")

    def post(self) -> None:
        dossier = self._ready(self.story.make_dossier())
        self.paper(dossier)
        self.story.release_dossier(dossier)
        self.refused(self.pierre, "opens another post's dossier", lambda: dossiers.open_dossier(dossier.pk, by=self.pierre))
        with as_(self.elise) as elise:
            dossiers.acknowledge(dossiers.open_dossier(dossier.pk, by=elise), by=elise)
        self.say(f"{self.elise}: opens the dossier and acknowledges it")
        self.story.step("lodge", "vera", facts=facts.Lodged(self.story.application().pk))
        week = timezone.localdate() + timedelta(days=7)
        self.story.step(
            "defer",
            "elise",
            facts=facts.MoreAsked(self.story.application().pk, asked="Proof of the family link.", answer_by=week),
        )
        self.story.step("grant", "elise", facts=self.story.visa())

    def travel(self) -> None:
        self.refused(self.vera, "departs without tickets", lambda: self.take(self.vera, "depart", facts=facts.Departing()))
        self.story.check_borders()
        passage = self.story.plan_departure()
        self.paper(self._ready(self.story.issue_manifest(passage)))
        self.story.agreed_step("depart", "vera", facts=facts.Departing())
        self.story.leave_house()
        self.refused(self.otto, "looks at a leg that is not his", lambda: self._other_leg())
        self.refused(
            self.vera,
            "reports the arrival without the codeword",
            lambda: self.take(self.vera, "arrive", facts=facts.Arrived("hello")),
        )
        self.story.step("arrive", "vera", facts=facts.Arrived(CODEWORD))

    def _other_leg(self) -> None:
        with acting_as(self.vera.pk):
            seat = Seat.objects.filter(case_id=self.story.case_id, leg__escort=None).select_related("leg").first()
        assert seat is not None
        dispatch.progress(seat.pk, "met", by=self.otto)

    def after(self) -> None:
        self.story.note(SafetyCheck(day=7, answered=True, channel="phone", words="Safe, learning the language."), "vera")
        self.say(f"{self.vera}: safety check of day 7, answered")
        self.refused(self.mara, "closes before day 30 and 90", lambda: self.take(self.mara, "close", facts=facts.Closing()))

    def wave(self) -> None:
        self.together = Together(self)
        self.together.all()

"""One invented person's journey, told through the doors: each chapter takes the case a stage further."""

from collections.abc import Callable
from datetime import date, timedelta

from django.utils import timezone

from fiction import pictures
from fiction.ground import host_of
from fiction.telling import Telling, Traveller, as_, do_jobs
from logistics import dispatch
from logistics.check_ins import log
from logistics.models import Leg, Passage, Seat
from relocation.journey import facts, recording
from relocation.models import (
    AlarmContact,
    Application,
    BorderCheck,
    CheckInPlan,
    Checklist,
    Claim,
    Consent,
    Corroboration,
    Document,
    DocumentKind,
    DuplicateCheck,
    Paper,
    RiskAssessment,
    Stage,
)
from relocation.paperwork.issue import issue
from relocation.paperwork.release import ask_release, release
from relocation.safety import access, vault
from relocation.safety.policy import Role
from shelters import hosting
from shelters.models import Bed, Stay

CODEWORD, DURESS = "blackcurrant", "rowanberry"


__all__ = ["CHAPTERS", "CODEWORD", "DURESS", "Story", "Traveller", "as_", "do_jobs"]


class Story(Telling):
    """The chapters; `to` tells all of them up to a stage."""

    def to(self, stage: Stage) -> "Story":
        """Every chapter up to a stage."""
        for reached, chapter in CHAPTERS.items():
            chapter(self)
            if reached == stage:
                break
        return self

    def verify(self) -> None:
        self.note(DuplicateCheck(), "vera")
        self.step("verify", "vera")
        with as_(self.ground["mara"]) as mara:
            access.admit(self.ground["tomas"], Role.VERIFIER, self.case_id, by=mara, reason="verifies this case")

    def accept(self) -> None:
        today = timezone.localdate()
        found = Corroboration(kind="interview", outcome="supports", on=today, words="The second account agrees with the first.")
        self.note(found, "tomas")
        self.note(RiskAssessment(level="high", on=today, words="Relatives are looking for her."), "vera")
        self.step("accept", "mara")

    def plan_passage(self, purpose: str, legs: list[Leg], *, ticketed: bool = False) -> Passage:
        """A passage with these legs, confirmed; with tickets where they are bought."""
        with as_(self.ground["vera"]) as vera:
            legs = [dispatch.add_leg(leg, by=vera) for leg in legs]
            passage = dispatch.plan(self.case(vera), purpose, [], by=vera)
            for leg in legs:
                seat = dispatch.take_seat(
                    passage,
                    leg,
                    by=vera,
                    meeting_point="the clock at the bus station",
                    code_phrase="Is this the way to the lake?",
                )
                if ticketed:
                    dispatch.ticket(seat, "TK-48213", by=vera)
            dispatch.confirm(passage, by=vera)
        self.say(f"{vera}: plans a passage of {len(legs)} leg(s)")
        return passage

    def watch(self) -> None:
        """Who waits to hear from her, and who is called when something happens."""
        starts = timezone.now() - self.silent_for
        self.note(CheckInPlan(every_hours=24, starts_at=starts, codeword=CODEWORD, duress_word=DURESS), "vera")
        self.note(AlarmContact(kind="lawyer", name="Ruth Lehto", address="+358 40 000 0000"), "vera")
        if not self.silent_for:
            with as_(self.ground["vera"]) as vera:
                log(self.case(vera), "heard", by=vera, word=CODEWORD, channel="phone")
        self.note(AlarmContact(kind="trusted", name="Sofia", address="+7 900 000 00 00"), "vera")

    def extraction_leg(self) -> Leg:
        """By car, at night, with Otto."""
        leaves = timezone.now() + timedelta(hours=4)
        return Leg(
            mode="car",
            from_place="Point A",
            to_place=self.house,
            departs_at=leaves,
            arrives_at=leaves + timedelta(hours=9),
            seats=3,
            escort=self.ground["otto"],
        )

    def extract(self) -> None:
        self.plan_passage("extraction", [self.extraction_leg()])
        self.watch()
        self.agreed_step("extract", "vera")

    def escort_meets(self) -> None:
        """The escort sees where to meet, meets her and hands her over."""
        with as_(self.ground["otto"]) as otto:
            for seat in Seat.objects.filter(case_id=self.case_id, leg__escort=otto).select_related("leg"):
                dispatch.meeting_point(seat, by=otto)
                dispatch.progress(seat.pk, "met", by=otto)
                dispatch.progress(seat.pk, "handed_over", by=otto)
        self.say(f"{otto}: met her and handed her over")

    def hold_bed(self) -> Stay:
        today = timezone.localdate()
        window = (timezone.now() + timedelta(hours=12), timezone.now() + timedelta(hours=14))
        with as_(self.ground["vera"]) as vera:
            taken = Stay.objects.standing().values("bed_id")
            bed = Bed.objects.filter(house__code=self.house).exclude(pk__in=taken).first()
            assert bed is not None
            stay = hosting.hold(bed, self.case(vera), (today, today + timedelta(days=30)), window=window, by=vera)
            hosting.confirm(stay, by=vera)
        self.say(f"{vera}: holds a bed in {self.house}, and confirms it")
        return stay

    def host_receives(self, stay: Stay) -> None:
        with as_(self.ground[host_of(self.house)]) as host:
            hosting.arrived(stay.pk, by=host)
        self.say(f"{host}: she has arrived")

    def shelter(self) -> None:
        self.escort_meets()
        self.host_receives(self.hold_bed())
        self.step("shelter", "vera", facts=facts.Sheltering())

    def choose_post(self) -> Application:
        with as_(self.ground["vera"]) as vera:
            checklist = Checklist.objects.get(post__code=self.post)
            return recording.choose_post(self.case(vera), checklist, by=vera)

    def application(self) -> Application:
        with as_(self.ground["vera"]):
            return Application.objects.filter(case_id=self.case_id, post__code=self.post).latest("at")

    def document(self) -> None:
        self.choose_post()
        self.step("document", "vera")

    def add_passport(self, expires: date) -> Document:
        """Scan and enter a passport, and let a second pair of eyes verify it."""
        who, zone = self.traveller, self.traveller.zone(expires)
        passport = Document(
            kind=DocumentKind.PASSPORT,
            issued_on=expires - timedelta(days=3650),
            expires_on=expires,
            blank_pages=11,
            issuer="RUS",
            number=who.number,
            surname=who.surname,
            given_names=who.given_names,
            native_name=who.native_name,
            birth_date=who.birth.isoformat(),
            sex=who.sex,
            nationality="RUS",
            mrz="\n".join(zone),
        )
        self._with_scan(passport, pictures.passport("PASSPORT", f"{who.surname} {who.given_names}", "\n".join(zone)))
        return passport

    def add_photograph(self) -> None:
        self._with_scan(Document(kind=DocumentKind.PHOTO), pictures.photograph())

    def _with_scan(self, document: Document, picture: bytes) -> None:
        """Enter a document with one page, look at the page, and verify it."""
        self.note(document, "vera")
        with as_(self.ground["vera"]) as vera:
            scan = recording.add_scan(document, picture, by=vera)
            vault.read_bytes(scan, "body", by=vera, purpose="verify")
            recording.verify_document(document, by=vera)
        self.say(f"{vera}: {DocumentKind(document.kind).label} verified")

    def agree_to_share(self) -> None:
        today, post = timezone.localdate(), self.ground.posts[self.post]
        shared = [kind.value for kind in Consent.Data]
        consent = Consent(
            purpose="share",
            post=post,
            data=shared,
            given_on=today,
            expires_on=today + timedelta(days=180),
            words="By phone, in Russian.",
        )
        self.note(consent, "vera")

    def apply(self) -> None:
        self.add_passport(timezone.localdate() + timedelta(days=900))
        self.add_photograph()
        self.agree_to_share()
        self.step("apply", "vera", facts=facts.OneApplication(self.application().pk))

    def make_dossier(self) -> Paper:
        """Write the summary, order the dossier, and wait until a worker has made it."""
        self.note(Claim(summary=self.traveller.summary), "vera")
        application = self.application()
        with as_(self.ground["vera"]) as vera:
            paper = issue("dossier", [self.case(vera)], application.post.code, by=vera, about=application.pk, language="en")
        self.jobs()
        with as_(self.ground["vera"]):
            return Paper.objects.get(pk=paper.pk)

    def release_dossier(self, paper: Paper) -> None:
        application = self.application()
        with as_(self.ground["vera"]) as vera:
            asked = ask_release(paper, application, by=vera, reason="the post asked for it", session="device of vera")
        self.agree(asked)
        with as_(self.ground["vera"]):
            release(paper, application, by=vera)
        self.say(f"{vera}: releases the dossier to {self.post}")

    def lodge(self) -> None:
        self.release_dossier(self.make_dossier())
        self.step("lodge", "vera", facts=facts.Lodged(self.application().pk, receipt="receipt 2211"))

    def grant(self) -> None:
        self.step("grant", "elise" if self.post == "R2" else "pierre", facts=self.visa())

    def visa(self) -> facts.VisaGranted:
        today = timezone.localdate()
        return facts.VisaGranted(
            self.application().pk, valid_from=today, valid_until=today + timedelta(days=90), evidence="note 17/26"
        )

    def check_borders(self) -> None:
        today = timezone.localdate()
        self.note(BorderCheck(kind="debts", outcome="clear", cleared_on=today, border_database_checked_on=today), "vera")
        self.note(BorderCheck(kind="wanted", outcome="clear", border_database_checked_on=today), "vera")

    def plan_departure(self) -> Passage:
        leaves = (timezone.now() + timedelta(days=3)).replace(hour=6, minute=50, second=0, microsecond=0)
        flight = Leg(mode="plane", carrier="North Air", number="NA 412", from_place="Point C", to_place="Point F")
        flight.to_zone, flight.crossing = "Europe/Paris", "in"
        flight.departs_at, flight.arrives_at = leaves, leaves + timedelta(hours=5)
        flight.seats, flight.needs_manifest = 4, True
        return self.plan_passage("departure", [flight], ticketed=True)

    def issue_manifest(self, passage: Passage) -> Paper:
        with as_(self.ground["vera"]) as vera:
            leg_id = Seat.objects.filter(passage=passage).values_list("leg_id", flat=True)[0]
            paper = issue("manifest", [self.case(vera)], "North Air", by=vera, about=leg_id, language="en")
        self.jobs()
        with as_(self.ground["vera"]):
            return Paper.objects.get(pk=paper.pk)

    def depart(self) -> None:
        self.check_borders()
        self.issue_manifest(self.plan_departure())
        self.agreed_step("depart", "vera", facts=facts.Departing())
        self.leave_house()

    def leave_house(self) -> None:
        """The bed is free again, and what the host knew ends."""
        with as_(self.ground["vera"]) as vera:
            for stay in Stay.objects.filter(case_id=self.case_id).standing():
                hosting.release(stay, by=vera)

    def arrive(self) -> None:
        self.step("arrive", "vera", facts=facts.Arrived(CODEWORD))


CHAPTERS: dict[Stage, Callable[[Story], None]] = {
    Stage.REFERRED: lambda story: None,
    Stage.VERIFYING: Story.verify,
    Stage.ACCEPTED: Story.accept,
    Stage.EXTRACTING: Story.extract,
    Stage.SHELTERED: Story.shelter,
    Stage.DOCUMENTING: Story.document,
    Stage.APPLYING: Story.apply,
    Stage.LODGED: Story.lodge,
    Stage.GRANTED: Story.grant,
    Stage.TRAVELLING: Story.depart,
    Stage.RESETTLED: Story.arrive,
}

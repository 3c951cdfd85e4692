"""Documents and visa: document, apply, lodge, grant, refuse, defer, suspend, lapse; and two applications at once."""

import hashlib

import pytest
from django.utils import timezone

from fiction.story import as_
from relocation.journey.facts import Lodged, MoreAsked, OneApplication, Sheltering, VisaGranted, VisaRefused
from relocation.models import Case, Consent, Deadline, Document, Identity, Paper, Stage
from relocation.safety.policy import Role
from tests.journey.company import in_days

SHARED = ["identity", "claim", "documents"]


def verified(company, kind="passport", expires=900):
    row = Document(
        kind=kind, expires_on=expires and in_days(expires), verified_at=timezone.now(), verified_by=company.ground["vera"]
    )
    return company.note(row, "vera")


def share(company, post="R2", data=SHARED, **rest):
    told = {
        "purpose": "share",
        "given_on": in_days(0),
        "expires_on": in_days(90),
        "data": data,
        "post": company.ground.posts[post],
    }
    return company.note(Consent(**(told | rest)), "vera")


def released(company, post, officer):
    """A dossier of an application, in an officer's hands."""
    with as_(company.ground["vera"]) as vera:
        paper = Paper(case_id=company.case_id, by=vera, kind="dossier", state="ready", sha256=hashlib.sha256(b"x").digest())
        paper.save(force_insert=True)
    company.let_in(officer, Role.EMBASSY, "vera", scope=paper.pk)
    return {"dossier": paper, "released_at": timezone.now()}


class TestDocument:
    @pytest.mark.parametrize("stage", [Stage.ACCEPTED, Stage.SHELTERED])
    def test_it_starts_with_the_list_of_a_chosen_post(self, company, stage):
        company.at(stage).apply_to("R2")
        assert company.step("document", "vera").now == Stage.DOCUMENTING

    def test_nobody_knows_what_to_gather_before(self, company):
        assert company.at(Stage.SHELTERED).blocked("document") == ["checklist_chosen"]

    def test_nor_is_it_started_twice(self, company):
        assert company.at(Stage.DOCUMENTING).impossible("document")


class TestApply:
    @pytest.fixture
    def prepared(self, company):
        company.at(Stage.DOCUMENTING).apply_to("R2")
        verified(company, "photo", None)
        return company

    def apply(self, company):
        return company.step("apply", "vera", facts=self.one(company))

    def one(self, company):
        return OneApplication(company.application().pk)

    def blocked(self, company):
        return company.blocked("apply", facts=self.one(company))

    def test_everything_is_there(self, prepared):
        verified(prepared)
        share(prepared)
        assert self.apply(prepared).now == Stage.APPLYING and prepared.application_state() == "applying"

    def test_all_that_is_missing_is_named(self, company):
        company.at(Stage.DOCUMENTING).apply_to("R2")
        assert self.blocked(company) == ["documents_verified", "travel_document_accepted", "consent_to_share"]

    def test_somebody_has_looked_at_every_document(self, prepared):
        share(prepared)
        prepared.note(Document(kind="passport", expires_on=in_days(900)), "vera")
        assert self.blocked(prepared) == ["travel_document_accepted"]
        verified(prepared)
        with as_(prepared.ground["vera"]):
            Document.objects.filter(kind="photo").update(verified_at=None)
        assert self.blocked(prepared) == ["documents_verified"]

    def test_the_passport_is_good_for_three_months_more(self, prepared):
        share(prepared)
        for days in (-1, 20, 89):
            verified(prepared, expires=days)
            assert self.blocked(prepared) == ["travel_document_accepted"], days

    def test_at_ninety_days_it_is(self, prepared):
        share(prepared)
        verified(prepared, expires=90)
        assert self.apply(prepared).now == Stage.APPLYING

    def test_the_reference_of_a_waiver_stands_for_it(self, prepared):
        share(prepared)
        verified(prepared, "waiver", None)
        assert self.apply(prepared).now == Stage.APPLYING

    def test_until_its_own_last_day(self, prepared):
        share(prepared)
        verified(prepared, "waiver", -1)
        assert self.blocked(prepared) == ["travel_document_accepted"]
        verified(prepared, "waiver", 1)
        assert self.apply(prepared).now == Stage.APPLYING

    @pytest.mark.parametrize(("post", "accepts"), [("R2", True), ("R5", False)])
    def test_it_is_one_that_this_post_accepts(self, company, post, accepts):
        company.at(Stage.DOCUMENTING).apply_to(post)
        company.post = post
        verified(company, "photo", None)
        share(company, post)
        verified(company, "travel_document")
        if accepts:
            assert self.apply(company).now == Stage.APPLYING
        else:
            assert self.blocked(company) == ["travel_document_accepted"]

    def test_she_agreed_to_this_recipient_these_data_today(self, prepared):
        """To another post, to less, in the past, taken back, or not yet: none of these will do, nor all together."""
        verified(prepared)
        over = {"given_on": in_days(-9), "expires_on": in_days(-1)}
        others = ({"post": "R5"}, {"data": ["identity"]}, over, {"withdrawn_on": in_days(0)}, {"given_on": in_days(1)})
        for consent in others:
            share(prepared, **consent)
            assert self.blocked(prepared) == ["consent_to_share"], consent

    @pytest.mark.parametrize("given", ["guardian", "lawyer"])
    def test_for_a_minor_a_guardian_agrees_or_a_lawyer_says_why_not(self, prepared, given):
        verified(prepared)
        share(prepared)
        with as_(prepared.ground["vera"]):
            Case._base_manager.filter(pk=prepared.case_id).update(is_minor=True)
        assert self.blocked(prepared) == ["guardian_consent"]
        prepared.note(Consent(purpose="travel", given=given, given_on=in_days(0), expires_on=in_days(9), words="yes"), "vera")
        share(prepared, "R5", given=given)
        assert self.blocked(prepared) == ["guardian_consent"]
        share(prepared, given=given)
        assert self.apply(prepared).now == Stage.APPLYING

    @pytest.mark.parametrize(("years", "minor"), [(17, True), (19, False)])
    def test_a_birth_date_says_who_is_a_minor(self, prepared, years, minor):
        prepared.note(Identity(surname="Эльфова", birth=f"{timezone.localdate().year - years}-01"), "vera")
        assert prepared.seen().is_minor is minor

    def test_not_while_the_way_is_not_open(self, prepared):
        prepared.step("compromise", "vera", reason="the street is watched")
        assert prepared.impossible("apply", facts=self.one(prepared))


class TestLodge:
    @pytest.fixture
    def applying(self, company):
        return company.at(Stage.APPLYING)

    @pytest.mark.parametrize("proof", ["acknowledged", "receipt"])
    def test_the_post_has_the_dossier(self, applying, proof):
        stamp = timezone.now()
        application = applying.apply_to(
            state="applying",
            **released(applying, "R2", "elise"),
            acknowledged_at=stamp if proof == "acknowledged" else None,
        )
        facts = Lodged(application.pk, receipt="2211" if proof == "receipt" else "")
        assert applying.step("lodge", "vera", facts=facts).now == Stage.LODGED

    def test_not_before_it_was_released(self, applying):
        application = applying.apply_to(state="applying")
        assert applying.blocked("lodge", facts=Lodged(application.pk, receipt="2211")) == ["dossier_released"]

    def test_nor_once_the_dossier_was_taken_back(self, applying, vera):
        held = released(applying, "R2", "elise")
        application = applying.apply_to(state="applying", **held, acknowledged_at=timezone.now())
        with as_(vera):
            Paper.objects.filter(pk=held["dossier"].pk).update(state="revoked")
        assert applying.blocked("lodge", facts=Lodged(application.pk, receipt="2211")) == ["dossier_released"]

    def test_nor_before_the_post_says_that_it_came(self, applying):
        application = applying.apply_to(state="applying", **released(applying, "R2", "elise"))
        assert applying.blocked("lodge", facts=Lodged(application.pk)) == ["dossier_released"]

    def test_nor_an_application_that_is_not_prepared(self, applying):
        application = applying.apply_to(state="chosen", released_at=timezone.now())
        assert applying.impossible("lodge", facts=Lodged(application.pk, receipt="2211"))


def granted(application, **changes):
    told = {"application": application.pk, "valid_from": in_days(0), "valid_until": in_days(90), "evidence": "note 17/26"}
    return VisaGranted(**(told | changes))


def refused(application, evidence="letter 3"):
    return VisaRefused(application.pk, evidence=evidence, reasons="no proof of the danger", appeal_by=in_days(30))


class TestDecision:
    @pytest.fixture
    def lodged(self, company):
        company.at(Stage.LODGED)
        company.r2 = company.apply_to(state="lodged", **released(company, "R2", "elise"))
        return company

    @pytest.mark.parametrize("by", ["elise", "vera"])
    def test_the_post_or_the_lead_records_a_visa(self, lodged, by):
        assert lodged.step("grant", by, facts=granted(lodged.r2)).now == Stage.GRANTED
        assert lodged.application().valid_until == in_days(90)

    def test_with_its_evidence_and_days_that_can_be(self, lodged):
        before_it_begins = {"valid_from": in_days(9), "valid_until": in_days(3)}
        for changes in ({"evidence": " "}, {"valid_until": in_days(-1)}, before_it_begins):
            assert lodged.blocked("grant", facts=granted(lodged.r2, **changes)) == ["decision_with_evidence"]

    def test_another_posts_officer_decides_nothing(self, lodged):
        assert lodged.denied("grant", "pierre", facts=granted(lodged.r2))
        assert lodged.denied("grant", "mara", facts=granted(lodged.r2))

    def test_a_refusal_has_reasons_and_a_day_until_which_to_appeal(self, lodged):
        assert lodged.step("refuse", "elise", facts=refused(lodged.r2)).now == Stage.DOCUMENTING
        assert lodged.application_state() == "refused"
        assert lodged.deadlines(Deadline.Kind.APPEAL)[0].due_at.date() == in_days(30)

    def test_and_its_evidence(self, lodged):
        assert lodged.blocked("refuse", facts=refused(lodged.r2, "")) == ["decision_with_evidence"]

    def test_asked_for_more_it_stays_and_has_a_day(self, lodged):
        moved = lodged.step("defer", "elise", facts=MoreAsked(lodged.r2.pk, asked="Proof of kinship.", answer_by=in_days(7)))
        assert (moved.now, lodged.application_state()) == (Stage.LODGED, "lodged")
        assert lodged.deadlines(Deadline.Kind.ANSWER)[0].due_at.date() == in_days(7)

    @pytest.mark.parametrize("by", ["elise", "vera"])
    def test_its_next_word_settles_what_was_to_be_answered_to_this_post_and_no_other(self, lodged, by):
        r5 = lodged.apply_to("R5", state="lodged", **released(lodged, "R5", "pierre"))
        for application, officer, days in ((lodged.r2, "elise", 7), (lodged.r2, "elise", 9), (r5, "pierre", 5)):
            lodged.step("defer", officer, facts=MoreAsked(application.pk, asked="Proof of kinship.", answer_by=in_days(days)))
        open_ones = [due.due_at.date() for due in lodged.deadlines(Deadline.Kind.ANSWER) if not due.done_at]
        assert open_ones == [in_days(5), in_days(9)]
        lodged.step("grant", by, facts=granted(lodged.r2))
        assert [due.about for due in lodged.deadlines(Deadline.Kind.ANSWER) if not due.done_at] == [r5.pk]

    def test_what_the_post_says_waits_for_no_standing(self, lodged):
        lodged.step("detain", "vera", reason="taken from the bus")
        assert lodged.step("grant", "elise", facts=granted(lodged.r2)).now == Stage.GRANTED

    def test_what_the_post_says_while_she_is_brought_out_again_is_kept(self, lodged):
        lodged.plan_passage("extraction", [lodged.extraction_leg()])
        lodged.watch()
        lodged.agreed_step("extract_again", "vera")
        assert lodged.step("grant", "elise", facts=granted(lodged.r2)).now == Stage.EXTRACTING
        assert lodged.application_state() == "granted"
        lodged.host_receives(lodged.hold_bed())
        lodged.step("shelter", "vera", facts=Sheltering())
        assert lodged.step("document", "vera").now == Stage.GRANTED

    def test_a_decision_is_not_made_twice(self, lodged):
        lodged.step("grant", "elise", facts=granted(lodged.r2))
        assert lodged.impossible("grant", facts=granted(lodged.r2))
        assert lodged.impossible("refuse", facts=refused(lodged.r2))

    def test_the_state_withdraws_what_it_gave(self, lodged):
        lodged.step("grant", "elise", facts=granted(lodged.r2))
        assert lodged.impossible("suspend", "mara", facts=OneApplication(lodged.r2.pk))
        assert lodged.step("suspend", "mara", facts=OneApplication(lodged.r2.pk), reason="a new minister").now == Stage.LODGED
        assert lodged.impossible("suspend", "mara", facts=OneApplication(lodged.r2.pk), reason="a new minister")

    def test_then_nothing_of_the_decision_holds(self, lodged):
        lodged.step("grant", "elise", facts=granted(lodged.r2))
        lodged.step("suspend", "mara", facts=OneApplication(lodged.r2.pk), reason="a new minister")
        left = lodged.application()
        assert (left.valid_from, left.valid_until, left.decided_on, left.decision, left.entries) == (None,) * 5

    @pytest.mark.parametrize("step", ["suspend", "lapse"])
    def test_wherever_she_is_by_then(self, company, step):
        over = {"valid_from": in_days(-99), "valid_until": in_days(-1)}
        application = company.at(Stage.TRAVELLING).apply_to(state="granted", **over)
        by = "mara" if step == "suspend" else "vera"
        assert company.step(step, by, facts=OneApplication(application.pk), reason="they say so").now == Stage.TRAVELLING
        assert company.application_state() == {"suspend": "lodged", "lapse": "lapsed"}[step]

    def test_a_visa_lapses_once_its_last_day_has_passed(self, lodged):
        lodged.step("grant", "elise", facts=granted(lodged.r2))
        assert lodged.blocked("lapse", facts=OneApplication(lodged.r2.pk)) == ["visa_ran_out"]
        with as_(lodged.ground["vera"]):
            type(lodged.r2).objects.update(valid_from=in_days(-99), valid_until=in_days(-1))
        assert lodged.step("lapse", "vera", facts=OneApplication(lodged.r2.pk)).now == Stage.DOCUMENTING

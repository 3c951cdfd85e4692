"""The page and the door of records: what is asked for, who may write it, what is shown of it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from relocation.desk.record_kinds import KINDS
from relocation.journey import recording
from relocation.models import (
    AlarmContact,
    Application,
    Case,
    Channel,
    CheckInPlan,
    Checklist,
    Consent,
    Corroboration,
    DuplicateCheck,
    LedgerEntry,
    RiskAssessment,
)  # fmt: skip
from relocation.safety import access, vault
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied


def address(case: Case, kind: str) -> str:
    return reverse("desk:record", args=[case.pk, kind])


def today() -> str:
    return timezone.localdate().isoformat()


CORROBORATION = {"kind": "interview", "outcome": "supports", "words": "A second interview fits"}
CONSENT = {"purpose": "contact", "given": "person", "language": "ru", "words": "By phone, with an interpreter"}


class TestTheDoor:
    def test_a_verifier_writes_a_corroboration_and_the_ledger_knows(self, kestrel, tomas, acting):
        with acting(tomas):
            row = Corroboration(case=kestrel, kind="interview", outcome="supports", on=timezone.localdate(), words="It fits")
            recording.write(row, by=tomas, what="interview")
            assert LedgerEntry.objects.filter(what="record.corroboration", about=row.pk, detail="interview").exists()

    def test_nobody_writes_one_without_words_to_pass_by_the_claim(self, kestrel, mara, acting):
        with acting(mara), pytest.raises(Denied):
            recording.write(Corroboration(case=kestrel, kind="interview", outcome="supports", on=timezone.localdate()), by=mara)

    def test_a_stranger_is_denied(self, kestrel, charlie, acting):
        with acting(charlie), pytest.raises(Denied):
            recording.write(DuplicateCheck(case=kestrel), by=charlie)

    def test_an_assessment_sets_the_risk_of_the_case(self, kestrel, tomas, acting):
        with acting(tomas):
            recording.write(RiskAssessment(case=kestrel, level="high", on=timezone.localdate(), words="threats"), by=tomas)
            assert Case.objects.visible_to(tomas).get(pk=kestrel.pk).risk == "high"

    def test_a_withdrawn_consent_no_longer_holds(self, kestrel, vera, acting):
        with acting(vera):
            consent = Consent.objects.get(case=kestrel)
            recording.withdraw_consent(consent, by=vera)
            assert not Consent.objects.filter(Consent.live(timezone.localdate(), purpose="contact"), case=kestrel).exists()

    def test_a_verifier_does_not_withdraw_it(self, kestrel, tomas, acting):
        with acting(tomas), pytest.raises(Denied):
            recording.withdraw_consent(Consent.objects.get(case=kestrel), by=tomas)

    def test_one_open_application_per_post(self, kestrel, vera, acting):
        with acting(vera):
            checklist = Checklist.objects.get(post__code="R2")
            first = recording.choose_post(kestrel, checklist, by=vera)
            assert first.post.code == "R2" and len(first.reference) == 8
            with pytest.raises(recording.NotRecorded, match="application"):
                recording.choose_post(kestrel, checklist, by=vera)


class TestThePage:
    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_the_lead_sees_every_form(self, kestrel, vera, signed_in, kind):
        page = signed_in(vera).get(address(kestrel, kind))
        assert page.status_code == 200
        assert "Эльфова" not in page.content.decode()

    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_a_stranger_sees_none(self, kestrel, charlie, signed_in, kind):
        assert signed_in(charlie).get(address(kestrel, kind)).status_code == 404

    def test_a_kind_that_nobody_knows_is_not_there(self, kestrel, vera, signed_in):
        assert signed_in(vera).get(address(kestrel, "shoe-size")).status_code == 404

    def test_whoever_may_not_know_of_it_sees_nothing_at_all(self, kestrel, mara, signed_in):
        assert signed_in(mara).get(address(kestrel, "pursuer")).status_code == 404

    def test_whoever_may_only_read_is_told_who_writes(self, kestrel, mara, signed_in):
        page = signed_in(mara).get(address(kestrel, "corroboration")).content.decode()
        assert "case lead, verifier" in page
        assert signed_in(mara).post(address(kestrel, "corroboration"), CORROBORATION | {"on": today()}).status_code == 200
        assert "Already recorded" in page

    def test_a_form_that_is_posted_by_a_reader_changes_nothing(self, kestrel, mara, signed_in, acting):
        signed_in(mara).post(address(kestrel, "corroboration"), CORROBORATION | {"on": today()})
        with acting(mara):
            assert not Corroboration.objects.filter(case=kestrel).exists()

    def test_what_is_kept_is_shown_as_dots(self, kestrel, tomas, signed_in):
        browser = signed_in(tomas)
        kept = browser.post(address(kestrel, "corroboration"), CORROBORATION | {"on": today()}, follow=True)
        assert "A second interview fits" not in kept.content.decode()
        assert "•••" in kept.content.decode() and "supports the account" in kept.content.decode()

    def test_what_was_typed_stays_when_something_is_wrong(self, kestrel, tomas, signed_in):
        page = signed_in(tomas).post(address(kestrel, "corroboration"), CORROBORATION | {"on": "2099-01-01"})
        assert page.status_code == 200
        assert "This day has not come yet." in page.content.decode() and "A second interview fits" in page.content.decode()

    def test_the_case_is_where_one_comes_back_to(self, kestrel, vera, signed_in):
        told = {"level": "high", "on": today(), "words": "new threats"}
        assert signed_in(vera).post(address(kestrel, "risk"), told).url == reverse("desk:case", args=[kestrel.pk])


class TestConsent:
    def test_sharing_names_post_and_data(self, kestrel, vera, ground, signed_in, acting):
        told = CONSENT | {
            "purpose": "share",
            "given_on": today(),
            "expires_on": (timezone.localdate() + timedelta(days=9)).isoformat(),
        }
        browser = signed_in(vera)
        assert "Name the post" in browser.post(address(kestrel, "consent"), told).content.decode()
        whole = told | {"post": str(ground.posts["R2"].pk), "data": ["identity", "claim", "documents"]}
        assert browser.post(address(kestrel, "consent"), whole).status_code == 302
        with acting(vera):
            assert Consent.objects.get(purpose="share").data == ["identity", "claim", "documents"]

    def test_it_does_not_end_before_it_begins(self, kestrel, vera, signed_in):
        page = signed_in(vera).post(address(kestrel, "consent"), CONSENT | {"given_on": today(), "expires_on": "2020-01-01"})
        assert page.content.decode().count("It would end before it begins.") == 2  # the summary and the field

    def test_the_person_withdraws_it_on_the_page(self, kestrel, vera, signed_in, acting):
        with acting(vera):
            consent = Consent.objects.get(case=kestrel)
        assert signed_in(vera).post(address(kestrel, "consent"), {"end": consent.pk}).status_code == 302
        with acting(vera):
            assert Consent.objects.get(pk=consent.pk).withdrawn_on == timezone.localdate()

    def test_nobody_withdraws_one_of_another_case_or_with_nonsense(self, kestrel, tomas, vera, signed_in):
        assert signed_in(tomas).post(address(kestrel, "consent"), {"end": kestrel.pk}).status_code == 404
        assert signed_in(vera).post(address(kestrel, "consent"), {"end": "nonsense"}).status_code == 404


class TestWhatTheFormsJudge:
    def test_codeword_and_duress_word_differ(self, kestrel, vera, signed_in, acting):
        told = {
            "every_hours": 24,
            "grace_minutes": 60,
            "step_minutes": 30,
            "zone": "Asia/Omsk",
            "starts_at": "2026-11-23T10:00",
            "opens_at": "22:00",
            "codeword": "amber",
            "duress_word": "Amber ",
        }
        browser = signed_in(vera)
        assert "or leave both empty" in browser.post(address(kestrel, "check-in-plan"), told).content.decode()
        told |= {"closes_at": "02:00"}
        assert "It must differ" in browser.post(address(kestrel, "check-in-plan"), told).content.decode()
        assert browser.post(address(kestrel, "check-in-plan"), told | {"duress_word": "cloud"}).status_code == 302
        with acting(vera):
            plan = CheckInPlan.objects.get(case=kestrel)
            assert plan.codeword is not None and (plan.zone, str(plan.closes_at)) == ("Asia/Omsk", "02:00:00")

    def test_a_phone_number_is_kept_so_that_it_rings_from_anywhere(self, kestrel, vera, signed_in, acting):
        browser = signed_in(vera)
        assert "cannot be rung" in browser.post(address(kestrel, "channel"), {"kind": "phone", "address": "12"}).content.decode()
        assert browser.post(address(kestrel, "channel"), {"kind": "phone", "address": "8 922 412 56 85"}).status_code == 302
        with acting(vera):
            newest = Channel.objects.filter(case=kestrel).latest("at")
            assert vault.reveal(newest, "address", by=vera, reason="test") == "+79224125685"

    def test_whoever_writes_channels_says_how_they_made_sure_of_one(self, kestrel, vera, mara, tomas, signed_in, acting):
        browser, page = signed_in(vera), address(kestrel, "channel")
        with acting(vera):
            channel = Channel.objects.get(case=kestrel)
        assert "No: over none that is verified" in browser.get(f"/cases/{kestrel.pk}/steps/withdraw/").content.decode()
        assert browser.post(page, {"verify": channel.pk, "how": "hearsay"}).status_code == 409
        kept = browser.post(page, {"verify": channel.pk, "how": "voice"}, follow=True).content.decode()
        assert "by a voice they know" in kept and "Verify again" in kept and "79224125684" not in kept
        assert "phone, verified by a voice they know" in browser.get(f"/cases/{kestrel.pk}/steps/withdraw/").content.decode()
        assert signed_in(tomas).get(page).status_code == 200  # a verifier may reveal it, and sees no button
        assert "It is the person" not in signed_in(tomas).get(page).content.decode()
        for other in (tomas, mara):
            assert signed_in(other).post(page, {"verify": channel.pk, "how": "voice"}).status_code == 404
        with acting(vera):
            channel.refresh_from_db()
            assert channel.verified_by == vera
            assert LedgerEntry.objects.get(what="verify.channel").detail == "voice"

    def test_a_skipped_border_check_says_why(self, kestrel, vera, signed_in):
        browser = signed_in(vera)
        assert (
            "Say why it is skipped."
            in browser.post(address(kestrel, "border-check"), {"kind": "debts", "outcome": "skipped"}).content.decode()
        )
        kept = browser.post(
            address(kestrel, "border-check"), {"kind": "debts", "outcome": "skipped", "words": "no access"}, follow=True
        )
        assert "no access" in kept.content.decode()  # the lead reads what concerns travel freely

    def test_a_duplicate_that_was_found_is_described(self, kestrel, vera, signed_in):
        browser = signed_in(vera)
        assert "Say which case" in browser.post(address(kestrel, "duplicates"), {"found": "yes"}).content.decode()
        assert browser.post(address(kestrel, "duplicates"), {"found": "no"}).status_code == 302

    def test_a_birth_date_may_be_vague_but_not_nonsense(self, kestrel, vera, signed_in):
        browser = signed_in(vera)
        assert "about 1976" in browser.post(address(kestrel, "identity"), {"surname": "Q", "birth": "spring"}).content.decode()
        assert browser.post(address(kestrel, "identity"), {"surname": "Q", "birth": "about 1992"}).status_code == 302

    def test_several_alarm_contacts_are_named_one_after_another(self, kestrel, vera, signed_in, acting):
        told = {"kind": "lawyer", "name": "Ida Falk", "address": "+358401234567"}
        kept = signed_in(vera).post(address(kestrel, "alarm-contact"), told)
        assert kept.url == address(kestrel, "alarm-contact")
        with acting(vera):
            assert AlarmContact.objects.filter(case=kestrel).count() == 1

    def test_choosing_a_post_takes_it_from_the_list(self, kestrel, vera, signed_in, acting):
        with acting(vera):
            checklist = Checklist.objects.get(post__code="R2")
        browser = signed_in(vera)
        assert browser.post(address(kestrel, "application"), {"checklist": checklist.pk}).status_code == 302
        page = browser.get(address(kestrel, "application")).content.decode()
        assert "R5 · humanitarian</option>" in page and "R2 · humanitarian</option>" not in page
        with acting(vera):
            assert Application.objects.get(case=kestrel).post.code == "R2"


class TestWhereThePersonIs:
    def test_a_lead_records_a_place_and_does_not_read_it_back(self, kestrel, vera, signed_in):
        browser = signed_in(vera)
        browser.post(address(kestrel, "whereabouts"), {"place": "Third floor, Oak street"})
        page = browser.get(address(kestrel, "whereabouts")).content.decode()
        assert "Oak street" not in page and reverse("desk:reveal", args=[kestrel.pk, "location"]) in page

    def test_a_worker_does_not_even_learn_that_one_is_recorded(self, kestrel, nina, mara, signed_in, acting):
        with acting(mara):
            access.admit(nina, Role.WORKER, kestrel.pk, by=mara, reason="documents")
        assert signed_in(nina).get(address(kestrel, "whereabouts")).status_code == 404

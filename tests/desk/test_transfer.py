"""A case offered to another organisation: by consent, answered by one person there, and then nobody here opens it."""

import uuid
from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from relocation.journey import bars, transfer
from relocation.models import Case, CaseGrant, Consent, LedgerEntry, Transfer
from relocation.safety import access, vault
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from tests.desk.test_custody import live
from tests.safety.raw import sql


@pytest.fixture
def consent(kestrel, vera, charlie):
    """The person agreed to be handed over to Charlie's organisation."""
    today = timezone.localdate()
    given = Consent(
        case=kestrel, by=vera, purpose="handover", organisation=charlie.organisation, given_on=today, data=["identity"]
    )
    given.expires_on, given.words = today + timedelta(days=30), "by phone"
    with acting_as(vera.pk):
        given.save(force_insert=True)
    return given


@pytest.fixture
def offered(kestrel, mara, charlie, consent):
    """Mara has offered Kestrel to Charlie."""
    with acting_as(mara.pk):
        return transfer.offer(kestrel, charlie, by=mara, words="One person, needs a quiet room.")


def offer_page(case):
    return f"/cases/{case.pk}/transfer/"


def answer_page(offered):
    return f"/transfers/{offered.pk}/"


class TestOffering:
    def test_without_consent_it_is_refused_and_the_page_says_how_to_mend_it(self, kestrel, mara, vera, charlie, signed_in):
        page = signed_in(mara).get(offer_page(kestrel)).content.decode()
        assert "has not agreed to be handed over" in page and "The case lead records it." in page
        with acting_as(mara.pk), pytest.raises(transfer.NotTransferred, match="offer"):
            transfer.offer(kestrel, charlie, by=mara, words="One person.")

    def test_a_coordinator_offers_it_and_it_waits(self, kestrel, mara, charlie, consent, signed_in):
        browser = signed_in(mara)
        assert "Charlie Stone, Southern Cross" in browser.get(offer_page(kestrel)).content.decode()
        assert browser.post(offer_page(kestrel), {"to": charlie.pk, "words": "One person."}).status_code == 302
        assert "Take the offer back" in browser.get(offer_page(kestrel)).content.decode()
        assert "offers you a case" in signed_in(charlie).get("/").content.decode()
        with acting_as(charlie.pk):
            assert sql("SELECT count(*) FROM relocation_case") == (0,)

    def test_nobody_else_offers_it_nor_twice_nor_to_somebody_barred(
        self, kestrel, mara, vera, tomas, nina, charlie, consent, signed_in
    ):
        for person in (vera, tomas, charlie):
            assert signed_in(person).get(offer_page(kestrel)).status_code == 404
        with acting_as(vera.pk):
            noted = bars.bar(kestrel, by=vera, name="Stone", words="an old neighbour")
        with acting_as(mara.pk):
            for to in (nina, charlie):
                with pytest.raises(transfer.NotTransferred):
                    transfer.offer(kestrel, to, by=mara, words="One person.")
        with acting_as(vera.pk):
            bars.lift(noted, by=vera, words="it is somebody else")
        with acting_as(mara.pk):
            transfer.offer(kestrel, charlie, by=mara, words="One person.")
            with pytest.raises(transfer.NotTransferred):
                transfer.offer(kestrel, charlie, by=mara, words="One person.")

    def test_an_offer_that_nobody_answered_makes_room_and_the_ledger_says_so(self, kestrel, mara, charlie, consent, monkeypatch):
        monkeypatch.setattr(transfer, "GOOD_FOR", -timedelta(seconds=1))
        with acting_as(mara.pk):
            past = transfer.offer(kestrel, charlie, by=mara, words="One person.")
            monkeypatch.undo()
            again = transfer.offer(kestrel, charlie, by=mara, words="One person, once more.")
            taken = LedgerEntry.objects.filter(what="transfer.revoked", case_id=kestrel.pk).values_list("about", "detail")
            assert [*taken] == [(past.pk, "ran out")] and again.is_open


class TestAnswering:
    def test_by_accepting_the_receiver_coordinates_and_everybody_before_is_out(
        self, kestrel, offered, mara, vera, tomas, hanna, ilya, charlie, signed_in
    ):
        with acting_as(vera.pk):
            soon = timezone.now() + timedelta(days=2)
            access.admit(hanna, Role.HOST, kestrel.pk, by=vera, reason="stay", until=soon, scope=uuid.uuid4())
            access.admit(ilya, Role.COORDINATOR, kestrel.pk, by=vera, reason="alarm", until=ilya.shifts.get().ends_at)
        page = signed_in(charlie).get(answer_page(offered)).content.decode()
        assert "needs a quiet room" in page and "name and birth" in page and "Kestrel" not in page
        assert signed_in(charlie).post(answer_page(offered), {"accept": "1"}).status_code == 302
        assert live(kestrel, charlie) == {("charlie", "coordinator")}
        for person in (mara, vera, tomas, hanna, ilya):
            assert signed_in(person).get(f"/cases/{kestrel.pk}/").status_code == 404
        with acting_as(charlie.pk):
            assert Case.objects.visible_to(charlie).get().organisation_id == charlie.organisation_id
            grant = CaseGrant.objects.get(user=charlie)
            assert grant.granted_by == mara
            assert vault.read(grant, "reason", by=charlie, purpose="people") == {"reason": "handed over"}
            said = LedgerEntry.objects.filter(case_id=kestrel.pk, actor_id=charlie.pk).values_list("what", "detail")
            assert {("transfer.accepted", ""), ("grant.given", "coordinator"), ("grant.ended", "host")} <= set(said)
            assert said.filter(what="grant.ended").count() == 5

    def test_for_strangers_there_is_no_such_offer(self, kestrel, offered, nina, greta, vera, signed_in):
        for person in (nina, vera, greta):
            for told in ({"accept": "1"}, {"decline": "1", "reason": "no"}):
                assert signed_in(person).post(answer_page(offered), told).status_code == 404
        nowhere = signed_in(nina).get(f"/transfers/{uuid.uuid4()}/")
        assert nowhere.content == signed_in(nina).get(answer_page(offered)).content

    def test_a_no_says_why_and_changes_nothing(self, kestrel, offered, mara, charlie, signed_in):
        browser, before = signed_in(charlie), live(kestrel, mara)
        assert browser.post(answer_page(offered), {"decline": "1"}).status_code == 200
        assert browser.post(answer_page(offered), {"decline": "1", "reason": "We have no bed."}).status_code == 302
        assert "We have no bed." in signed_in(mara).get(offer_page(kestrel)).content.decode()
        assert browser.post(answer_page(offered), {"accept": "1"}).status_code == 409
        assert live(kestrel, mara) == before

    def test_what_was_taken_back_ran_out_or_lost_its_ground_is_not_accepted(
        self, kestrel, offered, mara, vera, charlie, consent, signed_in
    ):
        def refused():
            with transaction.atomic():
                status = signed_in(charlie).post(answer_page(offered), {"accept": "1"}).status_code
            return status == 409 and ("vera", "lead") in live(kestrel, mara)

        with acting_as(vera.pk), transaction.atomic():
            noted = bars.bar(kestrel, by=vera, about=charlie.pk, words="an old neighbour")
        assert refused()
        with acting_as(vera.pk):
            bars.lift(noted, by=vera, words="it is somebody else")
            sql("UPDATE relocation_consent SET withdrawn_on = current_date WHERE id = %s", consent.pk)
        assert refused()
        with acting_as(vera.pk):
            sql("UPDATE relocation_consent SET withdrawn_on = NULL WHERE id = %s", consent.pk)
        assert signed_in(mara).post(offer_page(kestrel), {"take_back": "1"}).status_code == 302
        assert refused()
        with acting_as(mara.pk):
            assert Transfer.objects.get().state == "revoked"


class TestTheDatabase:
    accept = "SELECT harbour_accept(%s, gen_random_uuid(), NULL)"

    def test_nobody_accepts_but_the_receiver(self, kestrel, offered, mara, vera, nina, greta, charlie):
        for person in (mara, vera, nina, greta):
            with acting_as(person.pk), pytest.raises(ProgrammingError, match="nothing to accept"), transaction.atomic():
                sql(self.accept, offered.pk)
        with acting_as(charlie.pk):
            sql(self.accept, offered.pk)
            assert access.may(charlie, "case.assign", kestrel.pk)

    def test_nobody_offers_to_himself_or_in_anothers_name_or_changes_an_offer(self, kestrel, offered, mara, nina, charlie):
        with acting_as(charlie.pk):
            for change in ("state = 'accepted'", "expires_at = now() + interval '9 years'", "to_id = by_id", "state = 'revoked'"):
                with pytest.raises(ProgrammingError), transaction.atomic():
                    sql(f"UPDATE relocation_transfer SET {change}, answered_by_id = %s", charlie.pk)
        copy = (
            "INSERT INTO relocation_transfer "
            "(id, case_id, by_id, to_id, organisation_id, consent_id, covers, code, expires_at, state) "
            "SELECT gen_random_uuid(), %s, %s, %s, %s, %s, '{}', '', now() + interval '1 day', 'offered'"
        )
        for by, to in ((charlie, charlie), (mara, charlie), (charlie, mara)):
            with acting_as(charlie.pk), pytest.raises(ProgrammingError), transaction.atomic():
                sql(copy, kestrel.pk, by.pk, to.pk, charlie.organisation_id, offered.consent_id)
        with acting_as(mara.pk), pytest.raises(ProgrammingError), transaction.atomic():
            sql("UPDATE relocation_transfer SET state = 'accepted', answered_by_id = %s", mara.pk)

"""Opening what is sealed: for a reason, one compartment at a time, the location with two people."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from relocation.journey import approvals
from relocation.models import Approval, Case, Identity, LedgerEntry, Whereabouts


def address(case: Case, kind: str) -> str:
    return reverse("desk:reveal", args=[case.pk, kind])


@pytest.fixture
def surname(kestrel, vera, acting) -> str:
    with acting(vera):
        return f"identity.surname.{Identity.objects.get(case=kestrel).pk}"


class TestReveal:
    def test_nothing_is_shown_before_a_reason_is_given(self, kestrel, vera, signed_in, surname):
        browser = signed_in(vera)
        assert "Эльфова" not in browser.get(address(kestrel, "identity")).content.decode()
        page = browser.post(address(kestrel, "identity"), {"what": [surname], "reason": " "})
        assert "Эльфова" not in page.content.decode()

    def test_for_a_reason_it_is_shown_once_and_the_ledger_knows(self, kestrel, vera, signed_in, surname, acting):
        page = signed_in(vera).post(address(kestrel, "identity"), {"what": [surname], "reason": "visa form"})
        assert "Эльфова" in page.content.decode() and "Алёна" not in page.content.decode()
        assert page["Cache-Control"] == "no-store"
        with acting(vera):
            assert LedgerEntry.objects.filter(what="reveal.identity.surname", actor_id=vera.pk).count() == 1

    def test_a_verifier_reads_the_account_and_a_coordinator_does_not(self, kestrel, tomas, mara, signed_in):
        assert signed_in(tomas).get(address(kestrel, "claim")).status_code == 200
        assert signed_in(mara).get(address(kestrel, "claim")).status_code == 404

    def test_the_referral_chain_is_opened_by_itself(self, kestrel, vera, signed_in):
        browser = signed_in(vera)
        assert "Who referred them" in browser.get(address(kestrel, "referrer")).content.decode()
        assert "referrer.who" not in browser.get(address(kestrel, "contacts")).content.decode()

    def test_an_identity_is_not_opened_among_the_contacts(self, kestrel, vera, signed_in, surname):
        page = signed_in(vera).post(address(kestrel, "contacts"), {"what": [surname], "reason": "both at once"})
        assert "Эльфова" not in page.content.decode()

    @pytest.mark.parametrize("kind", ["identity", "claim", "contacts", "destination", "referrer", "location", "medical"])
    def test_a_stranger_sees_nothing(self, kestrel, charlie, signed_in, kind):
        assert signed_in(charlie).get(address(kestrel, kind)).status_code == 404


class TestLocation:
    def asked(self, case, vera, mara, acting, *, given=True):
        with acting(vera):
            approval = approvals.ask_to_look(case, by=vera, reason="an ambulance waits", session="device of vera")
        with acting(mara):
            return approvals.answer(approval.pk, given=given, by=mara, session="device of mara")

    def test_the_lead_asks_and_waits(self, kestrel, vera, signed_in):
        browser = signed_in(vera)
        page = browser.post(address(kestrel, "location"), {"ask": "1", "reason": "an ambulance waits"}, follow=True)
        assert "Waiting for a second person" in page.content.decode()
        assert "Новгород" not in page.content.decode()

    def test_nobody_asks_without_a_reason(self, kestrel, vera, signed_in, acting):
        signed_in(vera).post(address(kestrel, "location"), {"ask": "1", "reason": ""})
        with acting(vera):
            assert not Approval.objects.exists()

    def test_once_agreed_the_place_is_shown_without_the_name(self, kestrel, vera, mara, signed_in, acting):
        self.asked(kestrel, vera, mara, acting)
        browser = signed_in(vera)
        assert "Новгород" not in browser.get(address(kestrel, "location")).content.decode()
        page = browser.post(address(kestrel, "location"), {"show": "1"}).content.decode()
        assert "Нижний Новгород" in page and "Эльфова" not in page
        assert "an ambulance waits" in page
        with acting(vera):
            assert LedgerEntry.objects.filter(what="reveal.whereabouts.place", actor_id=vera.pk).exists()

    def test_without_agreement_it_is_refused(self, kestrel, vera, signed_in):
        assert signed_in(vera).post(address(kestrel, "location"), {"show": "1"}).status_code == 404

    def test_after_a_no_it_is_refused_and_the_page_says_who(self, kestrel, vera, mara, signed_in, acting):
        self.asked(kestrel, vera, mara, acting, given=False)
        browser = signed_in(vera)
        assert "Mara Kask did not agree" in browser.get(address(kestrel, "location")).content.decode()
        assert browser.post(address(kestrel, "location"), {"show": "1"}).status_code == 404

    def test_after_thirty_minutes_one_asks_anew(self, kestrel, vera, mara, signed_in, acting, monkeypatch):
        self.asked(kestrel, vera, mara, acting)
        later = timezone.now() + timedelta(minutes=31)
        monkeypatch.setattr("django.utils.timezone.now", lambda: later)
        browser = signed_in(vera)
        assert browser.post(address(kestrel, "location"), {"show": "1"}).status_code == 404
        assert "Ask a second person" in browser.get(address(kestrel, "location")).content.decode()

    def test_a_place_recorded_since_is_not_covered(self, kestrel, vera, mara, signed_in, acting):
        self.asked(kestrel, vera, mara, acting)
        with acting(vera):
            Whereabouts(case=kestrel, by=vera, place="Кострома").save(force_insert=True)
        page = signed_in(vera).post(address(kestrel, "location"), {"show": "1"})
        assert page.status_code == 404 and "Кострома" not in page.content.decode()

    def test_a_browser_that_never_came_by_the_door_asks_nothing(self, kestrel, vera, signed_in):
        browser = signed_in(vera)
        del browser.cookies["device"]
        page = browser.post(address(kestrel, "location"), {"ask": "1", "reason": "an ambulance waits"})
        assert page.status_code == 409 and "Sign out, sign in again" in page.content.decode()

    def test_a_verifier_cannot_even_ask(self, kestrel, tomas, signed_in):
        assert signed_in(tomas).post(address(kestrel, "location"), {"ask": "1", "reason": "curious"}).status_code == 404

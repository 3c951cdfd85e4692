"""Keys: one a case and compartment, in another database; and the location, which opens to two people only."""

from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from relocation.journey import approvals
from relocation.journey.referring import assign, refer
from relocation.models import Identity, Whereabouts, WrappedKey
from relocation.safety import keys, vault
from relocation.safety.refusal import Denied
from tests.cast import referral
from tests.safety.committed import as_
from tests.safety.custodians import brought
from tests.safety.raw import sql
from tests.safety.test_vault import SURNAME, last_entry


@pytest.fixture
def identity(kestrel, as_vera):
    """Kestrel's name and birth, as Vera, who acts for the whole test, loads it."""
    return Identity.objects.get(case=kestrel)


@pytest.fixture
def key_file(settings):
    """The master key in a file of this test's own, in memory."""
    with brought(settings) as path:
        yield path


class TestLocation:
    @pytest.fixture
    def place(self, kestrel, as_vera):
        return Whereabouts.objects.get(case=kestrel)

    def look(self, place, by):
        return vault.reveal_together(
            place, "place", by=by, reason="she must be fetched", agreed=lambda case_id: approvals.agreed_to_look(case_id, by=by)
        )

    def ask(self, kestrel, by):
        return approvals.ask_to_look(kestrel, by=by, reason="she must be fetched", session="device of vera")

    def test_nobody_opens_it_with_a_reason_alone(self, place, vera):
        with pytest.raises(Denied):
            vault.reveal(place, "place", by=vera, reason="she must be fetched")
        with pytest.raises(Denied):
            self.look(place, vera)

    def test_it_opens_once_a_second_person_agreed(self, place, kestrel, vera, mara, acting):
        asked = self.ask(kestrel, vera)
        with acting(mara):
            approvals.answer(asked.pk, given=True, by=mara, session="device of mara")
        assert self.look(place, vera) == "Нижний Новгород"
        assert last_entry().what == "reveal.whereabouts.place"

    def test_not_while_they_have_not_answered_nor_after_they_declined(self, place, kestrel, vera, mara, acting):
        asked = self.ask(kestrel, vera)
        with pytest.raises(Denied):
            self.look(place, vera)
        with acting(mara):
            approvals.answer(asked.pk, given=False, by=mara, session="device of mara")
        with pytest.raises(Denied):
            self.look(place, vera)

    def test_not_after_half_an_hour(self, place, kestrel, vera, mara, acting, monkeypatch):
        asked = self.ask(kestrel, vera)
        with acting(mara):
            approvals.answer(asked.pk, given=True, by=mara, session="device of mara")
        later = timezone.now() + timedelta(minutes=31)
        monkeypatch.setattr("django.utils.timezone.now", lambda: later)
        with pytest.raises(Denied):
            self.look(place, vera)

    def test_not_a_place_that_was_recorded_since(self, place, kestrel, vera, mara, acting):
        asked = self.ask(kestrel, vera)
        with acting(mara):
            approvals.answer(asked.pk, given=True, by=mara, session="device of mara")
        assert approvals.agreed_to_look(kestrel.pk, by=vera)
        Whereabouts(case=kestrel, by=vera, place="Кострома").save(force_insert=True)
        assert not approvals.agreed_to_look(kestrel.pk, by=vera)
        with pytest.raises(Denied):
            self.look(Whereabouts.objects.filter(case=kestrel).latest("at"), vera)

    def test_not_for_somebody_else_than_whoever_asked(self, place, kestrel, vera, mara, ilya, acting):
        asked = self.ask(kestrel, vera)
        with acting(mara):
            approvals.answer(asked.pk, given=True, by=mara, session="device of mara")
        with acting(ilya), pytest.raises(Denied):
            self.look(place, ilya)


class TestKeys:
    def test_they_lie_in_another_database(self, kestrel):
        assert sql("SELECT to_regclass('relocation_wrappedkey')") == (None,)
        with connections["keys"].cursor() as cursor:
            cursor.execute(
                "SELECT current_database(), to_regclass('relocation_wrappedkey')::text, to_regclass('relocation_case')"
            )
            assert cursor.fetchone() == (connections["keys"].settings_dict["NAME"], "relocation_wrappedkey", None)
        assert connections["keys"].settings_dict["NAME"] != connection.settings_dict["NAME"]

    def test_each_case_has_its_own_and_each_compartment_its_own(self, kestrel, mara, acting):
        with acting(mara):
            heron = refer(referral(alias="Heron"), by=mara)
        found = {
            keys.subkey(case.pk, compartment)[0] for case in (kestrel, heron) for compartment in ("identity", "claim", "location")
        }
        assert len(found) == 6

    def test_in_hand_for_one_request_and_no_longer(self, kestrel, django_assert_num_queries):
        with keys.keys_in_hand(), django_assert_num_queries(1, using="keys"):
            for _again in range(3):
                keys.subkey(kestrel.pk, "identity")
        with django_assert_num_queries(1, using="keys"):
            keys.subkey(kestrel.pk, "identity")

    def test_destroyed_they_leave_noise_and_seal_nothing_ever_again(self, identity, vera):
        assert vault.shred(identity.case_id) == 1
        with pytest.raises(vault.Gone), transaction.atomic():
            vault.reveal(identity, "surname", by=vera, reason="too late")
        with pytest.raises(vault.Gone):
            Identity(case_id=identity.case_id, by=vera, surname="again").save(force_insert=True)

    def test_destroying_one_leaves_the_others(self, identity, vera, mara, acting):
        with acting(mara):
            heron = refer(referral(alias="Heron"), by=mara)
            assign(heron.pk, vera, by=mara, reason="has room")
        vault.shred(heron.pk)
        assert vault.reveal(identity, "surname", by=vera, reason="books a ticket") == SURNAME

    def test_a_new_master_key_wraps_them_anew_and_the_old_one_may_go(self, identity, vera, key_file):
        keys.write_master_key(key_file, 2)
        assert vault.rotate() == WrappedKey.objects.count() > 1
        assert vault.rotate() == 0
        assert keys.forget(1) and list(keys.master_keys()) == [2]
        assert vault.reveal(identity, "surname", by=vera, reason="books a ticket") == SURNAME

    def test_the_key_file_is_its_owners_alone(self, tmp_path):
        keys.write_master_key(tmp_path / "key")
        keys.write_master_key(tmp_path / "key", 2)
        assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
        assert len((tmp_path / "key").read_text().splitlines()) == 2

    def test_without_the_key_one_page_says_that_harbour_is_sealed(self, kestrel, vera, signed_in, key_file, settings):
        browser, page = signed_in(vera), f"/cases/{kestrel.pk}/reveal/identity/"
        with as_(vera):
            identity = Identity.objects.get()
        asks = {"what": [f"identity.surname.{identity.pk}"], "reason": "books a ticket"}
        assert SURNAME in browser.post(page, asks).content.decode()
        settings.HARBOUR_CALL = "the custodians, +49 30 0000000"
        kept = key_file.read_text()
        for written in ("", "not a key\n", "1 c2hvcnQ=\n"):
            key_file.write_text(written)
            answers = [browser.post(page, asks), browser.get("/"), browser.get("/cases/"), browser.get("/nowhere/")]
            assert {answer.status_code for answer in answers} == {503} and len({answer.content for answer in answers}) == 1
            said = answers[0].content.decode()
            assert "Harbour is sealed" in said and "+49 30 0000000" in said and SURNAME not in said and "Kestrel" not in said
            assert answers[0]["Cache-Control"] == "no-store" and answers[0]["X-Frame-Options"] == "DENY"
            assert (browser.get("/healthz").status_code, browser.get("/healthz").content) == (503, b"sealed\n")
        assert browser.get("/left").status_code == 200, "whoever must leave may"
        key_file.write_text(kept)
        assert SURNAME in browser.post(page, asks).content.decode()
        assert browser.get("/healthz").content == b"ok\n"

"""Whom the person does not want near their case: gone at once, not let in again, and nobody is told why."""

from datetime import timedelta

import pytest
from django.utils import timezone

from relocation.journey import bars, on_call
from relocation.journey.kin import NotAdmitted
from relocation.models import DutyShift, LedgerEntry, Pursuer, Vouch
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from tests.desk.test_custody import live
from tests.safety.raw import sql


def address(case):
    return f"/cases/{case.pk}/bars/"


class TestBarring:
    def test_an_account_goes_at_once_and_is_let_in_by_nobody(self, kestrel, vera, mara, tomas, greta, signed_in):
        theirs = signed_in(tomas)
        assert theirs.get(f"/cases/{kestrel.pk}/").status_code == 200
        assert signed_in(vera).post(address(kestrel), {"about": tomas.pk, "words": "he knows my brother"}).status_code == 302
        assert theirs.get(f"/cases/{kestrel.pk}/").status_code == 404
        for giver in (mara, greta):
            with acting_as(giver.pk), pytest.raises(NotAdmitted) as refused:
                access.admit(tomas, Role.WORKER, kestrel.pk, by=giver, reason="is needed")
            assert refused.value.sentence == "Tomas Oja cannot be let in to this case. Choose somebody else."
        with acting_as(mara.pk):
            said = LedgerEntry.objects.filter(case_id=kestrel.pk, about=tomas.pk).order_by("seq").values_list("what", flat=True)
            assert list(said) == ["grant.given", "grant.ended"]

    def test_the_database_refuses_it_too(self, kestrel, vera, mara, nina, acting, monkeypatch):
        with acting(vera):
            bars.bar(kestrel, by=vera, about=nina.organisation_id, words="nobody of them")
        monkeypatch.setattr(access, "_judges", [])
        with acting(mara), pytest.raises(Denied):
            access.admit(nina, Role.WORKER, kestrel.pk, by=mara, reason="is needed")

    @pytest.mark.parametrize("name", ["Oja", "tomas OJA", "Northern Light"])
    def test_a_name_bars_all_who_bear_it_and_whom_it_is_the_organisation_of(self, kestrel, mara, tomas, vera, signed_in, name):
        told = {"name": name, "words": "he told my family"}
        assert signed_in(mara).post(address(kestrel), told).status_code == 302
        assert signed_in(tomas).get(f"/cases/{kestrel.pk}/").status_code == 404
        stays = name != "Northern Light"
        assert (signed_in(vera).get(f"/cases/{kestrel.pk}/").status_code == 200) is stays
        assert (signed_in(mara).get(f"/cases/{kestrel.pk}/").status_code == 200) is stays

    def test_another_of_the_same_first_name_stays(self, kestrel, vera, mara, acting):
        with acting(vera):
            bars.bar(kestrel, by=vera, name="Tomas Berg", words="he told my family")
        assert ("tomas", "verifier") in live(kestrel, mara)

    def test_whoever_notes_it_may_not_read_it_back_and_the_page_says_no_name(self, kestrel, mara, vera, nina, signed_in):
        assert signed_in(mara).post(address(kestrel), {"about": nina.pk, "words": "she asked"}).status_code == 302
        hers = signed_in(mara).get(address(kestrel))
        assert [whom for _row, whom in hers.context["rows"]] == [""] and "she asked" not in hers.content.decode()
        assert [whom for _row, whom in signed_in(vera).get(address(kestrel)).context["rows"]] == ["Nina Salo"]

    def test_nobody_is_barred_by_a_form_without_a_name_or_by_whoever_is_not_on_the_case(
        self, kestrel, vera, charlie, hanna, greta, signed_in
    ):
        assert "Choose somebody, or write a name." in signed_in(vera).post(address(kestrel), {"words": "x"}).content.decode()
        for person in (charlie, hanna, greta):
            assert signed_in(person).post(address(kestrel), {"name": "Mara", "words": "x"}).status_code == 404
        with acting_as(charlie.pk), pytest.raises(Denied):
            bars.bar(kestrel, by=charlie, name="Mara", words="x")

    def test_the_lead_lifts_it_and_nobody_comes_back_by_that(self, kestrel, vera, mara, tomas, signed_in, acting):
        with acting(vera):
            noted = bars.bar(kestrel, by=vera, about=tomas.pk, words="he knows my brother")
        assert signed_in(mara).post(address(kestrel), {"lift": noted.pk}).status_code == 404
        assert signed_in(vera).post(address(kestrel), {"lift": noted.pk, "words": "another Tomas"}).status_code == 302
        assert ("tomas", "verifier") not in live(kestrel, mara)
        with acting(mara):
            access.admit(tomas, Role.VERIFIER, kestrel.pk, by=mara, reason="verifies again")


class TestOnCall:
    def test_whoever_is_on_call_next_comes_where_one_may_not(self, kestrel, vera, mara, ilya, nina, acting):
        now = timezone.now()
        with acting(vera):
            ends = DutyShift.objects.get(account=ilya).ends_at
            DutyShift.objects.create(account=nina, starts_at=now + timedelta(days=3), ends_at=now + timedelta(days=6))
            bars.bar(kestrel, by=vera, about=ilya.pk, words="he is my cousin")
            woken = on_call.let_in(kestrel, by=vera, reason="alarm")
        assert set(woken) == {mara, nina}
        assert ("nina", "coordinator") in live(kestrel, mara) and ("ilya", "coordinator") not in live(kestrel, mara)
        with acting(mara):
            assert sql("SELECT expires_at FROM relocation_casegrant WHERE user_id = %s", nina.pk) == (ends,)

    def test_nobody_stands_in_where_everybody_on_call_may_come(self, kestrel, vera, mara, nina, ilya, acting):
        now = timezone.now()
        with acting(vera):
            DutyShift.objects.create(account=nina, starts_at=now + timedelta(days=3), ends_at=now + timedelta(days=6))
            on_call.let_in(kestrel, by=vera, reason="alarm")
            with pytest.raises(Denied):
                until = DutyShift.objects.get(account=ilya).ends_at
                access.admit(nina, Role.COORDINATOR, kestrel.pk, by=vera, reason="alarm", until=until)
        assert ("nina", "coordinator") not in live(kestrel, mara)

    def test_where_the_last_coordinator_is_barred_the_people_on_call_answer_for_the_case(
        self, kestrel, vera, mara, ilya, signed_in, greta
    ):
        assert signed_in(vera).post(address(kestrel), {"about": mara.pk, "words": "she knows them"}).status_code == 302
        assert ("ilya", "coordinator") in live(kestrel, vera) and ("mara", "coordinator") not in live(kestrel, vera)
        assert kestrel.code in signed_in(greta).get("/access/").content.decode()


class TestKin:
    def test_nobody_who_bears_a_pursuers_name_is_let_in_unless_the_person_vouches(self, kestrel, vera, mara, nina, acting):
        with acting(vera):
            Pursuer(case=kestrel, by=vera, name="Сало Виктор", relation="uncle").save(force_insert=True)
        for role in (Role.WORKER, Role.COORDINATOR, Role.LAWYER, Role.CLINICIAN):
            with acting(mara), pytest.raises(NotAdmitted):
                access.admit(nina, role, kestrel.pk, by=mara, reason="is needed")
        with acting(vera):
            Vouch(case=kestrel, by=vera, whom="colleague", about=nina.pk, words="not a relative").save(force_insert=True)
        with acting(mara):
            access.admit(nina, Role.WORKER, kestrel.pk, by=mara, reason="is needed")
        assert ("nina", "worker") in live(kestrel, mara)

"""The access custodian: lets in and ends, sees codes and names of accounts, and reads nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from relocation.journey import bars
from relocation.models import Account, CaseGrant, Consent, LedgerEntry, Outbox
from relocation.safety import access, vault
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from tests.safety.raw import column, sql


def live(case, by) -> set[tuple[str, str]]:
    """Who may open a case now, as somebody on it sees."""
    with acting_as(by.pk):
        grants = CaseGrant.objects.filter(content_object_id=case.pk).select_related("user", "permission")
        return {(grant.user.username, str(grant.role)) for grant in grants}


def page_of(client, case):
    return client.get("/access/", {"q": case.code})


def post(client, case, **told):
    return client.post(f"/access/?q={case.code}", told)


def number(case, name, role, by):
    with acting_as(by.pk):
        return CaseGrant.objects.get(content_object_id=case.pk, user__username=name, permission__codename=role).pk


class TestFinding:
    def test_a_case_is_found_by_its_code_alone_and_nothing_of_it_is_shown(self, kestrel, greta, signed_in):
        page = page_of(signed_in(greta), kestrel).content.decode()
        assert kestrel.code in page and "Vera Lind, case lead" in page and "Tomas Oja, verifier" in page
        assert "Kestrel" not in page and "verifies" not in page and "has room for one more" not in page
        for other in ("Kestrel", kestrel.code[:4], str(kestrel.pk)):
            assert "Vera Lind, case lead" not in signed_in(greta).get("/access/", {"q": other}).content.decode()

    @pytest.mark.parametrize("name", ["vera", "mara", "anton", "hanna", "charlie", "elise"])
    def test_for_everybody_else_there_is_no_such_page(self, kestrel, ground, signed_in, name):
        for address in ("/access/", "/access/leaving/"):
            assert signed_in(ground[name]).get(address).status_code == 404

    def test_another_organisations_custodian_finds_nothing(self, kestrel, charlie, nina, signed_in, acting):
        sheila = custodian_elsewhere(charlie)
        page = page_of(signed_in(sheila), kestrel).content.decode()
        assert "No case of your organisation has this code" in page and "Vera Lind" not in page
        assert post(signed_in(sheila), kestrel, end="x").status_code == 404
        with acting(sheila), pytest.raises(Denied):
            access.admit(nina, Role.WORKER, kestrel.pk, by=sheila, reason="for a friend")


def custodian_elsewhere(charlie):
    with acting_as(None):
        return Account.objects.create(
            username="sheila", name="Sheila Moon", part="office", offices=["custodian"], organisation=charlie.organisation
        )


class TestGiving:
    def test_she_lets_in_lets_stay_and_ends_and_the_ledger_has_it(self, kestrel, greta, nina, mara, signed_in):
        browser = signed_in(greta)
        assert post(browser, kestrel, role="worker", account=nina.pk, reason="Mara is ill").status_code == 302
        assert ("nina", "worker") in live(kestrel, mara)
        assert post(browser, kestrel, renew=number(kestrel, "tomas", "verifier", mara)).status_code == 302
        assert post(browser, kestrel, end=number(kestrel, "nina", "worker", mara)).status_code == 302
        assert ("nina", "worker") not in live(kestrel, mara) and ("tomas", "verifier") in live(kestrel, mara)
        with acting_as(mara.pk):
            said = LedgerEntry.objects.filter(case_id=kestrel.pk, actor_id=greta.pk).order_by("seq").values_list("what", "detail")
            assert list(said) == [
                ("grant.given", "worker"), ("grant.ended", "verifier"), ("grant.given", "verifier"), ("grant.ended", "worker"),
            ]  # fmt: skip

    def test_a_new_lead_takes_the_place_of_the_one_before(self, kestrel, greta, nina, mara, signed_in):
        assert post(signed_in(greta), kestrel, role="lead", account=nina.pk, reason="Vera is away").status_code == 302
        assert {name for name, role in live(kestrel, mara) if role == "lead"} == {"nina"}
        with acting_as(mara.pk):
            assert LedgerEntry.objects.filter(case_id=kestrel.pk, what="case.assigned", about=nina.pk, actor_id=greta.pk).exists()
        with acting_as(greta.pk):
            assert Outbox.objects.get(key__startswith="tell_assigned:let in:").ids == {"account": str(nina.pk)}

    def test_never_herself_nor_a_host_nor_somebody_elsewhere(self, kestrel, greta, hanna, charlie, mara, signed_in):
        before = live(kestrel, mara)
        for who in (greta, hanna, charlie):
            assert post(signed_in(greta), kestrel, role="worker", account=who.pk, reason="is needed").status_code == 200
        assert live(kestrel, mara) == before

    def test_nobody_is_let_in_twice_nor_is_the_last_coordinator_ended(self, kestrel, greta, vera, mara, signed_in):
        browser = signed_in(greta)
        assert post(browser, kestrel, role="lead", account=vera.pk, reason="again").status_code == 409
        page = post(browser, kestrel, end=number(kestrel, "mara", "coordinator", mara))
        assert page.status_code == 409 and f"Nobody else coordinates {kestrel.code}" in page.content.decode()
        assert ("mara", "coordinator") in live(kestrel, mara)

    def test_a_case_without_a_coordinator_is_on_her_first_page(self, kestrel, greta, mara, signed_in):
        assert "Every case has one." in signed_in(greta).get("/access/").content.decode()
        with acting_as(mara.pk):
            sql("UPDATE relocation_casegrant SET expires_at = statement_timestamp() WHERE user_id = %s", mara.pk)
        page = signed_in(greta).get("/access/").content.decode()
        assert f"?q={kestrel.code}" in page and "Nobody answers for these" in page


class TestReadingNothing:
    def test_the_database_shows_her_no_row_of_any_case(self, kestrel, greta):
        with acting_as(greta.pk):
            for table in (
                "case",
                "casegrant",
                "identity",
                "whereabouts",
                "consent",
                "bar",
                "ledgerentry",
                "transfer",
                "grantreview",
            ):
                assert sql(f"SELECT count(*) FROM relocation_{table}") == (0,), table
            seen = column("SELECT row_to_json(c)::text FROM harbour_circles(NULL) c")
            assert len(seen) == 3 and not any("Kestrel" in row or "reason" in row for row in seen)

    def test_not_even_why_somebody_was_let_in_unless_she_wrote_it(self, kestrel, greta, mara):
        with acting_as(mara.pk):
            grant = CaseGrant.objects.get(user__username="tomas")
            assert vault.read(grant, "reason", by=mara, purpose="people") == {"reason": "verifies"}
        with acting_as(greta.pk), pytest.raises(Denied):
            vault.read(grant, "reason", by=greta, purpose="people")

    @pytest.mark.parametrize("name", ["vera", "tomas", "charlie", "anton", "hanna"])
    def test_to_others_the_functions_tell_nothing_and_do_nothing(self, kestrel, ground, mara, name):
        numbers = [number(kestrel, "mara", "coordinator", mara)]
        with acting_as(ground[name].pk):
            assert column("SELECT code FROM harbour_circles(NULL)") == []
            assert column("SELECT code FROM harbour_without_coordinator()") == []
            assert sql("SELECT count(*) FROM harbour_let_go(%s)", numbers) == (0,)
            assert sql("SELECT count(*) FROM harbour_let_all_go(%s)", mara.pk) == (0,)
            assert sql("SELECT harbour_keep(%s)", numbers) == (0,)
        assert ("mara", "coordinator") in live(kestrel, mara)


class TestSharing:
    def agreed(self, case, by, organisation, days=30, purpose="partner"):
        today = timezone.localdate()
        consent = Consent(case=case, by=by, purpose=purpose, organisation=organisation, given_on=today, words="by phone")
        consent.expires_on = today + timedelta(days=days)
        with acting_as(by.pk):
            consent.save(force_insert=True)
        return consent

    def test_somebody_elsewhere_comes_by_consent_for_as_long_as_it_lasts_and_goes_with_it(
        self, kestrel, mara, vera, charlie, signed_in
    ):
        told = {"role": "worker", "account": charlie.pk, "reason": "knows the region"}
        browser, address = signed_in(mara), f"/cases/{kestrel.pk}/people/"
        assert browser.post(address, told).status_code == 200 and ("charlie", "worker") not in live(kestrel, mara)
        consent = self.agreed(kestrel, vera, charlie.organisation, days=5)
        assert "Charlie Stone, Southern Cross" in browser.get(address).content.decode()
        assert browser.post(address, told).status_code == 302
        assert signed_in(charlie).get(f"/cases/{kestrel.pk}/").status_code == 200
        with acting_as(mara.pk):
            ends = CaseGrant.objects.get(user=charlie).expires_at
        assert timedelta(days=5) < ends - timezone.now() <= timedelta(days=6)
        signed_in(vera).post(f"/cases/{kestrel.pk}/records/consent/", {"end": consent.pk})
        assert ("charlie", "worker") not in live(kestrel, mara)
        assert signed_in(charlie).get(f"/cases/{kestrel.pk}/").status_code == 404

    def test_the_database_has_the_last_word(self, kestrel, mara, charlie):
        with acting_as(mara.pk), pytest.raises(Denied):
            access.admit(charlie, Role.WORKER, kestrel.pk, by=mara, reason="a friend")

    def test_the_form_of_consent_asks_which_organisation(self, kestrel, vera, charlie, signed_in):
        today = timezone.localdate()
        told = {"purpose": "handover", "given": "person", "language": "ru", "given_on": today, "words": "by phone"}
        told |= {"expires_on": today + timedelta(days=9)}
        address = f"/cases/{kestrel.pk}/records/consent/"
        assert "Name the organisation that the person agreed to." in signed_in(vera).post(address, told).content.decode()
        assert signed_in(vera).post(address, told | {"organisation": charlie.organisation_id}).status_code == 302


class TestMyDay:
    def test_access_that_ends_soon_is_on_the_day_of_whoever_lets_it_go_on(self, kestrel, mara, vera, nina, signed_in):
        assert not [t for t in signed_in(mara).get("/").context["rows"].week if "access" in t.sentence]
        with acting_as(mara.pk):
            given_long_ago(kestrel, nina, Role.WORKER, mara, timezone.now() - timedelta(days=10))
        assert "Nina Salo’s access as case worker ends" in [t.sentence for t in signed_in(mara).get("/").context["rows"].week]
        assert "Your access as case worker ends" in [t.sentence for t in signed_in(nina).get("/").context["rows"].week]
        assert not [t for t in signed_in(vera).get("/").context["rows"].week if "access" in t.sentence]


def given_long_ago(case, account, role, by, begun):
    """As if the role had been given then, to end in four days."""
    grant = CaseGrant(user=account, permission=access._permission(role), content_object_id=case.pk, scope=case.pk, granted_by=by)
    grant.granted_at, grant.expires_at = begun, timezone.now() + timedelta(days=4)
    grant.save(force_insert=True)


class TestBarredByTheDatabase:
    def test_the_custodian_lets_in_nobody_whom_the_person_bars(self, kestrel, greta, vera, nina, mara, signed_in):
        with acting_as(vera.pk):
            bars.bar(kestrel, by=vera, about=nina.pk, words="she knows my brother")
        page = post(signed_in(greta), kestrel, role="worker", account=nina.pk, reason="is needed")
        assert (
            page.status_code == 409 and "Nina Salo cannot be let in to this case. Choose somebody else." in page.content.decode()
        )
        assert ("nina", "worker") not in live(kestrel, mara)

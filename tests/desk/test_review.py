"""The review of access, and a leaver's cases handed over in one go."""

from datetime import timedelta

import pytest
from django.utils import timezone

from relocation.desk.review import is_due
from relocation.journey import bars, custody, leaving
from relocation.journey.leaving import NotHandedOver
from relocation.models import Account, LedgerEntry
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from tests.desk.test_custody import live, number

ADDRESS = "/access/review/"


class TestReview:
    def test_what_nobody_looked_at_for_30_days_is_due_until_it_is_kept(self, kestrel, greta, mara, vera, signed_in, monkeypatch):
        browser = signed_in(greta)
        assert "Nothing is due" in browser.get(ADDRESS).content.decode()
        with acting_as(greta.pk):
            held = custody.circles(greta)
            monkeypatch.setattr("relocation.desk.review.EVERY", timedelta(0))
            assert all(is_due(one) for one in held)
        assert "3 accesses have not been looked at for 30 days." in browser.get("/access/").content.decode()
        assert browser.post(ADDRESS, {"keep": number(kestrel, "vera", "lead", mara)}).status_code == 302
        with acting_as(greta.pk):
            assert [one.account for one in custody.circles(greta) if one.looked_at] == [vera]
        with acting_as(mara.pk):
            kept = LedgerEntry.objects.get(what="grant.kept")
            assert (kept.case_id, kept.actor_id, kept.about, kept.detail) == (kestrel.pk, greta.pk, vera.pk, "lead")

    def test_a_whole_account_is_kept_or_ended_at_once(self, kestrel, greta, mara, nina, tomas, signed_in):
        with acting_as(mara.pk):
            for role in (Role.WORKER, Role.LAWYER):
                access.admit(nina, role, kestrel.pk, by=mara, reason="is needed")
        browser = signed_in(greta)
        assert "Kept: 2 accesses." in browser.post(ADDRESS, {"keep_all": nina.pk}, follow=True).content.decode()
        assert "Ended: 2 accesses." in browser.post(ADDRESS, {"end_all": nina.pk}, follow=True).content.decode()
        assert not [name for name, _role in live(kestrel, mara) if name == "nina"]

    def test_a_coordinator_reviews_their_own_cases_and_never_their_own_access(self, kestrel, mara, tomas, charlie, signed_in):
        browser = signed_in(mara)
        page = browser.get(ADDRESS).content.decode()
        assert kestrel.code in page and "Nobody reviews their own access." in page
        assert browser.post(ADDRESS, {"keep": number(kestrel, "mara", "coordinator", mara)}).status_code == 404
        assert browser.post(ADDRESS, {"keep": number(kestrel, "tomas", "verifier", mara)}).status_code == 302
        assert browser.post(ADDRESS, {"end": number(kestrel, "tomas", "verifier", mara)}).status_code == 302
        assert ("tomas", "verifier") not in live(kestrel, mara)

    def test_whoever_answers_for_nothing_sees_and_ends_nothing(self, kestrel, vera, charlie, mara, anton, signed_in):
        for person in (vera, charlie):
            page = signed_in(person).get(ADDRESS).content.decode()
            assert "There is no access that you answer for." in page and kestrel.code not in page
            lead = number(kestrel, "vera", "lead", mara)
            assert signed_in(person).post(ADDRESS, {"end": lead}).status_code == 404
        assert signed_in(anton).get(ADDRESS).status_code == 404
        assert ("vera", "lead") in live(kestrel, mara)

    def test_accounts_that_nobody_used_for_60_days_are_named(self, kestrel, greta, nina, signed_in):
        assert "There is none." in signed_in(greta).get(ADDRESS).content.decode()
        Account.objects.filter(pk=nina.pk).update(last_login=timezone.now() - timedelta(days=61))
        assert f"/access/leaving/?leaver={nina.pk}" in signed_in(greta).get(ADDRESS).content.decode()


def told(leaver, heir, **more):
    return {"leaver": leaver.pk, "heir": heir.pk, "reason": "moves away"} | {name: a.pk for name, a in more.items()}


class TestLeaving:
    address = "/access/leaving/"

    def agreed(self, browser, choice):
        page = browser.post(self.address, choice)
        assert page.status_code == 200 and page.context["plan"] is not None
        return page.context["plan"]

    def test_everything_is_previewed_then_handed_over_in_one_go(self, kestrel, greta, mara, vera, nina, ilya, signed_in):
        with acting_as(mara.pk):
            access.admit(vera, Role.WORKER, kestrel.pk, by=mara, reason="also works on it")
        hers, browser, choice = signed_in(vera), signed_in(greta), told(vera, nina, new_lead=ilya)
        assert hers.get(f"/cases/{kestrel.pk}/").status_code == 200
        plan = self.agreed(browser, choice)
        assert {(str(line.held.role), line.heir.username) for line in plan.lines} == {("lead", "ilya"), ("worker", "nina")}
        assert ("vera", "lead") in live(kestrel, mara)
        assert browser.post(self.address, choice | {"agreed": plan.digest}).status_code == 302
        assert {("ilya", "lead"), ("nina", "worker")} <= live(kestrel, mara)
        assert not [name for name, _role in live(kestrel, mara) if name == "vera"]
        assert not Account.objects.get(pk=vera.pk).is_active
        assert hers.get(f"/cases/{kestrel.pk}/").status_code == 302
        with acting_as(greta.pk):
            assert LedgerEntry.objects.filter(what="account.closed", about=vera.pk).exists()

    def test_what_changed_since_the_preview_is_looked_at_again(self, kestrel, greta, mara, tomas, nina, signed_in):
        browser, choice = signed_in(greta), told(tomas, nina)
        plan = self.agreed(browser, choice)
        with acting_as(mara.pk):
            access.admit(tomas, Role.WORKER, kestrel.pk, by=mara, reason="is needed")
        page = browser.post(self.address, choice | {"agreed": plan.digest})
        assert page.status_code == 200 and "has changed since you looked" in page.content.decode()
        assert Account.objects.get(pk=tomas.pk).is_active

    def test_not_to_whom_the_person_bars(self, kestrel, greta, mara, vera, tomas, nina, signed_in):
        with acting_as(vera.pk):
            bars.bar(kestrel, by=vera, name="Salo", words="that family")
        plan = self.agreed(signed_in(greta), told(tomas, nina))
        assert plan.obstacles == [
            f"Nina Salo cannot take over {kestrel.code}. Let somebody else in there first, and end what is handed over there."
        ]
        with acting_as(greta.pk), pytest.raises(NotHandedOver):
            leaving.hand_over(plan, nina, by=greta, reason="moves away")
        assert ("tomas", "verifier") in live(kestrel, mara)

    def test_not_to_somebody_who_would_verify_what_they_lead(self, kestrel, greta, mara, vera, tomas, nina, signed_in):
        browser = signed_in(greta)
        both = f"would both lead {kestrel.code} and verify it."
        for leaver, heir in ((vera, tomas), (tomas, vera)):
            plan = self.agreed(browser, told(leaver, heir))
            assert [said.partition(" Let")[0] for said in plan.obstacles] == [f"{heir} {both}"]
            with acting_as(greta.pk), pytest.raises(NotHandedOver):
                leaving.hand_over(plan, heir, by=greta, reason="moves away")
        assert {("vera", "lead"), ("tomas", "verifier")} <= live(kestrel, mara)
        assert not self.agreed(browser, told(vera, nina)).obstacles

    def test_not_oneself_not_to_oneself_not_to_a_host_and_not_by_others(
        self, kestrel, greta, mara, tomas, hanna, charlie, nina, signed_in
    ):
        browser = signed_in(greta)
        for choice in (told(greta, nina), told(tomas, greta), told(tomas, hanna), told(tomas, charlie), told(charlie, nina)):
            assert browser.post(self.address, choice).context["plan"] is None
        assert self.agreed(browser, told(tomas, tomas)).obstacles == ["Choose somebody other than the one who leaves."]
        with acting_as(greta.pk):
            for heir in (greta, hanna, charlie):
                plan = leaving.plan(tomas, heir, by=greta)
                assert plan.obstacle
                with pytest.raises(NotHandedOver):
                    leaving.hand_over(plan, heir, by=greta, reason="moves away")
        assert ("tomas", "verifier") in live(kestrel, mara)

"""Break-glass, and looking at a place alone: at once, loud, half an hour, looked at by somebody else; and what is refused."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from relocation.jobs import danger
from relocation.journey import incident
from relocation.journey.advance import advance
from relocation.journey.glass import break_glass
from relocation.models import BreakGlass, CaseGrant, Deadline, LedgerEntry, Outbox, Signal, Whereabouts, system_account
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from tests.cast import afresh
from tests.safety.raw import sql

PAGE = "/danger/"
PLACE = "Нижний Новгород"


def opens(browser, called, why="She calls from the border and nobody answers."):
    return browser.post(PAGE, {"called": called, "why": why})


def rows(kind):
    with acting_as(system_account("outbox")):
        return list(Outbox.objects.filter(kind=kind).order_by("pk"))


class TestBreakingTheGlass:
    def test_opens_at_once_tells_two_others_and_everybody_and_is_looked_at(self, kestrel, ground, signed_in) -> None:
        nina, mara, vera = ground["nina"], ground["mara"], ground["vera"]
        hers = signed_in(nina)
        assert hers.get(f"/cases/{kestrel.pk}/").status_code == 404
        assert opens(hers, kestrel.code.lower()).url == f"/cases/{kestrel.pk}/"
        page = hers.get(f"/cases/{kestrel.pk}/").content.decode()
        assert "Look at the place" in page and "Take the step" not in page
        shown = hers.post(f"/cases/{kestrel.pk}/reveal/location/", {"show": "1", "reason": "to send help"})
        assert PLACE in shown.content.decode()

        with acting_as(rows("tell_danger")[0].originator_id):
            assert {ground["mara"], ground["ilya"]} <= set(danger.watching(rows("tell_danger")[0]))
        assert {str(kestrel.pk)} == {row.ids["case"] for row in rows("tell_case")} and len(rows("tell_case")) == 2

        with acting_as(mara.pk):
            said = set(LedgerEntry.objects.filter(case_id=kestrel.pk, actor_id=nina.pk).values_list("what", flat=True))
            due = Deadline.objects.get(case=kestrel, what="glass", done_at=None)
        assert {"grant.given", "glass.broken", "incident.looked", "reveal.whereabouts.place"} <= said
        assert due.due_at - timezone.now() <= timedelta(hours=24)
        assert "Opened in an emergency" in signed_in(mara).get("/approvals/").content.decode()
        assert "Opened in an emergency" not in signed_in(vera).get("/approvals/").content.decode()

        review = f"/cases/{kestrel.pk}/deadlines/{due.pk}/"
        assert "nobody answers" in signed_in(mara).get(review).content.decode()
        assert signed_in(mara).post(review, {"reason": "talked to Nina"}).status_code == 200  # no verdict
        assert hers.post(review, {"reason": "it was fine", "verdict": "needed"}).status_code == 404
        assert signed_in(mara).post(review, {"reason": "talked to Nina", "verdict": "needed"}).status_code == 302
        with acting_as(mara.pk):
            assert LedgerEntry.objects.get(case_id=kestrel.pk, what="glass.reviewed").detail == "needed"

    def test_reads_for_half_an_hour_and_writes_nothing(self, kestrel, ground, signed_in) -> None:
        nina = ground["nina"]
        with acting_as(nina.pk):
            break_glass("Kestrel", by=nina, reason="nobody answers")
            grant = CaseGrant.objects.get(user=nina)
            assert grant.role is Role.GLASS
            assert timedelta(minutes=29) < grant.expires_at - timezone.now() <= timedelta(minutes=30)
            assert not [c for c in ("card.write", "approve", "step.detain", "admit.worker") if access.may(nina, c, kestrel.pk)]
            later = "SET expires_at = now() + interval '1 day' WHERE"
            with pytest.raises(DatabaseError), transaction.atomic():
                sql(f"UPDATE relocation_casegrant {later} user_id = %s", nina.pk)
            assert sql(f"UPDATE relocation_breakglass {later} account_id = %s", nina.pk) == 0
            assert CaseGrant.objects.get(user=nina).expires_at == grant.expires_at
        with acting_as(ground["mara"].pk):
            access.dismiss(nina, Role.GLASS, kestrel.pk, by=ground["mara"])  # a coordinator may end it before
        assert signed_in(nina).get(f"/cases/{kestrel.pk}/").status_code == 404

    def test_what_is_not_opened_answers_the_same_and_often_alarms(self, kestrel, ground, signed_in) -> None:
        nina, charlie, hanna = ground["nina"], ground["charlie"], ground["hanna"]
        answers = {
            opens(signed_in(charlie), called).content.decode().count("Nothing was opened") for called in (kestrel.code, "7777-77")
        }
        assert answers == {1}
        assert opens(signed_in(hanna), kestrel.code).status_code == 404  # a host has no such page
        with acting_as(hanna.pk):
            assert break_glass(kestrel.code, by=hanna, reason="x") is None
        with acting_as(nina.pk), pytest.raises(ValueError, match="Say why"):
            break_glass(kestrel.code, by=nina, reason=" ")

        with acting_as(nina.pk):
            assert break_glass(kestrel.code, by=nina, reason="x") == kestrel.pk
            assert break_glass(kestrel.code, by=nina, reason="x") is None  # one at a time
        with acting_as(ground["mara"].pk):
            assert Signal.objects.filter(account=nina, kind="glass").count() == 1
        with acting_as(nina.pk):
            assert not Signal.objects.exists()
        with acting_as(charlie.pk):
            for _n in range(3):
                break_glass("7777-77", by=charlie, reason="x")
        with acting_as(ground["mara"].pk):
            assert Signal.objects.filter(account=charlie, kind="glass").count() == 1

    def test_three_a_day_and_no_fourth(self, kestrel, ground) -> None:
        nina = ground["nina"]
        with acting_as(nina.pk):
            for _n in range(3):
                assert break_glass(kestrel.code, by=nina, reason="x")
                CaseGrant.objects.filter(user=nina).update(expires_at=timezone.now())
            assert break_glass(kestrel.code, by=nina, reason="x") is None
            assert BreakGlass.objects.filter(account=nina).count() == 3

    def test_nobody_gives_it_to_anybody(self, kestrel, ground) -> None:
        for giver in ("mara", "greta"):
            with acting_as(ground[giver].pk), pytest.raises(Denied):
                until = timezone.now() + timedelta(minutes=5)
                access.admit(ground["nina"], Role.GLASS, kestrel.pk, by=ground[giver], reason="x", until=until, scope=kestrel.pk)


class TestDuringAnIncident:
    @pytest.fixture
    def detained(self, kestrel, ground):
        with acting_as(ground["vera"].pk):
            advance(kestrel, "detain", by=ground["vera"], version=afresh(kestrel, ground["vera"]).version, reason="taken at noon")
        with acting_as(ground["mara"].pk):
            access.admit(ground["nina"], Role.LAWYER, kestrel.pk, by=ground["mara"], reason="goes there")
        return afresh(kestrel, ground["vera"])

    def test_the_lawyer_and_the_people_on_call_look_alone_and_everybody_is_told(self, detained, ground, signed_in) -> None:
        page = f"/cases/{detained.pk}/reveal/location/"
        for name in ("nina", "ilya"):
            assert "You look alone" in signed_in(ground[name]).get(page).content.decode()
            assert PLACE in signed_in(ground[name]).post(page, {"show": "1", "reason": "on the way"}).content.decode()
        assert signed_in(ground["ilya"]).post(page, {"show": "1", "reason": "pressed twice"}).status_code == 200
        assert len(rows("tell_case")) == 3
        assert PLACE not in signed_in(ground["vera"]).post(page, {"show": "1", "reason": "on the way"}).content.decode()
        assert signed_in(ground["tomas"]).post(page, {"show": "1", "reason": "on the way"}).status_code == 404

    def test_and_not_once_the_alarm_is_settled_nor_without_a_reason(self, detained, ground, signed_in) -> None:
        mara, nina = ground["mara"], ground["nina"]
        page = f"/cases/{detained.pk}/reveal/location/"
        assert PLACE not in signed_in(nina).post(page, {"show": "1", "reason": " "}).content.decode()
        with acting_as(mara.pk):
            due = Deadline.objects.get(case=detained, kind=Deadline.Kind.ALARM, done_at=None)
        signed_in(mara).post(f"/cases/{detained.pk}/deadlines/{due.pk}/", {"reason": "the lawyer is there"})
        assert signed_in(nina).post(page, {"show": "1", "reason": "on the way"}).status_code == 404
        with acting_as(nina.pk):
            assert not incident.may_look_alone(detained, nina) and not Whereabouts.objects.filter(case=detained).exists()

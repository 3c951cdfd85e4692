"""The door: in which order it asks, and that it does everything or nothing."""

import itertools
import json
import threading
import time
import uuid

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conftest import BOTH
from relocation.journey.advance import advance
from relocation.journey.facts import Declined, OnHold, Place
from relocation.journey.refusals import Blocked
from relocation.models import Case, CaseGrant, DuplicateCheck, LedgerEntry, Outbox
from relocation.safety import access, chain
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied, Stale
from relocation.safety.sealed import unseal
from tests.journey.company import in_days
from tests.proofs.crowd import at_once
from tests.safety.committed import afresh, as_

SEVERAL = pytest.mark.django_db(transaction=True, databases=BOTH)


@pytest.fixture
def ready(referred, vera):
    """Kestrel, for whom `verify` is possible."""
    with as_(vera):
        DuplicateCheck(case=referred, by=vera).save(force_insert=True)
    return referred


def verify(case, vera, version=0):
    with acting_as(vera.pk):
        return advance(case.pk, "verify", by=vera, version=version)


class TestTheOrderOfTheDoor:
    def test_access_comes_before_the_version_the_version_before_the_conditions(self, referred, vera, charlie):
        with acting_as(charlie.pk), pytest.raises(Denied):
            advance(referred.pk, "verify", by=charlie, version=99)
        with pytest.raises(Stale):
            verify(referred, vera, version=99)
        with pytest.raises(Blocked):
            verify(referred, vera)

    def test_a_stranger_is_told_what_is_told_of_a_case_that_never_was(self, ready, charlie):
        said = []
        for case_id in (ready.pk, uuid.uuid4()):
            with acting_as(charlie.pk), pytest.raises(Denied) as refused:
                advance(case_id, "verify", by=charlie, version=0)
            said.append((str(refused.value), refused.value.sentence, refused.value.status, refused.value.detail))
        assert said[0] == said[1]

    def test_a_colleague_without_the_role_is_denied_too(self, ready, mara):
        with acting_as(mara.pk), pytest.raises(Denied):
            advance(ready.pk, "verify", by=mara, version=0)

    def test_an_account_that_was_closed_moves_nothing(self, ready, vera):
        vera.is_active = False
        with pytest.raises(Denied):
            verify(ready, vera)

    def test_whoever_comes_second_is_told_that_it_moved(self, ready, vera):
        verify(ready, vera)
        with pytest.raises(Stale) as refused:
            verify(ready, vera)
        assert refused.value.status == 409

    def test_what_does_not_lead_on_says_so(self, ready, vera, mara):
        for step, by, rest, says in (
            ("abort", vera, {"facts": Place("here"), "reason": "x"}, "does not lead on from here"),
            ("verify", vera, {"emergency": "now"}, "cannot be taken as an emergency"),
            ("decline", mara, {"reason": "not ours"}, "must be told more"),
            ("decline", mara, {"facts": Declined("a lawyer"), "reason": " "}, "Say why"),
        ):
            with acting_as(by.pk), pytest.raises(Blocked, match="blocked") as refused:
                advance(ready.pk, step, by=by, version=0, **rest)
            assert says in refused.value.sentence


class TestWhatIsMissing:
    def test_each_reason_says_what_who_and_where(self, referred, vera):
        with pytest.raises(Blocked) as refused:
            verify(referred, vera)
        assert refused.value.detail == "duplicates_seen"
        for unmet in (judgement.outcome for judgement in refused.value.unmet):
            assert str(unmet.sentence).endswith(".")
            assert unmet.mend or unmet.by
            assert unmet.mend.route == "desk:record" and unmet.mend.arguments == (referred.pk, "duplicates")
            assert unmet.mend.url == reverse("desk:record", args=[referred.pk, "duplicates"]) and unmet.since

    def test_all_of_it_is_said_at_once(self, kestrel, mara):
        with acting_as(mara.pk), pytest.raises(Blocked) as refused:
            advance(kestrel, "accept", by=mara, version=kestrel.version)
        assert [j.name for j in refused.value.unmet] == ["corroborated", "risk_assessed"]
        assert [j.outcome.by for j in refused.value.unmet] == [(Role.VERIFIER,), (Role.LEAD, Role.VERIFIER)]

    def test_nothing_has_changed(self, referred, vera):
        with pytest.raises(Blocked):
            verify(referred, vera)
        case = afresh(referred, vera)
        assert (case.stage, case.version) == ("referred", 0)


class TestWhatItLeaves:
    def test_a_new_version_an_entry_and_a_job(self, ready, vera, anton):
        moved = verify(ready, vera)
        assert (moved.was, moved.now, moved.case.version) == ("referred", "verifying", 1) and "Verifying" in moved.sentence
        with as_(vera):
            entry = LedgerEntry.objects.get(what="step.verify")
            assert (entry.stage, entry.standing, entry.actor_id, entry.reason) == ("verifying", "active", vera.pk, None)
            job = Outbox.objects.get(kind="moved")
            assert job.originator == vera and json.dumps(job.ids) == json.dumps({"case": str(ready.pk)})
            assert CaseGrant.objects.get(user=vera).stage == "verifying"
            assert afresh(ready, vera).stage_since > ready.stage_since
        with as_(anton):
            assert chain.verify().broken is None

    def test_the_reason_and_the_facts_are_sealed(self, ready, mara):
        with acting_as(mara.pk):
            advance(ready, "decline", by=mara, version=0, reason="outside our mandate", facts=Declined("a lawyer in town"))
            entry = LedgerEntry.objects.get(what="step.decline")
            told = unseal(entry, "reason").decode()
        assert "outside our mandate" in told and "a lawyer in town" in told and str(entry.reason) == "•••"

    def test_secrets_among_the_facts_stay_in_their_compartment(self, company):
        company.at("travelling")
        company.step("pause_abroad", "vera", facts=Place("the green house behind the mill"))
        with as_(company.ground["vera"]):
            assert unseal(company.last_entry(), "reason") == b"" and company.last_entry().what == "step.pause_abroad"

    def test_it_costs_few_queries(self, ready, vera):
        with as_(vera), CaptureQueriesContext(connection) as asked:
            advance(ready.pk, "verify", by=vera, version=0)
        conditions = 5  # consent, duplicates, and pursuers, for whom the actor changes twice
        statements = [q["sql"] for q in asked if "SAVEPOINT" not in q["sql"]]
        assert len(statements) <= 8 + conditions, statements


@SEVERAL
class TestAllOrNothing:
    def test_at_every_statement(self, ready, vera):
        points = 0
        while not self.survives(points, ready, vera):
            with as_(vera):
                assert Case.objects.visible_to(vera).get().stage == "referred"
                assert not Outbox.objects.filter(kind="moved").exists()
                assert not LedgerEntry.objects.filter(what="step.verify").exists()
            points += 1
        assert points >= 6
        assert afresh(ready, vera).stage == "verifying"

    def survives(self, point, case, vera):
        """Take the step with the power cut before the statement of this number; whether it was taken all the same."""
        statements = itertools.count()

        def fail(execute, statement, values, many, context):
            if next(statements) == point:
                raise RuntimeError("power cut")
            return execute(statement, values, many, context)

        try:
            with connection.execute_wrapper(fail):
                verify(case, vera)
        except RuntimeError:
            return False
        return True


@SEVERAL
class TestRaces:
    def test_one_winner_among_eight(self, ready, vera):
        for turn in range(5):
            assert at_once(self.step_of(turn, ready, vera), 8) == {"done": 1, "Stale": 7}
        with as_(vera):
            assert LedgerEntry.objects.filter(what__startswith="step.").count() == 5
            assert Outbox.objects.filter(kind="moved").exists()
        assert afresh(ready, vera).version == 5

    def step_of(self, turn, case, vera):
        """Hold and go on, again and again: each turn has one step that is possible."""
        name, rest = ("hold", {"facts": OnHold(in_days(3)), "reason": "ill"}) if turn % 2 == 0 else ("resume", {})

        def take(_number):
            with acting_as(vera.pk):
                advance(case.pk, name, by=vera, version=turn, **rest)

        return take

    def test_a_grant_that_ends_while_one_waits_for_the_lock_opens_nothing(self, ready, vera, mara):
        answers, started = [], threading.Event()

        def late():
            started.wait()
            try:
                verify(ready, vera)
                answers.append("Moved")
            except Exception as error:
                answers.append(type(error).__name__)
            finally:
                connections.close_all()

        thread = threading.Thread(target=late)
        thread.start()
        with acting_as(mara.pk), transaction.atomic():
            Case._base_manager.select_for_update().get(pk=ready.pk)
            started.set()
            time.sleep(0.4)
            access.dismiss(vera, Role.LEAD, ready.pk, by=mara)
        thread.join()
        assert answers == ["Denied"]
        assert afresh(ready, mara).stage == "referred"

"""G9: nobody looks at a location alone, whatever they try; and whoever is agreed with is two clicks away from it."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import DatabaseError
from django.utils import timezone

from conftest import BOTH
from relocation.journey import approvals, people
from relocation.journey.referring import assign
from relocation.models import Account, Approval, CaseGrant, LedgerEntry, Whereabouts
from relocation.safety import access
from relocation.safety.policy import Role
from tests.proofs.crowd import at_once
from tests.proofs.tally import Tally, guarantee, scale
from tests.safety.committed import as_, kestrel, referred
from tests.safety.raw import sql

__all__ = ["kestrel", "referred"]
pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)
PLACE = "Нижний Новгород"
ASK = {"ask": "1", "reason": "She has not answered since noon."}


class Look:
    """Vera wants to look at where Kestrel is; Mara may agree."""

    def __init__(self, case, ground, signed_in) -> None:
        self.case, self.ground, self.signed_in = case, ground, signed_in
        self.vera, self.mara, self.ilya = ground["vera"], ground["mara"], ground["ilya"]
        self.page = f"/cases/{case.pk}/reveal/location/"
        self.browser = signed_in(self.vera)

    def ask(self) -> Approval:
        self.browser.post(self.page, ASK)
        with as_(self.vera):
            return Approval.objects.filter(case=self.case, by=self.vera).latest("at")

    def answer(self, approval, by: Account, device: str = ""):
        return self.signed_in(by, device).post(f"/approvals/{approval.pk}/", {"answer": "agree"})

    def shown(self, by: Account | None = None) -> bool:
        browser = self.signed_in(by) if by else self.browser
        return PLACE in browser.post(self.page, {"show": "1"}).content.decode()

    # What is tried. Each returns nothing; the place must stay closed afterwards.
    def asking_alone(self) -> None:
        self.ask()

    def agreeing_with_oneself(self) -> None:
        self.answer(self.ask(), self.vera)

    def agreeing_with_oneself_in_the_database(self) -> None:
        approval = self.ask()
        self._as(self.vera, "UPDATE relocation_approval SET given = true, decided_by_id = %s, decided_at = now() WHERE id = %s",
                 self.vera.pk, approval.pk)  # fmt: skip

    def answering_in_anothers_name(self) -> None:
        approval = self.ask()
        self._as(self.vera, "UPDATE relocation_approval SET given = true, decided_by_id = %s, decided_at = now() WHERE id = %s",
                 self.mara.pk, approval.pk)  # fmt: skip

    def an_answer_that_was_never_asked_for(self) -> None:
        self._as(self.vera, "INSERT INTO relocation_approval (id, case_id, by_id, at, what, rests_on, session, expires_at, "
                 "given, decided_by_id, decided_at) SELECT gen_random_uuid(), %s, %s, now(), 'reveal.location', '', '', "
                 "now() + interval '1 day', true, %s, now()", self.case.pk, self.vera.pk, self.mara.pk)  # fmt: skip

    def from_the_same_device(self) -> None:
        self.answer(self.ask(), self.mara, device=f"device of {self.vera.username}")

    def by_somebody_who_is_no_coordinator(self) -> None:
        self.answer(self.ask(), self.ground["tomas"])
        self.answer(self.ask(), self.ground["charlie"])

    def by_somebody_who_lost_the_role(self) -> None:
        approval = self.ask()
        with as_(self.mara):
            access.admit(self.ground["nina"], Role.COORDINATOR, self.case.pk, by=self.mara, reason="stays")
        browser = self.signed_in(self.mara)
        browser.get(f"/approvals/{approval.pk}/")
        self._end(self.mara, Role.COORDINATOR)
        browser.post(f"/approvals/{approval.pk}/", {"answer": "agree"})

    def once_it_has_run_out(self) -> None:
        approval = self.ask()
        self._as(self.vera, "UPDATE relocation_approval SET expires_at = now() WHERE id = %s", approval.pk)
        self.answer(approval, self.mara)

    def once_the_answer_is_old(self) -> None:
        self.answer(self.ask(), self.mara)
        self._back(timedelta(minutes=31))

    def once_the_place_has_changed(self) -> None:
        self.answer(self.ask(), self.mara)
        with as_(self.vera):
            Whereabouts(case=self.case, by=self.vera, place=PLACE).save(force_insert=True)

    def for_another_case(self) -> None:
        """What was agreed to about Kestrel is carried over to a case of its own."""
        approval = self.ask()
        self.answer(approval, self.mara)
        self._as(self.vera, "UPDATE relocation_approval SET case_id = gen_random_uuid() WHERE id = %s", approval.pk)
        self._back(timedelta(minutes=31))

    def what_was_declined(self) -> None:
        approval = self.ask()
        self.signed_in(self.mara).post(f"/approvals/{approval.pk}/", {"answer": "decline"})
        self.answer(approval, self.mara)

    def by_whoever_did_not_ask(self) -> None:
        """Mara agreed with Vera; that opens nothing for Mara. Vera's own look is not counted."""
        self.answer(self.ask(), self.mara)
        assert not self.shown(self.mara)
        self._back(timedelta(minutes=31))

    def after_the_lead_was_let_go(self) -> None:
        self.answer(self.ask(), self.mara)
        with as_(self.mara):
            assign(self.case.pk, self.ground["nina"], by=self.mara, reason="Vera is away")

    def used_once_more_later(self) -> None:
        self.answer(self.ask(), self.mara)
        assert self.shown()
        self._back(timedelta(minutes=31))

    def a_stranger(self) -> None:
        self.answer(self.ask(), self.mara)
        assert not self.shown(self.ground["charlie"])
        self._back(timedelta(minutes=31))

    def _as(self, account: Account, statement: str, *values: object) -> None:
        try:
            with as_(account):
                sql(statement, *values)
        except DatabaseError:
            pass

    def _end(self, account: Account, role: Role) -> None:
        with as_(account):
            grant = CaseGrant.objects.get(content_object_id=self.case.pk, user=account, permission__codename=role)
            people.end(grant, by=account)

    def _back(self, ago: timedelta) -> None:
        """As if the answer were older: the owner's word, since nobody else can say so."""
        from config.owner import as_owner

        with as_owner("default"):
            Approval._base_manager.exclude(given=None).update(decided_at=timezone.now() - ago)


ATTACKS = [name for name, value in vars(Look).items() if callable(value) and not name.startswith("_")]
ATTACKS = [name for name in ATTACKS if name not in ("ask", "answer", "shown")]


@guarantee("G9")
@pytest.mark.parametrize("attack", ATTACKS[:: scale(1, 3)])
def test_nobody_looks_alone(kestrel, ground, signed_in, tally: Tally, attack: str) -> None:
    look = Look(kestrel, ground, signed_in)
    getattr(look, attack)()
    shown = look.shown()
    tally.count("reveals", int(shown))
    tally.check(not shown, f"{attack}: the place was shown")


@guarantee("G9")
def test_the_honest_path_takes_two_clicks_of_each(kestrel, ground, signed_in, tally: Tally) -> None:
    look = Look(kestrel, ground, signed_in)
    approval = look.ask()  # the first click of hers
    look.answer(approval, look.mara)  # the only one of Mara's
    tally.check(look.shown(), "what two agreed to was not shown")  # the second of hers
    with as_(look.mara):
        told = LedgerEntry.objects.filter(case_id=kestrel.pk, what="reveal.whereabouts.place")
        tally.check(told.count() == 1, "the look is not in the ledger once")
    tally.count("clicks", 2)
    tally.count("reveals", 0)


@guarantee("G9")
def test_whoever_is_let_go_in_that_moment_answers_before_it_or_not_at_all(kestrel, ground, signed_in, tally: Tally) -> None:
    look = Look(kestrel, ground, signed_in)
    for _round in range(scale(12, 3)):
        with as_(look.mara):
            access.admit(ground["nina"], Role.COORDINATOR, kestrel.pk, by=look.mara, reason="second coordinator")
        approval = look.ask()
        works = [partial(_agree, approval, ground["nina"]), partial(_let_go, kestrel, ground["nina"], look.mara)]
        outcomes = at_once(partial(_one_of, works), len(works))
        tally.check(outcomes["done"], f"neither came through: {dict(outcomes)}")
        with as_(look.mara):
            said = LedgerEntry.objects.filter(case_id=kestrel.pk).order_by("seq")
            given = said.filter(what="approval.given", about=approval.pk).values_list("seq", flat=True).first()
            ended = said.filter(what="grant.ended", about=ground["nina"].pk).values_list("seq", flat=True).last()
        tally.check(ended, "nobody was let go")
        tally.check(given is None or (ended is not None and given < ended), "an answer came after its giver was let go")
        if given is None:
            tally.check(not look.shown(), "shown without an answer")
        look._back(timedelta(minutes=31))
        tally.count("races")


def _one_of(works: list[partial[None]], number: int) -> None:
    works[number]()


def _agree(approval: Approval, by: Account) -> None:
    with as_(by):
        approvals.answer(approval.pk, given=True, by=by, session="another device")


def _let_go(case, account: Account, by: Account) -> None:
    with as_(by):
        people.end(CaseGrant.objects.get(content_object_id=case.pk, user=account), by=by)

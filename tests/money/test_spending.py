"""Payments: below the limit they count at once, above it somebody else agrees, and none is ever changed."""

import pytest
from django.db import DatabaseError, transaction

from logistics.models import Expense, Receipt
from logistics.money import budgets, limits, spending
from logistics.money.spending import NotBooked
from relocation.intake.uploads import Clean
from relocation.journey import approvals
from relocation.models import Approval, LedgerEntry
from relocation.safety.actor import acting_as
from relocation.safety.refusal import Denied
from tests.money.conftest import LIMIT, payment


def answer(expense, by, given=True):
    with acting_as(by.pk):
        asked = Approval.objects.get(what=spending.WHAT, about=expense.pk, given=None)
        approvals.answer(asked.pk, given=given, by=by, session="of one's own")
        return Expense.objects.get(pk=expense.pk)


def standing(case, by):
    with acting_as(by.pk):
        return [(one.currency, one.spent, one.waiting) for one in budgets.of_case(case)]


class TestAPayment:
    def test_below_the_limit_counts_at_once(self, pays, kestrel, vera):
        assert pays(vera).state == "booked"
        assert standing(kestrel, vera) == [("EUR", 12_345, 0)]

    def test_above_the_limit_it_waits_until_another_coordinator_agrees(self, pays, kestrel, vera, mara, ilya):
        expense = pays(mara, LIMIT + 1)
        assert (expense.state, standing(kestrel, vera)) == ("waiting", [("EUR", 0, LIMIT + 1)])
        with acting_as(mara.pk), pytest.raises(approvals.NotAnswered, match=r"approve\.own"):
            approvals.answer(Approval.objects.get(about=expense.pk).pk, given=True, by=mara, session="another")
        agreed = answer(expense, ilya)
        assert (agreed.state, agreed.decided_by, agreed.booked_at is not None) == ("booked", ilya, True)
        assert standing(kestrel, vera) == [("EUR", LIMIT + 1, 0)]

    def test_what_is_not_agreed_to_never_counts(self, pays, kestrel, vera, mara):
        declined = answer(pays(vera, LIMIT + 1), mara, given=False)
        assert (declined.state, declined.booked_at) == ("declined", None)
        assert standing(kestrel, vera) == []

    def test_paying_in_parts_within_a_day_does_not_stay_below_the_limit(self, pays, vera, mara):
        assert [pays(vera, minor).state for minor in (30_000, 20_000, 1)] == ["booked", "booked", "waiting"]
        assert pays(mara, 30_000).state == "booked", "somebody else's payments are their own"

    def test_without_a_limit_in_its_currency_two_people_agree(self, pays, vera):
        assert pays(vera, 1, currency="KWD").state == "waiting"

    def test_nobody_decides_by_hand(self, pays, vera, mara):
        expense = pays(vera, LIMIT + 1)
        for by, told in [(vera, vera), (mara, mara), (mara, vera)]:
            with acting_as(by.pk), pytest.raises(DatabaseError), transaction.atomic():
                Expense.objects.filter(pk=expense.pk).update(state="booked", decided_by=told, booked_at=expense.at)
        for told in ({"minor": 1}, {"currency": "USD"}, {"by": mara}):
            with acting_as(vera.pk), pytest.raises(DatabaseError), transaction.atomic():
                Expense.objects.filter(pk=expense.pk).update(**told)
        with acting_as(vera.pk), pytest.raises(DatabaseError), transaction.atomic():
            expense.delete()

    def test_nobody_says_of_a_new_row_that_it_counts(self, kestrel, limit, vera):
        told = {"category": "food", "currency": "EUR", "paid_on": limit.at.date(), "state": "booked", "booked_at": limit.at}
        with acting_as(vera.pk):
            expense = Expense(case=kestrel, by=vera, minor=LIMIT + 1, **told)
            expense.save(force_insert=True)
            assert Expense.objects.get(pk=expense.pk).state == "waiting"

    @pytest.mark.parametrize(("minor", "currency"), [(0, "EUR"), (-5, "EUR"), (5, "XXX")])
    def test_nothing_less_than_nothing_and_no_unknown_currency(self, pays, vera, minor, currency):
        with pytest.raises(DatabaseError), transaction.atomic():
            pays(vera, minor, currency=currency)

    def test_its_receipt_is_sealed_with_the_case(self, kestrel, limit, vera):
        with acting_as(vera.pk):
            spending.enter(kestrel, payment(), by=vera, receipt=Clean((b"\xff\xd8\xff1", b"\xff\xd8\xff2")))
            assert [str(page.body) for page in Receipt.objects.order_by("page")] == ["•••", "•••"]

    @pytest.mark.parametrize("who", ["tomas", "hanna", "otto", "charlie"])
    def test_whoever_does_not_spend_neither_pays_nor_sees(self, request, pays, kestrel, vera, who):
        pays(vera)
        account = request.getfixturevalue(who)
        with pytest.raises(Denied), transaction.atomic():
            pays(account)
        with acting_as(account.pk):
            assert spending.access.may(account, "money.read", kestrel.pk) is False

    def test_the_ledger_knows_each_and_names_no_sum(self, pays, vera, mara):
        expense = answer(pays(vera, LIMIT + 7), mara)
        with acting_as(vera.pk):
            entries = LedgerEntry.objects.filter(about=expense.pk).order_by("seq")
            assert [(e.what, e.detail) for e in entries] == [("expense.entered", "waiting"), ("expense.booked", "")]


class TestTakingBack:
    def test_it_is_a_row_of_its_own(self, pays, kestrel, vera):
        expense = pays(vera)
        with acting_as(vera.pk):
            undone = spending.take_back(expense, by=vera, reason="entered twice")
        assert (undone.signed, undone.state) == (-12_345, "booked")
        assert standing(kestrel, vera) == [("EUR", 0, 0)]

    def test_once_and_only_what_counts(self, pays, vera):
        expense, waiting = pays(vera), pays(vera, LIMIT + 1)
        with acting_as(vera.pk):
            undone = spending.take_back(expense, by=vera, reason="twice")
            for one in (expense, undone, waiting):
                with pytest.raises(NotBooked), transaction.atomic():
                    spending.take_back(one, by=vera, reason="again")

    def test_a_large_one_waits_too_and_may_be_tried_again(self, pays, vera, mara):
        expense = answer(pays(vera, LIMIT + 1), mara)
        with acting_as(vera.pk):
            first = spending.take_back(expense, by=vera, reason="wrong", device="d")
        assert answer(first, mara, given=False).state == "declined"
        with acting_as(vera.pk):
            assert spending.take_back(expense, by=vera, reason="wrong all the same", device="d").state == "waiting"

    def test_the_database_takes_no_other_sum_back(self, pays, vera):
        expense = pays(vera)
        with acting_as(vera.pk), pytest.raises(DatabaseError), transaction.atomic():
            told = {"category": "food", "currency": "EUR", "paid_on": expense.paid_on, "reverses": expense}
            Expense(case=expense.case, by=vera, minor=12_344, **told).save(force_insert=True)


class TestLimits:
    def test_nobody_agrees_to_their_own_nor_on_the_same_device(self, coordinators, mara, ilya, vera):
        with acting_as(mara.pk):
            limit = limits.propose("USD", 100, by=mara, device="hers")
            with pytest.raises(NotBooked) as refused, transaction.atomic():
                limits.agree(limit.pk, by=mara, device="another")
            assert "somebody else" in refused.value.sentence
            with pytest.raises(DatabaseError), transaction.atomic():
                type(limit).objects.filter(pk=limit.pk).update(agreed_by=ilya)
        with acting_as(ilya.pk), pytest.raises(NotBooked) as refused, transaction.atomic():
            limits.agree(limit.pk, by=ilya, device="hers")
        assert "same device" in refused.value.sentence
        with acting_as(vera.pk), pytest.raises(Denied), transaction.atomic():
            limits.agree(limit.pk, by=vera, device="vera's")
        with acting_as(ilya.pk):
            limits.agree(limit.pk, by=ilya, device="his")
            assert [(one.currency, one.minor) for one in limits.standing(ilya)] == [("USD", 100)]
            with pytest.raises(NotBooked), transaction.atomic():
                limits.agree(limit.pk, by=ilya, device="his")

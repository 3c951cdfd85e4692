"""The pages of money, as each person sees them."""

from datetime import date
from itertools import count

import pytest
from django.utils import timezone

from logistics.models import Expense, Funder, Limit, Rate, Report, WaveBudget
from logistics.money import limits, reporting, spending, suppression
from relocation.desk.approvals import for_me
from relocation.journey import waves
from relocation.models import Approval
from relocation.safety.actor import acting_as
from tests.money.conftest import LIMIT, payment


def page(client, path):
    answer = client.get(path)
    return answer.content.decode() if answer.status_code == 200 else answer.status_code


def form(**told):
    usual = {"amount": "1 234,50", "currency": "EUR", "category": "housing", "paid_on": timezone.localdate().isoformat()}
    return usual | told


class TestACasesMoney:
    def test_from_the_case_page_it_is_entered_in_two_clicks(self, signed_in, kestrel, limit, vera):
        client, address = signed_in(vera), f"/cases/{kestrel.pk}/money/new/"
        assert address in page(client, f"/cases/{kestrel.pk}/")
        html = client.post(address, form(amount="123,45", payee="Landlady"), follow=True).content.decode()
        assert "Entered: 123.45" in html.replace("\u00a0", " ") and "Landlady" not in html
        with acting_as(vera.pk):
            expense = Expense.objects.get()
        assert (expense.minor, expense.currency, expense.state) == (12345, "EUR", "booked")
        assert "Landlady" in page(client, f"/cases/{kestrel.pk}/money/{expense.pk}/")

    def test_what_was_typed_stays_where_it_is_refused(self, signed_in, kestrel, limit, vera):
        late = (timezone.localdate().replace(year=2099)).isoformat()
        html = signed_in(vera).post(f"/cases/{kestrel.pk}/money/new/", form(amount="12,3,4x", payee="Shop", paid_on=late))
        said = html.content.decode()
        assert all(words in said for words in ("in digits", "still to come", "12,3,4x", "Shop"))
        with acting_as(vera.pk):
            assert not Expense.objects.exists()

    def test_above_the_limit_the_second_person_sees_it_and_one_answer_settles_it(self, signed_in, kestrel, limit, vera, mara):
        client = signed_in(vera)
        assert (
            "waits until a second person agrees"
            in client.post(f"/cases/{kestrel.pk}/money/new/", form(), follow=True).content.decode()
        )
        with acting_as(mara.pk):
            asked = Approval.objects.get(what=spending.WHAT)
            assert [one.what for one in for_me(mara)] == ["Pay an amount above the limit"]
        html = page(signed_in(mara), f"/approvals/{asked.pk}/")
        assert "1,234.50" in html and "housing" in html
        signed_in(mara).post(f"/approvals/{asked.pk}/", {"answer": "agree"})
        assert "Mara" in page(client, f"/cases/{kestrel.pk}/money/{asked.about}/")
        assert "waits" not in page(client, f"/cases/{kestrel.pk}/money/").casefold().split("</table>")[0]

    def test_it_is_taken_back_with_a_reason(self, signed_in, kestrel, pays, vera):
        address = f"/cases/{kestrel.pk}/money/{pays(vera).pk}/"
        client = signed_in(vera)
        client.post(address, {"back": "1", "reason": ""})
        with acting_as(vera.pk):
            assert Expense.objects.count() == 1
        assert "It was taken back" in client.post(address, {"back": "1", "reason": "twice"}, follow=True).content.decode()

    def test_a_budget_says_what_is_left(self, signed_in, kestrel, pays, vera):
        pays(vera, 12_345)
        client = signed_in(vera)
        html = client.post(f"/cases/{kestrel.pk}/money/", {"amount": "200", "currency": "EUR"}, follow=True).content.decode()
        assert "76.55" in html
        pays(vera, 12_345)
        assert "46.90" in page(client, f"/cases/{kestrel.pk}/")
        assert "more than planned" in page(client, f"/cases/{kestrel.pk}/money/")

    @pytest.mark.parametrize("who", ["tomas", "charlie", "hanna", "otto"])
    def test_for_whoever_does_not_spend_it_is_not_there(self, request, signed_in, kestrel, pays, vera, who):
        expense, client = pays(vera), signed_in(request.getfixturevalue(who))
        for path in ("", "new/", f"{expense.pk}/"):
            assert page(client, f"/cases/{kestrel.pk}/money/{path}") == 404
        assert f"/cases/{kestrel.pk}/money/" not in str(page(client, f"/cases/{kestrel.pk}/"))


class TestAWave:
    def test_its_budget_is_set_by_its_coordinator_and_shows_what_its_people_cost(self, signed_in, kestrel, limit, vera, mara):
        with acting_as(mara.pk):
            wave = waves.begin("Slate", "departure", date(2099, 1, 1), by=mara)
            waves.add(wave, [kestrel.pk], by=mara)
        with acting_as(vera.pk):
            assert spending.enter(kestrel, payment(), by=vera).wave_id == wave.pk
        assert signed_in(vera).post(f"/waves/{wave.pk}/budget/", {"amount": "9", "currency": "EUR"}).status_code == 404
        signed_in(mara).post(f"/waves/{wave.pk}/budget/", {"amount": "1000", "currency": "EUR"})
        html = page(signed_in(mara), f"/waves/{wave.pk}/").replace("\u00a0", " ")
        assert "123.45 EUR" in html and "876.55 EUR" in html
        with acting_as(mara.pk):
            assert WaveBudget.objects.get().minor == 100_000


class TestTheOffice:
    def test_a_limit_needs_two_and_a_lead_sets_none(self, signed_in, coordinators, mara, ilya, vera):
        told = {"do": "limit", "amount": "500", "currency": "EUR"}
        assert signed_in(vera).post("/money/", told).status_code == 404
        signed_in(mara).post("/money/", told)
        with acting_as(mara.pk):
            proposed = Limit.objects.get()
        assert signed_in(mara).post("/money/", {"do": "agree", "limit": str(proposed.pk)}).status_code == 409
        assert (
            "500.00" in signed_in(ilya).post("/money/", {"do": "agree", "limit": str(proposed.pk)}, follow=True).content.decode()
        )
        with acting_as(vera.pk):
            assert [one.minor for one in limits.standing(vera)] == [50_000]
        for bad in ({"do": "agree", "limit": "x"}, {"do": "agree"}):
            assert signed_in(ilya).post("/money/", bad).status_code == 404

    def test_a_report_is_made_once_of_a_quarter_that_is_over_by_coordinators_alone(self, signed_in, kestrel, pays, mara, vera):
        with acting_as(mara.pk):
            funder = limits.add_funder("Lindgren Fund", by=mara)
        pays(vera, funder=funder)
        quarter = reporting.quarters()[0]
        client, told = signed_in(mara), {"funder": str(funder.pk), "quarter": quarter.isoformat()}
        html = client.post("/money/report/", told, follow=True).content.decode()
        assert "Nothing was spent" in html and "123.45" not in html
        client.post("/money/report/", told)
        with acting_as(mara.pk):
            report = Report.objects.get()
        assert signed_in(vera).get(f"/money/report/{report.pk}/").status_code == 404
        assert signed_in(vera).post("/money/report/", told).status_code == 404
        for quarter_told in (timezone.localdate().isoformat(), "soon"):
            assert client.post("/money/report/", told | {"quarter": quarter_told}).status_code in (404, 409)

    def test_a_report_leaves_as_a_paper_and_as_a_disarmed_table_with_stated_rates(self, signed_in, kestrel, limit, mara):
        figures = suppression.kept(suppression.told(_rows()))
        with acting_as(mara.pk):
            funder = limits.add_funder("=Lindgren", by=mara)
            report = Report(funder=funder, quarter=reporting.quarters()[1], figures=figures, by=mara)
            report.save(force_insert=True)
        client, address = signed_in(mara), f"/money/report/{report.pk}/"
        rate = {"currency": "EUR", "units": "1.1", "into": "USD", "stated_on": "2026-01-05", "source": "=central bank"}
        client.post(address, rate)
        assert "770.00" in page(client, address) and "=central bank" in page(client, address)
        assert "Choose another currency" in client.post(address, rate | {"into": "EUR"}).content.decode()
        assert client.post(address, {"do": "pdf"}, follow=True).content.startswith(b"%PDF-")
        table = client.post(address, {"do": "csv"}, follow=True).content.decode()
        assert "EUR,Food,7,700.00" in table and "\n=" not in table
        with acting_as(mara.pk):
            assert Rate.objects.get().into == "USD" and Funder.objects.get().name == "=Lindgren"


def _rows():
    return [(person, "food", "EUR", 10_000) for person in range(7)]


def test_the_payments_of_many_add_up(kestrel, pays, vera):
    numbers = count(1)
    assert sum(pays(vera, next(numbers)).signed for _ in range(4)) == 10 <= LIMIT

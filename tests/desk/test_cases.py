"""The list of cases."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from relocation.desk import cases as page
from relocation.journey.referring import NewCase, refer
from relocation.models import Deadline
from relocation.safety import access
from relocation.safety.access import CaseGrant
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role


def listed(client, query: str = "") -> str:
    answer = client.get(f"/cases/{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def more(mara, number: int):
    with acting_as(mara.pk):
        return [refer(NewCase(alias=f"Wren{n}", consent_given_on=timezone.localdate()), by=mara) for n in range(number)]


def about_the_session(sql: str) -> bool:
    return "django_session" in sql or '"relocation_account"."password"' in sql


class TestList:
    def test_it_shows_the_cases_that_one_may_open(self, signed_in, vera, kestrel):
        assert "Kestrel" in listed(signed_in(vera))

    def test_somebody_elses_case_is_not_there_and_not_counted(self, signed_in, charlie, kestrel):
        html = listed(signed_in(charlie))
        assert "Kestrel" not in html
        assert "No case is open to you" in html

    def test_two_roles_on_one_case_are_one_row(self, signed_in, mara, tomas, kestrel):
        with acting_as(mara.pk):
            access.admit(tomas, Role.WORKER, kestrel.pk, by=mara, reason="helps with papers")
        html = listed(signed_in(tomas))
        assert html.count('scope="row"') == 1
        assert "1 case that" in html
        assert "verifier" in html
        assert "case worker" in html

    def test_a_host_has_no_list(self, signed_in, hanna, kestrel):
        assert signed_in(hanna).get("/cases/").status_code == 404

    def test_whoever_is_let_in_later_sees_the_stage_as_it_is(self, tomas, kestrel):
        with acting_as(tomas.pk):
            assert CaseGrant.objects.get(user=tomas, content_object=kestrel).stage == "verifying"

    def test_the_number_of_queries_does_not_grow_with_the_list(self, signed_in, mara, kestrel):
        client, counted = signed_in(mara), []
        for number in (1, 12):
            more(mara, number)
            client.get("/cases/")
            with CaptureQueriesContext(connection) as queries:
                client.get("/cases/")
            counted.append(len([q for q in queries if q["sql"].startswith("SELECT") and not about_the_session(q["sql"])]))
        assert counted[0] == counted[1]
        assert 0 < counted[0] <= 6


class TestPages:
    @pytest.fixture(autouse=True)
    def short(self, monkeypatch):
        monkeypatch.setattr(page, "PAGE", 2)

    def test_older_cases_follow_without_gap_or_repetition(self, signed_in, mara, kestrel):
        more(mara, 4)
        client, query, seen = signed_in(mara), "", []
        while query is not None:
            context = client.get(f"/cases/{query}").context
            seen += [row.grant.content_object.alias for row in context["rows"]]
            query = context["older"] or None
        assert sorted(seen) == ["Kestrel", "Wren0", "Wren1", "Wren2", "Wren3"]

    def test_a_key_that_means_nothing_shows_the_first_page(self, signed_in, mara, kestrel):
        assert "Kestrel" in listed(signed_in(mara), "?before=yesterday_morning")


class TestFilters:
    def test_by_phase(self, signed_in, vera, kestrel):
        assert "Kestrel" in listed(signed_in(vera), "?phase=1")
        assert "Nothing found" in listed(signed_in(vera), "?phase=5")

    def test_by_standing(self, signed_in, vera, kestrel):
        assert "Kestrel" in listed(signed_in(vera), "?standing=active")
        assert "Nothing found" in listed(signed_in(vera), "?standing=on_hold")

    def test_by_what_is_overdue(self, signed_in, vera, kestrel):
        assert "Nothing found" in listed(signed_in(vera), "?overdue=1")
        with acting_as(vera.pk):
            late = timezone.now() - timedelta(hours=1)
            Deadline(case=kestrel, by=vera, kind="answer", due_at=late).save(force_insert=True)
        assert "Kestrel" in listed(signed_in(vera), "?overdue=1")


class TestSearch:
    def test_by_code_in_any_case_and_by_the_beginning_of_an_alias(self, signed_in, vera, kestrel):
        assert kestrel.code in listed(signed_in(vera), f"?q={kestrel.code.lower()}")
        assert kestrel.code in listed(signed_in(vera), "?q=kest")

    def test_a_part_of_a_code_finds_nothing(self, signed_in, vera, kestrel):
        assert "Nothing found" in listed(signed_in(vera), f"?q={kestrel.code[:5]}")

    def test_nothing_found_does_not_tell_whether_it_exists(self, signed_in, charlie, kestrel):
        found, never = (listed(signed_in(charlie), f"?q={code}") for code in (kestrel.code, "ZZZZ-ZZ"))
        assert found.replace(kestrel.code, "ZZZZ-ZZ").split("csrf")[0] == never.split("csrf")[0]
        assert "Nothing found" in found

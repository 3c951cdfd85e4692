"""Each look at a page of a case is an entry, once; a part that renews itself is not; unwritten, nothing opens."""

import pytest
from django.db import IntegrityError, connection
from django.urls import reverse

from relocation.models import LedgerEntry, Paper
from relocation.safety.actor import acting_as

PAGES = ("desk:case", "desk:documents", "desk:people", "desk:household", "desk:papers", "passages:case", "passages:check_in")


def written(case, by):
    with acting_as(by.pk):
        found = LedgerEntry.objects.filter(case_id=case.pk, actor_id=by.pk).order_by("seq")
        return list(found.values_list("what", flat=True))


def test_every_page_of_a_case_is_written_down_each_time(kestrel, vera, signed_in):
    browser, before = signed_in(vera), len(written(kestrel, vera))
    for page in (*PAGES, "desk:case"):
        assert browser.get(reverse(page, args=[kestrel.pk])).status_code == 200
    looks = [what for what in written(kestrel, vera)[before:] if what.startswith("view.")]
    assert looks == [f"view.{page.replace(':', '.')}" for page in (*PAGES, "desk:case")]


def test_what_leads_elsewhere_or_is_not_there_is_no_look(kestrel, vera, charlie, signed_in):
    strange = reverse("desk:paper", args=[kestrel.pk, charlie.pk])
    assert signed_in(vera).get(strange).status_code == 404 and signed_in(charlie).get(strange).status_code == 404
    assert written(kestrel, vera)[-1] == "denied.post.read.part"
    assert written(kestrel, charlie) == ["denied.post.read"]


def test_a_part_that_asks_again_by_itself_is_not(kestrel, vera, signed_in):
    with acting_as(vera.pk):
        paper = Paper(case_id=kestrel.pk, by=vera, kind=Paper.Kind.DOSSIER, state=Paper.State.ORDERED)
        paper.save(force_insert=True)
    browser, page = signed_in(vera), reverse("desk:paper", args=[kestrel.pk, paper.pk])
    assert browser.get(page).status_code == 200 and browser.get(page, headers={"HX-Request": "true"}).status_code == 200
    assert written(kestrel, vera).count("view.desk.paper") == 1


def test_where_it_cannot_be_written_no_page_is_shown(kestrel, vera, signed_in):
    def refuses(execute, statement, values, many, context):
        if statement.startswith('INSERT INTO "relocation_ledgerentry"'):
            raise IntegrityError("the ledger is full")
        return execute(statement, values, many, context)

    browser = signed_in(vera)
    browser.raise_request_exception = False
    with connection.execute_wrapper(refuses):
        answer = browser.get(reverse("desk:case", args=[kestrel.pk]))
    assert answer.status_code == 500 and kestrel.alias not in answer.content.decode()


@pytest.mark.parametrize("who", ["vera", "tomas"])
def test_a_reason_goes_with_every_grant(kestrel, who, ground, mara):
    with acting_as(mara.pk):
        given = LedgerEntry.objects.get(what="grant.given", about=ground[who].pk)
        assert given.reason is not None

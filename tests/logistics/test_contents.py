"""What a travel manifest says, and to whom it says nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from logistics import changing, contents, dispatch
from relocation.models import Document, Paper, PaperSubject
from relocation.paperwork.contents import CannotMake
from relocation.safety.actor import acting_as
from tests.logistics.conftest import leg


@pytest.fixture
def flight(vera):
    with acting_as(vera.pk):
        return dispatch.add_leg(leg(mode="plane", carrier="Northline", number="N 7", needs_manifest=True, seats=4), by=vera)


@pytest.fixture
def paper(kestrel, flight, as_vera):
    dispatch.plan(kestrel, "departure", [flight], by=as_vera)
    made = Paper(case=kestrel, by=as_vera, kind=Paper.Kind.MANIFEST, recipient="Northline", about=flight.pk)
    made.save(force_insert=True)
    return made


def also(paper, case, by):
    """Put somebody else on the paper."""
    PaperSubject(case=case, by=by, paper=paper).save(force_insert=True)
    paper.people += 1
    paper.save(update_fields=["people"])


def passport(case, by, number="751234567", days=400):
    document = Document(case=case, by=by, kind="passport", expires_on=timezone.localdate() + timedelta(days=days))
    document.surname, document.given_names, document.number = "ELFOVA", "ALENA", number
    document.verified_at, document.verified_by = timezone.now(), by
    document.save(force_insert=True)


class TestManifest:
    def test_a_row_is_the_travel_document_and_nothing_more(self, paper, kestrel, as_vera):
        passport(kestrel, as_vera)
        said = contents.gather(paper, as_vera)
        assert said.columns == ("name", "document", "expires")
        assert said.rows[0][:2] == ("ELFOVA, ALENA", "Passport 751234567")
        assert (said.leg.start, said.leg.departs.tzinfo.key, said.recipient) == ("Alder", "Europe/Moscow", "Northline")

    def test_it_lists_those_whom_the_order_names_and_nobody_else_on_the_leg(self, paper, kestrel, flight, another, as_vera):
        heron, owl = another("Heron"), another("Owl")
        for case in (heron, owl):
            dispatch.plan(case, "departure", [flight], by=as_vera)
        for case, number in ((kestrel, "1"), (heron, "2"), (owl, "3")):
            passport(case, as_vera, number)
        assert [row[1] for row in contents.gather(paper, as_vera).rows] == ["Passport 1"]
        also(paper, heron, as_vera)
        assert [row[1] for row in contents.gather(paper, as_vera).rows] == ["Passport 1", "Passport 2"]

    def test_one_of_them_without_a_seat_and_it_is_not_made(self, paper, kestrel, another, as_vera):
        passport(kestrel, as_vera)
        also(paper, another("Heron"), as_vera)
        with pytest.raises(CannotMake, match="no longer has a seat"):
            contents.gather(paper, as_vera)

    @pytest.mark.parametrize("days", [None, 0])
    def test_without_a_document_valid_on_arrival_it_is_not_made(self, paper, kestrel, as_vera, days):
        if days is not None:
            passport(kestrel, as_vera, days=days)
        with pytest.raises(CannotMake, match="no verified travel document"):
            contents.gather(paper, as_vera)

    def test_without_a_seat_it_is_not_made(self, paper, kestrel, as_vera):
        dispatch.cancel(kestrel.passages.get(), by=as_vera)
        with pytest.raises(CannotMake, match="no longer has a seat"):
            contents.gather(paper, as_vera)


class TestReaders:
    """Who reads a manifest decides what stands on it."""

    @pytest.mark.parametrize(
        ("reader", "columns"), [("escort", ("case", "needs")), ("receiver", ("case", "name", "needs", "escort"))]
    )
    def test_each_reads_what_they_need_and_no_document(self, paper, kestrel, as_vera, reader, columns):
        passport(kestrel, as_vera)
        paper.reader = reader
        said = contents.gather(paper, as_vera)
        assert said.columns == columns and "Kestrel" in said.rows[0]
        assert "751234567" not in str(said.rows), "the number of a document is the carrier's alone"

    def test_for_the_escort_no_document_is_opened(self, paper, as_vera):
        paper.reader = "escort"
        assert contents.gather(paper, as_vera).rows == (("Kestrel", "quiet room"),)

    def test_over_a_border_a_carrier_passes_on_who_comes(self, paper, kestrel, flight, as_vera):
        passport(kestrel, as_vera)
        changing.change(flight, {"crossing": "in"}, by=as_vera)
        assert contents.gather(paper, as_vera).columns == contents.ACROSS

    def test_of_a_cancelled_leg_there_is_none(self, paper, flight, as_vera):
        changing.cancel(flight, by=as_vera)
        with pytest.raises(CannotMake, match="cancelled"):
            contents.gather(paper, as_vera)

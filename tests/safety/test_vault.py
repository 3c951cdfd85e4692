"""What is sealed: dots wherever it is printed, bound to its place, opened only through the vault, gone when its key is."""

import pickle
import sys

import pytest
from django import forms
from django.core import serializers
from django.utils import timezone
from django.views.debug import ExceptionReporter

from relocation.journey.referring import refer
from relocation.models import Approval, Claim, Identity, LedgerEntry
from relocation.safety import vault
from relocation.safety.refusal import Damaged, Denied
from relocation.safety.sealed import Cell, Draft, Misuse, unseal
from tests.cast import referral
from tests.safety.committed import as_
from tests.safety.raw import sql

SURNAME = "Эльфова"


@pytest.fixture
def identity(kestrel, as_vera):
    """Kestrel's name and birth, as Vera, who acts for the whole test, loads it."""
    return Identity.objects.get(case=kestrel)


def plain():
    """A word that the source of these tests does not spell out: error pages show sources."""
    return bytes.fromhex("556e73616964").decode()


def looked_up(field):
    """A lookup that mypy's plugin does not try out while it reads."""
    return {field: "x"}


def last_entry():
    return LedgerEntry.objects.order_by("at", "seq").last()


def copy_of(row, **cells):
    """Another row in memory, at the same place unless told otherwise."""
    twin = type(row)(pk=row.pk, case_id=row.case_id, by_id=row.by_id)
    for name, value in cells.items():
        setattr(twin, name, value)
    return twin


class TestDots:
    def test_wherever_it_is_printed(self, identity):
        for sealed in (identity.surname, Identity(surname="Secret").surname):
            assert {str(sealed), repr(sealed), f"{sealed:>20}", f"{sealed}"} == {"•••"}

    def test_in_values_and_deferred_rows(self, identity):
        assert str(Identity.objects.values("surname")[0]["surname"]) == "•••"
        assert str(Identity.objects.values_list("surname", flat=True)[0]) == "•••"
        assert str(Identity.objects.defer("surname").get().surname) == "•••"

    def test_nothing_readable_lies_in_the_row(self, identity):
        assert SURNAME not in sql("SELECT i::text FROM relocation_identity i")[0]
        assert SURNAME.encode() not in bytes(sql("SELECT surname FROM relocation_identity")[0])

    def test_a_form_shows_nothing_and_leaves_alone_what_was_left_blank(self, identity):
        form = forms.modelform_factory(Identity, fields=["surname", "given_names"])
        page = form(instance=identity).as_p()
        assert SURNAME not in page and "•••" not in page
        given = form({"surname": "", "given_names": "Ольга"}, instance=identity)
        assert given.is_valid() and given.changed_data == ["given_names"]
        given.save()
        assert unseal(Identity.objects.get(), "surname").decode() == SURNAME
        assert unseal(Identity.objects.get(), "given_names").decode() == "Ольга"

    def test_pickled_a_saved_row_keeps_its_secret_and_a_draft_refuses(self, identity):
        assert SURNAME.encode() not in pickle.dumps(identity)
        assert unseal(pickle.loads(pickle.dumps(identity)), "surname").decode() == SURNAME
        with pytest.raises(Misuse):
            pickle.dumps(Identity(surname="Secret"))

    def test_an_error_page_shows_dots(self, identity, rf):
        try:
            draft, state = Identity(surname=plain()), identity.__dict__
            assert draft and state and 1 / 0
        except ZeroDivisionError:
            page = ExceptionReporter(rf.get("/"), *sys.exc_info()).get_traceback_html()
        assert "\u2022\u2022\u2022" in page
        assert plain() not in page and SURNAME not in page


class TestBoundCiphertext:
    @pytest.mark.parametrize("place", ["column", "row", "case", "cut"])
    def test_a_cell_opens_in_its_own_place_only(self, identity, mara, place):
        cell, name = identity.surname, "surname"
        assert unseal(copy_of(identity, surname=cell), "surname").decode() == SURNAME
        moved = copy_of(identity)
        if place == "column":
            moved.given_names, name = cell, "given_names"
        elif place == "row":
            moved = Identity(case_id=identity.case_id, surname=cell)
        elif place == "case":
            with as_(mara):
                moved = copy_of(identity, case_id=refer(referral(alias="Heron"), by=mara).pk, surname=cell)
        else:
            moved.surname = Cell(cell.raw[:-1])
        with pytest.raises(Damaged):
            unseal(moved, name)

    def test_every_flipped_byte_is_found(self, identity):
        raw, found = identity.surname.raw, 0
        for at in range(len(raw)):
            flipped = copy_of(identity, surname=Cell(raw[:at] + bytes([raw[at] ^ 0x80]) + raw[at + 1 :]))
            with pytest.raises(Damaged):
                unseal(flipped, "surname")
            found += 1
        assert found == len(raw) > 60

    def test_a_cell_of_another_compartment_does_not_open(self, identity):
        claim = Claim.objects.get()
        with pytest.raises(Damaged):
            unseal(copy_of(claim, danger=identity.surname), "danger")

    def test_the_same_words_never_look_the_same(self, identity):
        first = identity.surname.raw
        identity.surname = SURNAME
        identity.save()
        assert Identity.objects.get().surname.raw != first

    @pytest.mark.parametrize(
        ("one", "other", "same"), [("A", "Б" * 30, True), ("A", "A" * 60, True), ("A" * 60, "A" * 61, False)]
    )
    def test_the_length_tells_little(self, identity, one, other, same):
        lengths = []
        for words in (one, other):
            identity.surname = words
            identity.save()
            lengths.append(len(Identity.objects.get().surname.raw))
            assert unseal(Identity.objects.get(), "surname").decode() == words
        assert (lengths[0] == lengths[1]) is same


MISUSES = [
    lambda row: Identity.objects.update(surname="x"),
    lambda row: Identity.objects.filter(**looked_up("surname")).exists(),
    lambda row: Identity.objects.filter(**looked_up("surname__icontains")).exists(),
    lambda row: Identity.objects.exclude(**looked_up("surname__startswith")).exists(),
    lambda row: Identity.objects.bulk_update([copy_of(row, surname="x")], ["surname"]),
    lambda row: serializers.serialize("json", [row]),
    lambda row: setattr(row, "surname", 7),
    lambda row: unseal(row, "case"),
    lambda row: hash(row.surname),
]


class TestMisuse:
    def test_it_raises(self, identity):
        for number, use in enumerate(MISUSES):
            with pytest.raises(Misuse):
                use(identity)
                pytest.fail(f"misuse {number} passed")

    def test_whether_there_is_something_may_be_asked(self, identity):
        assert Identity.objects.filter(surname__isnull=False).exists()
        assert not Identity.objects.filter(patronymic__isnull=False).exists()


class TestReveal:
    def test_it_needs_a_reason_and_a_right_and_is_in_the_ledger(self, identity, vera, tomas, acting):
        assert vault.reveal(identity, "surname", by=vera, reason="books a ticket") == SURNAME
        entry = last_entry()
        assert (entry.what, entry.actor_id, entry.about) == ("reveal.identity.surname", vera.pk, identity.pk)
        assert str(entry.reason) == "•••" and unseal(entry, "reason").decode() == "books a ticket"

    def test_without_a_reason_nothing_opens(self, identity, vera):
        entries = LedgerEntry.objects.count()
        with pytest.raises(ValueError, match="Say why"):
            vault.reveal(identity, "surname", by=vera, reason="  ")
        assert LedgerEntry.objects.count() == entries

    def test_a_stranger_gets_nothing(self, identity, charlie, acting):
        with acting(charlie), pytest.raises(Denied):
            vault.reveal(identity, "surname", by=charlie, reason="curious")

    def test_a_coordinator_does_not_read_the_danger(self, kestrel, mara, acting):
        with acting(mara), pytest.raises(Denied):
            vault.reveal(Claim(case_id=kestrel.pk), "danger", by=mara, reason="curious")

    def test_where_the_ledger_cannot_be_written_nothing_opens(self, identity, vera, monkeypatch):
        def fails(*args, **rest):
            raise RuntimeError("no ledger")

        monkeypatch.setattr("relocation.safety.ledger.record", fails)
        with pytest.raises(RuntimeError, match="no ledger"):
            vault.reveal(identity, "surname", by=vera, reason="books a ticket")


class TestRead:
    def test_what_the_role_reads_without_a_reason_is_noted_with_its_purpose(self, kestrel, vera, as_vera):
        approval = Approval(
            case=kestrel, by=vera, what="x", rests_on=b"", session=b"", reason="because", expires_at=timezone.now()
        )
        approval.save(force_insert=True)
        assert vault.read(approval, "reason", by=vera, purpose="answer it") == {"reason": "because"}
        assert (last_entry().what, last_entry().detail) == ("read.approval", "answer it")

    def test_what_needs_a_reason_is_not_read_without(self, identity, vera):
        with pytest.raises(Denied):
            vault.read(identity, "surname", by=vera, purpose="curious")

    def test_a_machine_asks_and_no_text_leaves(self, identity):
        assert vault.ask(lambda name: name == SURNAME, (identity, "surname")) is True
        assert vault.ask(lambda name: name == "Somebody", (identity, "surname")) is False

    def test_many_rows_are_unlocked_with_one_entry_a_case(self, identity, vera):
        before = LedgerEntry.objects.count()
        assert vault.unlocked([identity, identity], "surname", by=vera, purpose="likeness") == [{"surname": SURNAME}] * 2
        assert LedgerEntry.objects.count() == before + 1 and last_entry().what == "read.together"

    def test_but_not_for_whoever_could_not_reveal_them(self, identity, charlie, acting):
        with acting(charlie), pytest.raises(Denied):
            vault.unlocked([identity], "surname", by=charlie, purpose="likeness")


@pytest.mark.nodb
def test_a_draft_is_not_a_cell():
    assert Draft(b"x") != Cell(b"x") and Draft(b"x") == Draft(b"x")

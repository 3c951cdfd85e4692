"""Sealed bytes hold in their place only: short ones whole, long ones in pieces; what is damaged is a calm page and an entry."""

import secrets
import tracemalloc

import pytest

from relocation.models import Document, LedgerEntry, Scan
from relocation.safety import cells, vault
from relocation.safety.access import CaseGrant
from relocation.safety.cells import HEAD, PIECE, PIECES, PREFIX, TAG, WHOLE, Broken
from relocation.safety.refusal import Damaged
from relocation.safety.sealed import Cell, unseal
from tests.safety.raw import sql

KEY, PLACE = b"k" * 32, b"table|column|row|case"


def sealed(length, generation=1):
    plain = secrets.token_bytes(length)
    return plain, cells.close(KEY, generation, PLACE, plain)


def cut(cell):
    """The head of a long cell, and its sealed pieces."""
    start = HEAD + PREFIX
    return cell[:start], [cell[at : at + PIECE + TAG] for at in range(start, len(cell), PIECE + TAG)]


@pytest.mark.nodb
class TestLayout:
    @pytest.mark.parametrize(
        "length", [1, 60, 61, PIECE - 5, PIECE - 4, PIECE - 3, PIECE, 2 * PIECE - 4, 3 * PIECE + 1, 5_000_000]
    )
    def test_what_was_sealed_comes_out(self, length):
        plain, cell = sealed(length)
        assert cells.opened(KEY, PLACE, cell) == plain
        assert cell[0] == (WHOLE if cells.bucket(length + 4) <= PIECE else PIECES)

    def test_lengths_tell_little_and_cost_little(self):
        lengths = range(1, 300_000, 7)
        padded = [cells.bucket(length) for length in lengths]
        assert all(p >= length for p, length in zip(padded, lengths, strict=True)) and padded == sorted(padded)
        assert len(set(padded)) < 200
        assert max(p / length for p, length in zip(padded, lengths, strict=True) if length > 1024) < 1.12

    @pytest.mark.parametrize("length", [100, 70_000])
    def test_every_byte_of_head_and_every_part_counts(self, length):
        _plain, cell = sealed(length)
        places = [*range(40), *range(40, len(cell), 997), len(cell) - 1]
        for at in places:
            with pytest.raises(Broken):
                cells.opened(KEY, PLACE, cell[:at] + bytes([cell[at] ^ 1]) + cell[at + 1 :])
        for wrong in (b"", cell[:2], cell[:-1], cell + b"\0", cell[1:]):
            with pytest.raises(Broken):
                cells.opened(KEY, PLACE, wrong)
        for key, place in ((b"x" * 32, PLACE), (KEY, b"table|column|other|case")):
            with pytest.raises(Broken):
                cells.opened(key, place, cell)

    def test_pieces_cannot_be_dropped_doubled_moved_or_borrowed(self):
        _plain, cell = sealed(5 * PIECE)
        head, pieces = cut(cell)
        other = cut(sealed(5 * PIECE)[1])[1]
        assert len(pieces) == 6
        wrong = [pieces[:n] for n in range(6)]
        wrong += [pieces[:n] + pieces[n + 1 :] for n in range(6)]
        wrong += [pieces[: n + 1] + pieces[n:] for n in range(6)]
        wrong += [[*pieces[:n], pieces[n + 1], pieces[n], *pieces[n + 2 :]] for n in range(5)]
        wrong += [[*pieces[:n], other[n], *pieces[n + 1 :]] for n in range(6)]
        for arranged in wrong:
            with pytest.raises(Broken):
                cells.opened(KEY, PLACE, head + b"".join(arranged))

    def test_a_piece_is_no_whole_cell_and_the_other_way_round(self):
        for length in (100, 70_000):
            _plain, cell = sealed(length)
            with pytest.raises(Broken):
                cells.opened(KEY, PLACE, bytes([3 - cell[0]]) + cell[1:])


@pytest.fixture
def scan(kestrel, as_vera):
    """A page of Kestrel's passport, two and a half megabytes of it."""
    document = Document(case=kestrel, by=as_vera, kind="passport", number="AB 1234567")
    document.save(force_insert=True)
    page = Scan(case=kestrel, by=as_vera, document=document, sha256=b"", body=secrets.token_bytes(2_500_000))
    page.save(force_insert=True)
    return page


class TestLargeFields:
    def test_they_are_read_piece_by_piece_in_little_memory(self, scan, vera):
        whole = vault.read_bytes(Scan.objects.get(), "body", by=vera, purpose="scan")["body"]
        thin = Scan.objects.defer("body").get()
        tracemalloc.start()
        length = sum(len(piece) for piece in vault.read_pieces(thin, "body", by=vera, purpose="scan"))
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert length == len(whole) == 2_500_000 and peak < 1_200_000
        assert b"".join(vault.read_pieces(thin, "body", by=vera, purpose="scan")) == whole
        number = Document.objects.get()
        assert b"".join(vault.read_pieces(number, "number", by=vera, purpose="x")) == b"AB 1234567"
        assert list(vault.read_pieces(number, "mrz", by=vera, purpose="x")) == []

    def test_one_that_was_cut_short_is_damaged(self, scan, vera):
        sql("UPDATE relocation_scan SET body = substring(body from 1 for 10 + 65552 * 3)")
        with pytest.raises(Damaged):
            list(vault.read_pieces(scan, "body", by=vera, purpose="scan"))
        with pytest.raises(Damaged):
            vault.read_bytes(Scan.objects.get(), "body", by=vera, purpose="scan")


class TestDamaged:
    def test_it_is_a_calm_page_and_an_entry_that_says_where(self, kestrel, scan, vera, mara, signed_in):
        browser, page = signed_in(vera), f"/cases/{kestrel.pk}/documents/{scan.document_id}/"
        assert b"AB 1234567" in browser.get(page).content
        sql("UPDATE relocation_document SET number = set_byte(number, 20, get_byte(number, 20) # 1)")
        answer = browser.get(page)
        assert answer.status_code == 409 and b"This cannot be opened" in answer.content
        assert b"Traceback" not in answer.content and b"AB 1234567" not in answer.content
        entry = LedgerEntry.objects.filter(case_id=kestrel.pk).latest("seq")
        assert (entry.what, entry.detail, entry.actor_id) == ("damaged.document.number", str(scan.document_id), vera.pk)

    def test_a_key_that_was_changed_or_swapped_is_no_traceback_either(self, kestrel, scan, vera, signed_in):
        from relocation.models import WrappedKey

        key = WrappedKey.objects.get(subject_id=kestrel.pk)
        WrappedKey.objects.filter(pk=key.pk).update(wrapped=bytes(key.wrapped)[:-1] + b"\0")
        assert signed_in(vera).get(f"/cases/{kestrel.pk}/documents/{scan.document_id}/").status_code == 409


def test_the_reason_of_a_grant_opens_in_its_own_row_and_no_other(kestrel, as_vera):
    grants = list(CaseGrant.objects.filter(content_object=kestrel))
    assert len(grants) > 1 and all(unseal(grant, "reason") for grant in grants)
    grants[0].reason = Cell(grants[1].reason.raw)
    with pytest.raises(Damaged):
        unseal(grants[0], "reason")

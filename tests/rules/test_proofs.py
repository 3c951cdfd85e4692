"""The table of the proofs does not flatter: nothing tried, skipped or missing has failed."""

import pytest

from tests.proofs import report
from tests.proofs.promises import LATER, PROMISES
from tests.proofs.report import Book
from tests.proofs.tally import Row, Tally, guarantee

pytestmark = pytest.mark.nodb


def row(number: str, *held: bool, broken: bool = False) -> Row:
    counted, made = Tally(), Row(number, broken=["skipped"] if broken else [])
    for one in held:
        counted.check(one, "words")
    made.add(counted)
    return made


class TestRows:
    def test_what_was_tried_and_held_is_ok(self):
        assert row("G2", True, True).ok

    @pytest.mark.parametrize("failed", [row("G2"), row("G2", True, False), row("G2", True, broken=True)])
    def test_nothing_tried_something_lost_or_something_skipped_has_failed(self, failed):
        assert not failed.ok and failed.told()["ok"] is False

    def test_what_a_later_release_brings_has_not_failed(self):
        later = Row(sorted(LATER)[0])
        assert later.not_yet and later.told()["ok"] is None
        assert not row(sorted(LATER)[0], broken=True).not_yet

    def test_a_figure_of_zero_is_shown(self):
        counted, made = Tally(), Row("G2")
        counted.count("leaks", 0)
        made.add(counted)
        assert made.told()["leaks"] == 0

    def test_a_promise_that_nobody_made_is_not_proved(self):
        with pytest.raises(ValueError, match="G99"):
            guarantee("G99")


class TestTheWhole:
    def test_a_promise_that_nobody_tried_fails_the_run(self):
        book = Book(whole=True, rows={"G1": row("G1", True)})
        assert len(book.asked()) == len(PROMISES) and not book.ok

    def test_of_some_only_those_count(self):
        assert Book(whole=False, rows={"G1": row("G1", True)}).ok

    def test_halves_are_joined_row_by_row_and_one_that_broke_off_is_missed(self, tmp_path):
        kept, seen = tmp_path / "half", Tally()
        seen.check(True)
        seen.count("leaks", 2)
        one, whole = Book(whole=False, rows={"G1": row("G1", True, broken=True), "G2": row("G2", True)}), Book(whole=True)
        one.rows["G2"].add(seen)
        one.hand_over(kept)
        for place in (kept, kept, tmp_path / "broke off"):
            whole.join(place)
        assert whole.rows["G2"].told() | {"passed": 4, "leaks": 4, "ok": True} == whole.rows["G2"].told()
        assert not whole.rows["G1"].ok and not whole.ok

    def test_the_table_says_what_failed_and_that_a_run_was_partial(self, monkeypatch):
        monkeypatch.setattr(report, "QUICK", True)
        lines = "\n".join(Book(whole=True, rows={"G1": row("G1", True, False)}).lines())
        assert "✗ G1" in lines and "1/2" in lines and "not yet" in lines and "partial" in lines

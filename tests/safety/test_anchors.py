"""Anchors: what the owner of the database rewrites or cuts off is found against a file that is kept elsewhere."""

import json
import shutil
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, transaction

from conftest import BOTH
from relocation.jobs import anchoring, auditing
from relocation.safety import ledger
from relocation.safety.actor import acting_as
from tests.safety.committed import as_
from tests.safety.raw import owner, sql

LEDGER = "relocation_ledgerentry"


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.HARBOUR_ANCHOR_FOLDER = str(tmp_path / "anchors")
    return tmp_path / "anchors"


def look(by, folder):
    with as_(by):
        return auditing.audit(Path(folder))


class TestMaking:
    def test_one_is_made_when_the_last_is_old_enough(self, kestrel, settings):
        assert [anchoring.anchors() for _n in range(2)] == [1, 0]
        settings.HARBOUR_ANCHOR_EVERY = 0
        assert anchoring.anchors() == 1 and anchoring.window() == timedelta(0)

    def test_it_holds_every_head_and_names_nobody(self, kestrel, folder, ground, anton):
        made = anchoring.make()
        text = (folder / made.file_name).read_text()
        assert made.text() == text and made.chains == len(made.heads) and made.entries >= 5
        people = [str(account.pk) for account in ground.people.values()]
        assert not [word for word in (str(kestrel.pk), kestrel.alias, kestrel.code, *people) if word in text]
        assert anchoring.make().previous == made.hash

    def test_one_that_was_broken_off_is_finished_or_forgotten(self, kestrel, folder, anton):
        made = anchoring.make()
        (folder / made.file_name).rename(folder / f".{made.file_name}")
        (folder / ".anchor-00000007.json").write_text("{")
        again = anchoring.make()
        assert sorted(path.name for path in folder.iterdir()) == [made.file_name, again.file_name]
        assert look(anton, folder).holds

    def test_it_is_handed_to_the_operators_command_once(self, kestrel, folder, settings, tmp_path):
        kept = tmp_path / "elsewhere"
        kept.mkdir()
        settings.HARBOUR_ANCHOR_EVERY = 0
        settings.HARBOUR_ANCHOR_COMMAND = "false"
        anchoring.anchors()
        settings.HARBOUR_ANCHOR_COMMAND = f"cp -n -t {kept}"
        anchoring.anchors()
        assert len(list(kept.iterdir())) == 2  # the one that failed, and the new one
        shutil.rmtree(kept)
        anchoring.ship()
        assert not kept.exists()

    def test_nobody_but_an_auditor_and_its_sweep_asks_for_heads(self, kestrel, vera, folder):
        for statement in ("SELECT * FROM harbour_heads()", "SELECT * FROM harbour_broken()"):
            with acting_as(vera.pk), pytest.raises(ProgrammingError, match="only an auditor"), transaction.atomic():
                sql(statement)


class TestTheFolder:
    @pytest.fixture
    def three(self, kestrel, folder):
        return [anchoring.make() for _n in range(3)]

    def test_three_in_sequence_hold(self, three, folder, anton):
        found = look(anton, folder)
        assert found.holds and found.anchors == 3 and found.last == three[-1]

    @pytest.mark.parametrize("field", ["entries", "made_at", "signature", "heads", "previous", "number", "key"])
    def test_a_changed_one_is_forged(self, three, folder, anton, field):
        path = folder / three[1].file_name
        told = json.loads(path.read_text())
        changed = {"entries": 1, "made_at": "2020", "heads": [], "number": 9, "key": 7}.get(field, "ab" * 32)
        path.write_text(json.dumps(told | {field: changed}))
        assert look(anton, folder).bad == (2, "forged")

    def test_a_missing_one_is_missed_also_at_the_end(self, three, folder, anton):
        (folder / three[2].file_name).unlink()
        assert look(anton, folder).bad == (3, "missing")
        (folder / three[0].file_name).unlink()
        assert look(anton, folder).bad == (3, "missing")  # older ones may have been carried away

    def test_one_missing_between_others_too(self, three, folder, anton):
        (folder / three[1].file_name).unlink()
        assert look(anton, folder).bad == (2, "missing")


@pytest.mark.django_db(transaction=True, databases=BOTH)
def test_a_cut_off_or_rewritten_end_is_found_below_the_anchor(kestrel, vera, anton, folder):
    """The owner leaves a chain that holds in itself; only the anchor tells."""
    with as_(vera):
        ledger.record("read.identity", kestrel.pk, by=vera)
    made = anchoring.make()
    with owner():
        last = sql(f"SELECT max(seq) FROM {LEDGER} WHERE case_id = %s", kestrel.pk)[0]
        sql(f"DELETE FROM {LEDGER} WHERE case_id = %s AND seq = %s", kestrel.pk, last)
    found = look(anton, folder)
    assert found.verdict.broken is None and found.below == made.number
    assert (found.unheld.chain, found.unheld.number, found.unheld.wrong) == (kestrel.pk, last, "truncated")
    with as_(vera):
        ledger.record("read.something.else", kestrel.pk, by=vera)
    assert look(anton, folder).unheld[1:2] + look(anton, folder).unheld[3:] == (last, "rechained")
    said = StringIO()
    with pytest.raises(CommandError, match=f"Entry {last} of chain {kestrel.pk}.* written anew.* Anchor 1 says so"):
        call_command("verify_ledger", anchors=folder, stdout=said)
    with owner():
        sql(f"DELETE FROM {LEDGER} WHERE case_id = %s", kestrel.pk)
    assert look(anton, folder).unheld.wrong == "truncated"


def test_the_commands_say_what_they_found(kestrel, folder, anton, tmp_path):
    said = StringIO()
    call_command("anchor", stdout=said)
    call_command("verify_ledger", stdout=said)
    call_command("verify_ledger", account=anton.username, stdout=said)
    assert "Public key: " in said.getvalue() and said.getvalue().count("All of them hold. 1 anchor agrees.") == 2
    assert "Window: 60 minutes" in said.getvalue() and "anchor 1 of" in said.getvalue()
    with pytest.raises(CommandError, match="no folder"):
        call_command("verify_ledger", anchors=tmp_path / "nowhere")
    with pytest.raises(CommandError, match="no auditor here"):
        call_command("verify_ledger", account="vera")

"""Erasing: two people, for good, and nothing is left but ids; what was not asked for stays."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, transaction
from django.utils import timezone

from logistics.models import Leg, Passage, Seat
from relocation.embassy.verify import verdict
from relocation.journey import approvals, erasing
from relocation.models import Case, CaseGrant, Document, LedgerEntry, Paper, PaperSubject, Scan, Tombstone, WrappedKey
from relocation.safety import access, chain, keys, retention, tombstones
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from relocation.safety.sealed import unseal
from tests.safety.raw import sql

CODE = "7K2M-9QRT-4VXZ-1A3D"


@pytest.fixture(autouse=True)
def stones(settings, tmp_path):
    settings.HARBOUR_TOMBSTONE_FOLDER = str(tmp_path)


@pytest.fixture
def full(kestrel, vera):
    """Kestrel with a passport, its picture, a seat, and a paper that left."""
    with acting_as(vera.pk):
        passport = Document(case=kestrel, by=vera, kind="passport", number="AB 1234567")
        passport.save(force_insert=True)
        Scan(case=kestrel, by=vera, document=passport, sha256=b"", body=b"pixels").save(force_insert=True)
        passage = Passage(case=kestrel, by=vera, purpose=Passage.Purpose.DEPARTURE)
        passage.save(force_insert=True)
        now = timezone.now()
        leg = Leg(by=vera, mode="car", from_place="A", to_place="B", departs_at=now, arrives_at=now + timedelta(hours=1))
        leg.save(force_insert=True)
        Seat(case=kestrel, by=vera, passage=passage, leg=leg, number=1).save(force_insert=True)
        digest = hashlib.sha256(CODE.encode()).digest()
        Paper(case=kestrel, by=vera, kind="dossier", state="ready", code_digest=digest, body=b"%PDF").save(force_insert=True)
    return kestrel


def agreed(case: Case, mara: Any, ilya: Any, why: str = "demand") -> None:
    """Mara asks, Ilya agrees."""
    with acting_as(mara.pk):
        asked = erasing.ask(case, why, by=mara, reason="she asks for it", session="hers")
    with acting_as(ilya.pk):
        approvals.answer(asked.pk, given=True, by=ilya, session="his")


def left_of(case: Case) -> dict[str, int]:
    """Rows that name the case, counted by the database's owner-run functions: none of them is the app's own."""
    tables = [m._meta.db_table for m in apps.get_models() if hasattr(m, "own_by") and not m._meta.proxy]
    return {table: n for table in tables if (n := sql(f"SELECT count(*) FROM {table} WHERE case_id = %s", case.pk)[0])}


class TestTwoPeople:
    def test_erase_a_case_and_only_ids_are_left(self, full, vera, mara, ilya, anton, django_capture_on_commit_callbacks):
        passport = Document.objects.none()
        with acting_as(vera.pk):
            passport = Document.objects.get(case=full)
        agreed(full, mara, ilya)
        with acting_as(mara.pk), django_capture_on_commit_callbacks(execute=True):
            assert left_of(full)
            erasing.erase(full, "demand", by=mara)
        with acting_as(mara.pk):
            assert left_of(full) == {} and not Case.objects.visible_to(mara).filter(pk=full.pk).exists()
            assert not CaseGrant.ever.filter(content_object_id=full.pk).exists()
            assert Leg.objects.count() == 0, "a leg on which nobody else travels"
            assert (verdict(CODE).state, verdict(CODE).version) == ("revoked", 0)
        assert not WrappedKey.objects.filter(subject_id=full.pk).exists()
        with pytest.raises(keys.Gone):
            unseal(passport, "number")
        with acting_as(anton.pk):
            stone = Tombstone.objects.get()
            assert (stone.case_id, stone.why, stone.by) == (full.pk, "demand", mara.pk)
            assert chain.verify().broken is None
            assert LedgerEntry.objects.filter(case_id=full.pk).order_by("-seq").first().what == "case.erased"
        assert [one.case_id for one in tombstones.read(tombstones.place())] == [full.pk]

    def test_one_alone_does_not_nor_does_another_reason_or_a_lead(self, full, vera, mara, ilya):
        for by, why in ((mara, "demand"), (mara, "over"), (mara, "retention")):
            with acting_as(by.pk), pytest.raises(erasing.NotErased):
                erasing.erase(full, why, by=by)
        agreed(full, mara, ilya)
        with acting_as(vera.pk), pytest.raises(Denied):
            erasing.erase(full, "demand", by=vera)
        for by in (vera, ilya):  # the database itself, without the door
            with acting_as(by.pk), pytest.raises(ProgrammingError, match="may not be erased"), transaction.atomic():
                sql("SELECT harbour_erase(%s, 'demand')", full.pk)
        with acting_as(mara.pk), pytest.raises(ProgrammingError, match="may not be erased"), transaction.atomic():
            sql("SELECT harbour_erase(%s, 'over')", full.pk)
        for inner in ("harbour_wipe(%s, 'case')", "harbour_named(%s)"):
            with acting_as(mara.pk), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                sql(f"SELECT {inner}", full.pk)
        with acting_as(mara.pk), pytest.raises(ProgrammingError), transaction.atomic():
            sql("INSERT INTO relocation_tombstone (case_id, why) VALUES (%s, 'demand')", full.pk)

    def test_a_journey_that_goes_on_is_erased_only_when_the_person_asks(self, full, mara):
        with acting_as(mara.pk), pytest.raises(erasing.NotErased, match="not_erased"):
            erasing.ask(full, "over", by=mara, reason="tidy", session="hers")

    def test_somebody_elses_paper_on_which_they_stand_is_taken_back(self, full, referred, vera, mara, ilya):
        with acting_as(mara.pk):
            from relocation.journey.referring import assign, refer
            from tests.cast import referral

            other = refer(referral(alias="Wren", surname="Иная", phone="+79224125699"), by=mara)
            assign(other.pk, vera, by=mara, reason="room")
        with acting_as(vera.pk):
            paper = Paper(case=other, by=vera, kind="manifest", state="ready", body=b"%PDF", code_digest=b"2" * 32)
            paper.save(force_insert=True)
            PaperSubject(case=full, by=vera, paper=paper).save(force_insert=True)
        agreed(full, mara, ilya)
        with acting_as(mara.pk):
            erasing.erase(full, "demand", by=mara)
            paper.refresh_from_db()
            assert (paper.state, paper.body) == ("revoked", None)
            assert Case.objects.visible_to(mara).filter(pk=other.pk).exists()

    def test_nobody_bears_a_case_under_the_id_of_one_who_was_erased(self, full, mara, ilya):
        agreed(full, mara, ilya)
        with acting_as(mara.pk):
            erasing.erase(full, "demand", by=mara)
            assert not sql("SELECT harbour_unborn(%s)", full.pk)[0]
            with pytest.raises(Denied):
                access.admit(mara, Role.COORDINATOR, full.pk, by=mara, reason="again")


class TestTheCommand:
    def test_goes_no_further_than_the_page(self, full, mara, ilya, capsys):
        with pytest.raises(CommandError, match="second person"):
            call_command("erase_case", full.code, account="mara", why="demand")
        call_command("erase_case", full.code, account="mara", why="demand", dry_run=True)
        assert "rows that would go" in capsys.readouterr().out
        with pytest.raises(CommandError, match="no case"):
            call_command("erase_case", full.code, account="charlie", why="demand")
        agreed(full, mara, ilya)
        call_command("erase_case", full.code, account="mara", why="demand")
        assert "erased for good" in capsys.readouterr().out


@pytest.mark.nodb
class TestEveryTable:
    def test_says_what_becomes_of_whoever_is_erased(self):
        assert retention.unsaid() == []

    def test_and_one_that_does_not_is_noticed(self, monkeypatch):
        monkeypatch.delitem(retention.BESIDE, "relocation.household")
        assert retention.unsaid() == ["relocation.household"]

"""The ledger: chained without gaps or forks, added to only, and honest about what was refused."""

import hashlib
import json
import urllib.error
import urllib.request
import uuid
from datetime import UTC

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from conftest import BOTH
from relocation.models import Identity, LedgerEntry
from relocation.safety import chain, ledger, vault
from relocation.safety.actor import acting_as
from relocation.safety.refusal import Denied
from relocation.safety.sealed import unseal
from tests.proofs.crowd import at_once
from tests.safety.committed import as_
from tests.safety.raw import column, owner, sql

SEVERAL = pytest.mark.django_db(transaction=True, databases=BOTH)


def read_again(case_id):
    """Compute a chain once more, in Python, from its columns; how many entries hold."""
    before, number = b"", 0
    for entry in LedgerEntry.objects.filter(case_id=case_id).order_by("seq"):
        number += 1
        assert (entry.seq, bytes(entry.prev)) == (number, before)
        before = hashlib.sha256(before + line(entry).encode()).digest()
        assert bytes(entry.hash) == before
    return number


def line(entry):
    about, actor = (str(x) if x else None for x in (entry.about, entry.actor_id))
    reason = hashlib.sha256(entry.reason.raw).hexdigest() if entry.reason else None
    at = entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    told = [
        "v1",
        str(entry.id),
        str(entry.case_id),
        entry.seq,
        at,
        actor,
        entry.what,
        entry.stage,
        entry.standing,
        about,
        entry.detail,
        reason,
    ]
    return json.dumps(told, ensure_ascii=False)


class TestTheChain:
    def test_it_holds_inside_the_database_and_computed_in_python(self, kestrel, anton, acting):
        with acting(anton):
            verdict = chain.verify()
            assert verdict.broken is None and verdict.entries >= 5 and verdict.chains == 1
            assert read_again(kestrel.pk) == verdict.entries
            assert column("SELECT harbour_line(e) FROM relocation_ledgerentry e ORDER BY seq")[0] == line(
                LedgerEntry.objects.get(seq=1)
            )

    def test_it_does_not_depend_on_the_time_zone_of_a_session(self, kestrel, vera, anton, acting):
        with acting(vera):
            for zone in ("Asia/Kolkata", "America/St_Johns"):
                sql(f"SET LOCAL timezone = '{zone}'")
                ledger.record("read.identity", kestrel.pk, by=vera, detail='«ё» \\ "')
        with acting(anton):
            assert chain.verify().broken is None
            sql("SET LOCAL timezone = 'UTC'")
            assert chain.verify().broken is None and read_again(kestrel.pk) >= 7

    def test_two_cases_have_two_chains(self, kestrel, vera, anton, acting):
        other = uuid.uuid4()
        with acting(vera):
            ledger.record("read.identity", other, by=vera)
        with acting(anton):
            assert chain.verify().chains == 2 and LedgerEntry.objects.get(case_id=other).seq == 1

    def test_number_time_and_hash_are_the_databases(self, kestrel, vera, acting):
        with acting(vera):
            entry = LedgerEntry(case_id=kestrel.pk, actor_id=vera.pk, what="read.identity", seq=99, hash=b"x", prev=b"y", txid=7)
            entry.save(force_insert=True)
            kept = LedgerEntry.objects.get(pk=entry.pk)
            assert kept.seq < 99 and bytes(kept.hash) != b"x" and kept.txid != 7
            assert read_again(kestrel.pk) == kept.seq

    def test_nobody_writes_in_somebody_elses_name(self, kestrel, vera, mara, acting):
        with acting(vera), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            ledger.record("read.identity", kestrel.pk, by=mara)

    def test_whoever_knows_the_card_reads_it_a_stranger_reads_his_own(self, kestrel, tomas, charlie, acting):
        with acting(tomas):
            assert LedgerEntry.objects.filter(what="step.verify").exists()
        with acting(charlie):
            assert not LedgerEntry.objects.exists()
            ledger.keep(Denied(kestrel.pk, "case.open", charlie.pk))
            assert LedgerEntry.objects.values_list("what", flat=True).get() == "denied.case.open"


class TestReasons:
    def test_a_reason_is_sealed_and_the_chain_holds_its_hash(self, kestrel, vera, anton, acting):
        with acting(vera):
            ledger.record("reveal.identity.surname", kestrel.pk, by=vera, reason="her brother rang")
            entry = LedgerEntry.objects.get(what="reveal.identity.surname")
            assert str(entry.reason) == "•••" and unseal(entry, "reason").decode() == "her brother rang"
            assert "brother" not in sql("SELECT e::text FROM relocation_ledgerentry e WHERE id = %s", entry.pk)[0]
            assert (
                hashlib.sha256(entry.reason.raw).hexdigest()
                in column("SELECT harbour_line(e) FROM relocation_ledgerentry e WHERE id = %s", entry.pk)[0]
            )

    def test_the_chain_still_holds_when_the_case_is_erased(self, kestrel, vera, anton, acting):
        with acting(vera):
            ledger.record("reveal.identity.surname", kestrel.pk, by=vera, reason="her brother rang")
        vault.shred(kestrel.pk)
        with acting(anton):
            assert chain.verify().broken is None
            with pytest.raises(vault.Gone):
                unseal(LedgerEntry.objects.get(what="reveal.identity.surname"), "reason")


@SEVERAL
class TestTampering:
    def tampered(self, anton, *statements):
        with owner():
            for statement in statements:
                sql(statement)
        with as_(anton):
            return chain.verify().broken

    def test_nothing_is_found_where_nothing_was_done(self, kestrel, anton):
        assert self.tampered(anton) is None

    def test_the_owner_is_found_at_the_entry(self, kestrel, anton):
        """An edit, then a deletion, then a change of order, each mended before the next."""
        kept = self.tampered(anton, "CREATE TABLE kept AS SELECT * FROM relocation_ledgerentry")
        mend = (
            "DELETE FROM relocation_ledgerentry",
            "ALTER TABLE relocation_ledgerentry DISABLE TRIGGER chain",
            "INSERT INTO relocation_ledgerentry SELECT * FROM kept",
            "ALTER TABLE relocation_ledgerentry ENABLE TRIGGER chain",
        )
        try:
            assert kept is None
            for change in (
                "what = 'nothing'",
                "actor_id = gen_random_uuid()",
                "at = at - interval '1 day'",
                "stage = 'closed'",
                "reason = 'x'",
                "detail = '!'",
            ):
                assert self.tampered(anton, f"UPDATE relocation_ledgerentry SET {change} WHERE seq = 3")[:2] == (kestrel.pk, 3), (
                    change
                )
                assert self.tampered(anton, *mend) is None
            assert self.tampered(anton, "DELETE FROM relocation_ledgerentry WHERE seq = 3")[:2] == (kestrel.pk, 4)
            self.tampered(anton, *mend)
            swap = [f"UPDATE relocation_ledgerentry SET seq = {to} WHERE seq = {was}" for was, to in ((3, -1), (4, 3), (-1, 4))]
            assert self.tampered(anton, *swap)[1] in (3, 4)
            self.tampered(anton, *mend)
            assert self.tampered(anton, "DELETE FROM relocation_ledgerentry WHERE seq = 1")[:2] == (kestrel.pk, 2)
        finally:
            self.tampered(anton, "DROP TABLE kept")


@SEVERAL
class TestDenials:
    def test_those_of_twenty_strangers_at_once_do_not_fork_the_chain(self, kestrel, charlie, anton):
        with as_(anton):
            before = read_again(kestrel.pk)

        def knock(_number):
            with acting_as(charlie.pk):
                ledger.keep(Denied(kestrel.pk, "case.open", charlie.pk))

        assert at_once(knock, 20) == {"done": 20}
        with as_(anton):
            assert read_again(kestrel.pk) == before + 20 and chain.verify().broken is None

    def test_they_survive_the_rollback_of_a_request(self, kestrel, charlie, signed_in, live_server):
        session = signed_in(charlie).cookies["session"].value
        pages = [self.page(f"{live_server.url}/cases/{case_id}/", session) for case_id in (kestrel.pk, uuid.uuid4())]
        assert [status for status, _body in pages] == [404, 404] and pages[0] == pages[1]
        with as_(charlie):
            assert list(LedgerEntry.objects.values_list("what", flat=True)) == ["denied.case.open"] * 2
            assert LedgerEntry.objects.filter(case_id=kestrel.pk).exists()

    def page(self, url, session):
        request = urllib.request.Request(url, headers={"Cookie": f"session={session}"})
        with pytest.raises(urllib.error.HTTPError) as answer:
            urllib.request.urlopen(request)
        return answer.value.code, answer.value.read()

    def test_a_command_keeps_them_too_and_what_it_did_before_is_undone(self, kestrel, vera, tomas):
        with pytest.raises(Denied), acting_as(tomas.pk), ledger.refusals_kept(), transaction.atomic():
            ledger.record("read.identity", kestrel.pk, by=tomas)
            raise Denied(kestrel.pk, "location.read", tomas.pk)
        with as_(tomas):
            assert list(LedgerEntry.objects.filter(actor_id=tomas.pk).values_list("what", flat=True)) == ["denied.location.read"]

    def test_where_the_entry_cannot_be_written_nothing_is_opened(self, kestrel, vera):
        def refuses(execute, statement, values, many, context):
            if "relocation_ledgerentry" in statement:
                raise IntegrityError("the ledger is full")
            return execute(statement, values, many, context)

        with as_(vera):
            identity = Identity.objects.get()
        with pytest.raises(IntegrityError), as_(vera), connection.execute_wrapper(refuses):
            vault.reveal(identity, "surname", by=vera, reason="books a ticket")

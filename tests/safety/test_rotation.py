"""Rotation: under a newer master key, or one case under a new key of its own; killed at any moment, it goes on."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from config.owner import as_owner
from conftest import BOTH
from relocation.models import Identity, LedgerEntry, WrappedKey
from relocation.safety import cells, keys, rotation
from relocation.safety.sealed import unseal
from tests.safety.committed import as_
from tests.safety.custodians import brought
from tests.safety.test_vault import SURNAME

SEVERAL = pytest.mark.django_db(transaction=True, databases=BOTH)


@pytest.fixture
def key_file(settings, ground):
    """The master key in a file of this test's own, in memory."""
    with brought(settings) as path:
        yield path


def said(command, *arguments, **options):
    words = StringIO()
    call_command(command, *arguments, stdout=words, stderr=words, **options)
    return words.getvalue()


class TestMasterKey:
    def test_a_dry_run_counts_and_changes_nothing(self, key_file):
        keys.write_master_key(key_file, 2)
        count = WrappedKey.objects.count()
        assert f"{count} keys would be" in said("rotate_keys", dry_run=True)
        assert rotation.wrapped_by() == {1: count}
        told = said("rotate_keys")
        assert f"{count} keys are now wrapped with master key 2" in told and "unseal --forget 1" in told
        assert rotation.wrapped_by() == {2: count} and "0 keys" in said("rotate_keys")

    def test_a_key_that_no_master_key_opens_is_named_and_holds_up_no_other(self, key_file):
        broken, others = uuid4(), WrappedKey.objects.count()
        WrappedKey.objects.create(subject_id=broken, master=1, wrapped=bytes(40))
        keys.write_master_key(key_file, 2)
        with pytest.raises(CommandError, match=str(broken)):
            said("rotate_keys")
        assert rotation.wrapped_by() == {1: 1, 2: others}

    def test_where_the_older_key_is_missing_nothing_moves(self, key_file):
        keys.write_master_key(key_file, 2)
        keys.forget(1)
        with pytest.raises(CommandError, match="Master key 1 wraps keys here"):
            said("rotate_keys")

    def test_stopped_between_two_batches_every_key_opens_and_the_rest_follows(self, key_file, monkeypatch):
        known = {row.subject_id: keys.subkey(row.subject_id, "card") for row in WrappedKey.objects.all()}
        monkeypatch.setattr(rotation, "BATCH", 2)
        keys.write_master_key(key_file, 2)
        with pytest.raises(Killed):
            rotation.rewrap_all(stop_at(2))
        assert rotation.wrapped_by() == {1: len(known) - 2, 2: 2} and len(known) >= 4
        assert {subject: keys.subkey(subject, "card") for subject in known} == known
        assert rotation.rewrap_all().moved == len(known) - 2
        keys.forget(1)
        assert {subject: keys.subkey(subject, "card") for subject in known} == known


class Killed(Exception):
    """Stands for the end of the process; `make prove` kills real ones."""


def stop_at(count):
    def tell(done):
        if done >= count:
            raise Killed

    return tell


@SEVERAL
class TestOneCase:
    def cells_of(self, vera):
        with as_(vera):
            identity = Identity.objects.get()
            entries = list(LedgerEntry.objects.exclude(reason__isnull=True))
            return cells.generation_of(identity.surname.raw), unseal(identity, "surname").decode(), entries

    def test_everything_of_it_is_sealed_anew_and_opens_as_before(self, kestrel, vera, mara):
        with pytest.raises(CommandError, match="There is no case NOPE"):
            said("rotate_keys", case="NOPE", account="mara")
        with pytest.raises(CommandError, match="Say who does it"):
            said("rotate_keys", case=kestrel.code)
        assert "newest key: 0" in said("rotate_keys", case=kestrel.code, dry_run=True)
        before = self.cells_of(vera)
        assert before[:2] == (1, SURNAME)
        assert "cells sealed under its new key" in said("rotate_keys", case=kestrel.code.lower(), account="mara")
        after = self.cells_of(vera)
        assert after[:2] == (2, SURNAME) and len(after[2]) == len(before[2])
        assert sorted(WrappedKey.objects.filter(subject_id=kestrel.pk).values_list("generation", flat=True)) == [1, 2]
        with as_(mara):
            assert LedgerEntry.objects.filter(case_id=kestrel.pk, what="key.renewed", actor_id=mara.pk).count() == 1

    def test_stopped_halfway_it_goes_on_with_the_same_key(self, kestrel, vera):
        with as_owner("default"):
            assert rotation.renew(kestrel.pk) and not rotation.renew(kestrel.pk), "it has begun, and nothing is done yet"
            waiting = rotation.stale(kestrel.pk)
            with pytest.raises(Killed):
                rotation.reseal(kestrel.pk, stop_at(3))
            assert rotation.stale(kestrel.pk) == waiting - 3 > 0
        told = said("rotate_keys", case=kestrel.code, account="vera")
        assert f"new key: {waiting - 3}\n" in told and keys.newest(kestrel.pk) == 2
        assert self.cells_of(vera)[:2] == (2, SURNAME)

"""The master key comes in two shares, into memory only; each thing that may be wrong with them has its own sentence."""

import os
import pty
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from config.management.commands.unseal import CLEAR
from conftest import BOTH
from relocation.models import WrappedKey
from relocation.safety import bringing, keys, master, orphans, shares
from relocation.safety.shares import WrongShare
from tests.safety.custodians import brought


@pytest.fixture
def key_file(settings, ground):
    """The master key in a file of this test's own, in memory; it wraps the keys of the ground."""
    with brought(settings) as path:
        yield path


def unseal(monkeypatch, *typed, **options):
    """Run the command with standard input; what it says."""
    monkeypatch.setattr("sys.stdin", StringIO("\n".join(typed)))
    said = StringIO()
    call_command("unseal", stdout=said, stderr=said, **options)
    return said.getvalue()


class TestShares:
    pytestmark = pytest.mark.nodb

    def test_two_make_the_key_and_are_read_as_they_were_written(self):
        key = os.urandom(32)
        one, two = shares.split(7, key)
        slack = one.written().lower().replace("0", "o").replace("1", "l").replace("\n", "")
        assert shares.join(shares.read(slack, 1), shares.read(two.written(), 2)) == key
        assert [len(line) for line in one.written().splitlines()] == [29, 29, 29]
        assert "half" not in repr(one) and one.half.hex() not in repr(one)

    def test_each_alone_is_random(self):
        key = bytes(32)
        halves = [share.half for _ in range(200) for share in shares.split(1, key)]
        assert len(set(halves)) == 400
        ones = sum(byte.bit_count() for half in halves for byte in half)
        assert abs(ones / (400 * 36 * 8) - 0.5) < 0.02

    def test_every_slip_of_the_pen_is_found_in_its_line(self):
        one, _two = shares.split(3, os.urandom(32))
        letters = one.written().replace(" ", "").replace("\n", "")
        for at, letter in enumerate(letters):
            other = "7" if letter != "7" else "8"
            with pytest.raises(WrongShare, match=f"Line {at // 24 + 1} "):
                shares.read(letters[:at] + other + letters[at + 1 :], 1)
        lines = one.written().splitlines()
        for wrong in ("\n".join([lines[1], lines[0], lines[2]]), one.written().replace(letters[5], "Ж")):
            with pytest.raises(WrongShare, match="Line 1"):
                shares.read(wrong, 1)
        with pytest.raises(WrongShare, match=r"18 groups of four, 72 letters in all\. This has 71"):
            shares.read(letters[:-1], 1)

    def test_shares_that_do_not_belong_together(self):
        (one, two), (_three, four) = shares.split(1, os.urandom(32)), shares.split(1, os.urandom(32))
        _five, six = shares.split(2, os.urandom(32))
        assert len(shares.join(one, two)) == 32
        with pytest.raises(WrongShare, match="do not belong together"):
            shares.join(one, four)
        with pytest.raises(WrongShare, match="of key 1 and of key 2"):
            shares.join(one, six)
        with pytest.raises(WrongShare, match=r"second custodian\. The first one begins"):
            shares.read(two.written(), 1)
        with pytest.raises(WrongShare, match=r"first custodian\. Now it is the second"):
            shares.read(one.written(), 2)


class TestBringing:
    def test_two_custodians_open_a_sealed_house_and_it_is_sealed_again(self, key_file, monkeypatch):
        one, two = shares.split(1, keys.master_key(1))
        key_file.unlink()
        assert not keys.is_brought()
        assert "Master key 1 is brought" in unseal(monkeypatch, one.written(), two.written())
        assert keys.is_brought() and key_file.stat().st_mode & 0o777 == 0o600
        assert unseal(monkeypatch, one.written().replace("\n", ""), two.written()), "twice is no harm"
        assert len(key_file.read_text().splitlines()) == 1
        assert "Harbour is sealed" in unseal(monkeypatch, forget=0)
        assert not key_file.exists() and not keys.is_brought()
        with pytest.raises(CommandError, match="no such key"):
            unseal(monkeypatch, forget=0)

    def test_not_with_a_key_that_opens_nothing_here_nor_onto_a_disk(self, key_file, monkeypatch, settings):
        kept = key_file.read_text()
        key_file.unlink()
        foreign = [share.written() for share in shares.split(1, os.urandom(32))]
        with pytest.raises(CommandError, match="not the one that opens"):
            unseal(monkeypatch, *foreign)
        with pytest.raises(CommandError, match="This has 0"):
            unseal(monkeypatch, foreign[0])
        assert not key_file.exists()
        key_file.write_text(kept)
        right = [share.written() for share in shares.split(1, keys.master_key(1))]
        settings.HARBOUR_KEY_FILE = str(settings.BASE_DIR / "key")
        with pytest.raises(CommandError, match="not in memory"):
            unseal(monkeypatch, *right)
        settings.HARBOUR_KEY_FILE = ""
        with pytest.raises(CommandError, match="Set HARBOUR_KEY_FILE"):
            unseal(monkeypatch, *right)

    def test_the_next_key_is_made_brought_beside_the_first_and_takes_over(self, key_file, monkeypatch):
        one, two = bringing.make()
        assert (one.number, len(keys.master_keys())) == (2, 1), "a key that was made is kept nowhere"
        with pytest.raises(CommandError, match="terminal only"):
            unseal(monkeypatch, new=True)
        printed = unseal(monkeypatch, new=True, paper=True)
        assert printed.count("\f") == 2 and "share 2 of 2" in printed
        unseal(monkeypatch, one.written(), two.written())
        with pytest.raises(CommandError, match="Another key 2 is here"):
            unseal(monkeypatch, *(share.written() for share in shares.split(2, os.urandom(32))))
        with pytest.raises(CommandError, match="still wraps keys"):
            unseal(monkeypatch, forget=1)
        call_command("rotate_keys", stdout=StringIO())
        old = keys.master_key(1)
        assert "is taken away" in unseal(monkeypatch, forget=1) and list(keys.master_keys()) == [2]
        with pytest.raises(CommandError, match="wrapped with key 1 any more"):
            unseal(monkeypatch, *(share.written() for share in shares.split(1, old)))

    @pytest.mark.nodb
    def test_memory_is_told_from_disk(self, tmp_path, monkeypatch):
        mounts = tmp_path / "mounts"
        lines = ("/ ext4", "/run tmpfs", "/run/disk ext4", "/run/my\\040keys ramfs", "/run/over tmpfs", "/run/over ext4")
        mounts.write_text("".join(f"device {line} rw 0 0\n" for line in lines))
        monkeypatch.setattr(master, "MOUNTS", mounts)
        told = {
            place: master.in_memory(Path(place)) for place in ("/", "/run", "/run/x", "/run/disk/x", "/run/my keys", "/run/over")
        }
        assert [place for place, inside in told.items() if inside] == ["/run", "/run/x", "/run/my keys"]
        monkeypatch.setattr(master, "MOUNTS", tmp_path / "nothing")
        assert not master.in_memory(Path("/run"))


def test_on_a_terminal_each_share_is_shown_alone_and_the_screen_is_cleared(key_file, monkeypatch):
    lead, follow = pty.openpty()
    with os.fdopen(os.dup(follow), "w") as screen, os.fdopen(follow) as keyboard:
        monkeypatch.setattr("sys.stdin", keyboard)
        monkeypatch.setattr("sys.stdout", screen)
        os.write(lead, b"\n" * 4)
        call_command("unseal", new=True, stdout=screen, stderr=screen)
        screen.flush()
        said = ""
        while said.count(CLEAR) < 2:
            said += os.read(lead, 65536).decode()
    os.close(lead)
    first, _, rest = said.partition(CLEAR)
    assert "share 1 of 2" in first and "share 2 of 2" not in first
    assert "share 2 of 2" in rest and CLEAR in rest.partition("share 2 of 2")[2]
    assert list(keys.master_keys()) == [1], "nothing is brought yet"


@pytest.mark.django_db(transaction=True, databases=BOTH)
def test_keys_of_cases_never_born_are_swept_and_no_other(kestrel):
    never, young = uuid4(), uuid4()
    keys.new_key(never)
    WrappedKey.objects.update(made_at=timezone.now() - 2 * orphans.LONG_ENOUGH)
    keys.new_key(young)
    with pytest.raises(PermissionError):
        orphans.orphans()
    before, said = WrappedKey.objects.count(), StringIO()
    call_command("sweep_keys", dry_run=True, stdout=said)
    assert said.getvalue().startswith("1 key ") and WrappedKey.objects.count() == before
    call_command("sweep_keys", stdout=said)
    assert WrappedKey.objects.count() == before - 1 and not WrappedKey.objects.filter(subject_id=never).exists()
    assert orphans.sweep([young]) == 0

"""A sealed file opens as it was closed, or not at all; and the commands around it say plainly what is wrong."""

import io

import pytest
from django.core.management import CommandError, call_command

from relocation.safety import streams

pytestmark = pytest.mark.nodb
KEY = bytes(range(32))


def closed(plain: bytes, what: str = "data", key: bytes = KEY) -> bytes:
    out = io.BytesIO()
    streams.close(key, what, (plain[at : at + 700_000] for at in range(0, len(plain), 700_000)), out)
    return out.getvalue()


def opened(sealed: bytes, what: str = "data", key: bytes = KEY) -> bytes:
    return b"".join(streams.opened(key, what, io.BytesIO(sealed)))


@pytest.mark.parametrize("size", [0, 1, streams.PIECE - 1, streams.PIECE, streams.PIECE + 1, 3 * streams.PIECE])
def test_it_opens_as_it_was_closed_whatever_its_size(size):
    plain = bytes(size)
    assert opened(closed(plain)) == plain


def test_no_other_key_no_other_kind_no_cut_no_swap_and_no_flipped_byte_passes():
    whole = closed(b"a" * streams.PIECE + b"b" * streams.PIECE + b"c")
    first, piece = 40, 4 + streams.PIECE + streams.TAG
    one, two, end = whole[first : first + piece], whole[first + piece : first + 2 * piece], whole[first + 2 * piece :]
    changed = [
        whole[:-1], whole[:first], whole[: first + piece], whole[:first] + two + one + end, whole[:first] + one + end,
        whole + end, b"", b"x" + whole[1:], whole[:20] + b"\0" + whole[21:], whole[:first] + b"\xff" + whole[first + 1 :],
        *(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in (first + 5, first + piece + 9, len(whole) - 1)),
    ]  # fmt: skip
    for sealed in changed:
        with pytest.raises(streams.Broken):
            opened(sealed)
    for other in ({"what": "keys"}, {"key": bytes(32)}):
        with pytest.raises(streams.Broken):
            opened(whole, **other)


def test_what_is_wrong_is_said_plainly_and_nothing_is_written(settings, tmp_path, capsys):
    folder, key = tmp_path / "backups", tmp_path / "key"
    settings.HARBOUR_BACKUP_KEY_FILE = ""
    with pytest.raises(CommandError, match="HARBOUR_BACKUP_KEY_FILE"):
        call_command("backup", folder)
    settings.HARBOUR_BACKUP_KEY_FILE = str(key)
    with pytest.raises(CommandError, match="--new-key"):
        call_command("backup", folder)
    call_command("backup", new_key=True)
    assert key.stat().st_mode & 0o777 == 0o600 and "keep a copy elsewhere" in capsys.readouterr().out
    with pytest.raises(CommandError, match="already"):
        call_command("backup", new_key=True)
    with pytest.raises(CommandError, match="beside the backups"):
        call_command("backup", tmp_path)
    with pytest.raises(CommandError, match="no folder"):
        call_command("restore", folder)
    folder.mkdir()
    with pytest.raises(CommandError, match="no backup of the data"):
        call_command("restore", folder)
    settings.DATABASE_BACKUP = ""
    with pytest.raises(CommandError, match="DATABASE_BACKUP"):
        call_command("backup", folder)
    key.write_text("nothing")
    with pytest.raises(CommandError, match="no backup key"):
        call_command("backup", folder)
    assert list(folder.iterdir()) == []

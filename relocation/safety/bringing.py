"""Bringing the master key, making the next one, taking one away: what must hold before, each refusal a sentence."""

import secrets

from django.db.models import Max
from django.utils.translation import gettext as _

from relocation.safety import master, shares
from relocation.safety.keys import Foreign, WrappedKey, unwrap
from relocation.safety.rotation import wrapped_by
from relocation.safety.shares import Share


class NotBrought(Exception):
    """The key is not brought, made or taken away, and why."""


def make() -> tuple[Share, Share]:
    """Two shares of a new master key with the next number; the key itself is kept nowhere."""
    used = [*_brought(), *wrapped_by(), 0]
    return shares.split(max(used) + 1, secrets.token_bytes(master.LENGTH))


def bring(first: Share, second: Share) -> int:
    """Put the key of two shares into the key file. Returns its number. Raises `NotBrought`, `WrongShare`."""
    number, key = first.number, shares.join(first, second)
    path = master.place()
    if not master.in_memory(path.parent):
        told = {"folder": path.parent}
        raise NotBrought(_("%(folder)s is not in memory (tmpfs): the key would stay on a disk. Nothing was written.") % told)
    brought = _brought()
    if number in brought and brought[number] != key:
        raise NotBrought(_("Another key %(number)d is here already. Take it away first: --forget.") % {"number": number})
    _must_be_ours(number, key)
    if number not in brought:
        master.write_master_key(path, number, key)
    return number


def take_away(number: int = 0) -> bool:
    """Take away one key, or (0) all. Raises `NotBrought` where one of several still wraps keys. Returns whether it was there."""
    if number and wrapped_by().get(number) and set(_brought()) - {number}:
        told = {"number": number}
        raise NotBrought(_("Key %(number)d still wraps keys here. Run `manage.py rotate_keys` first.") % told)
    return master.forget(number)


def _must_be_ours(number: int, key: bytes) -> None:
    """A key that wraps something here must open it; one that wraps nothing must be newer than all that do."""
    row = WrappedKey.objects.filter(master=number).order_by("pk").first()
    told = {"number": number}
    if row is None:
        newest = WrappedKey.objects.aggregate(n=Max("master"))["n"] or 0
        if newest > number:
            raise NotBrought(_("Nothing here is wrapped with key %(number)d any more. Bring a newer one.") % told)
        return
    try:
        unwrap(row, key)
    except Foreign:
        raise NotBrought(_("This is a key %(number)d, but not the one that opens what is kept here.") % told) from None


def _brought() -> dict[int, bytes]:
    return dict(master.master_keys()) if master.is_brought() else {}

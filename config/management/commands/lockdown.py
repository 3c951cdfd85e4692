"""lockdown: lock everything now, or open it again where the key stayed; needs no server to lock."""

from __future__ import annotations

import getpass
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from config.owner import as_owner
from relocation.journey import on_call
from relocation.models import Account, Office
from relocation.safety import factors, lockdown, master
from shelters.models import Keeper

LIFT = frozenset({Office.KEYS, Office.OPERATOR, Office.CUSTODIAN})


class Command(BaseCommand):
    """Prints whom to reach first, then locks: pages, jobs, sessions, links, and the key is dropped."""

    help = (
        "Locks everything within seconds, also while PostgreSQL or Valkey is down. Alarms still leave. --lift takes two people."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be said on the command line."""
        parser.add_argument(
            "--lift", action="store_true", help="open again, where the key was not dropped; else: manage.py unseal"
        )
        parser.add_argument("--pack", action="store_true", help="only print whom to reach")
        parser.add_argument("--yes", action="store_true", help="do not ask, do not print whom to reach")

    def handle(self, **options: Any) -> None:
        """Lock, lift or print. Raises `CommandError` with a sentence."""
        try:
            if options["lift"]:
                self._lift()
                return
            if not options["yes"]:
                self.stdout.writelines(f"{line}\n" for line in pack())
            if not options["pack"]:
                self._lock(options["yes"])
        except master.Shut as shut:
            raise CommandError(str(shut)) from None
        except (KeyboardInterrupt, EOFError):
            raise CommandError(_("Stopped. Nothing has changed.")) from None

    def _lock(self, yes: bool) -> None:
        if not yes and input(_("Type LOCK to lock everything now: ")).strip() != "LOCK":
            raise CommandError(_("Stopped. Nothing has changed."))
        began = time.monotonic()
        closed = lockdown.close()
        self.stdout.write(_("Everything is locked, after %(seconds).1f s.") % {"seconds": time.monotonic() - began})
        if not closed.key_dropped:
            self.stdout.write(
                _("The key was not dropped: it is not here, or lies on a disk, where no shares could bring it again.")
            )
        if not closed.sessions_ended:
            self.stdout.write(_("The database does not answer. Sessions and links end before anything opens again."))

    def _lift(self) -> None:
        if not lockdown.is_locked():
            raise CommandError(_("Nothing is locked. Nothing has changed."))
        if not master.is_brought():
            raise CommandError(_("The key was dropped. Both custodians bring it, and that opens everything: manage.py unseal"))
        try:
            first = _shown_to_be(1)
            second = _shown_to_be(2)
            if first == second:
                raise CommandError(_("These are not two people. Everything stays locked."))
            lockdown.open_again()
        except DatabaseError:
            raise CommandError(_("The database does not answer. Everything stays locked.")) from None
        self.stdout.write(_("Everything is open again. Everybody signs in anew."))


def _shown_to_be(number: int) -> Account:
    """Somebody who answers for Harbour, by password and code. Raises `CommandError`, with one sentence for whatever is wrong."""
    name = _typed(_("Person %(number)d of 2, name: ") % {"number": number})
    password = _typed(_("Password (not shown): "), secret=True)
    code = _typed(_("Code of the authenticator: "))
    account = Account.objects.filter(username=name, is_active=True).first()
    if account is None or not account.check_password(password) or not _answers(account) or not factors.accept(account, code):
        raise CommandError(_("That was not right, or is not theirs to do. Everything stays locked."))
    return account


def _answers(account: Account) -> bool:
    """Whether it is theirs to open everything again: an office that holds keys, operates or lets in, or being on call."""
    from relocation.safety.actor import acting_as

    if LIFT & set(account.offices):
        return True
    with acting_as(account.pk), transaction.atomic():
        return account in [shift.account for shift in on_call.shifts()]


def _typed(question: str, *, secret: bool = False) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    return getpass.getpass(question) if secret else input(question)


def pack() -> Iterator[str]:
    """Whom to reach: the people on call, the organisations' own numbers, and the hosts of each house. Nothing sealed."""
    try:
        with suppress(ImproperlyConfigured), as_owner("default"), transaction.atomic():
            yield from _people()
            return
        yield _("Whom to reach is printed where DATABASE_OWNER is set, and stands on the page “If something is wrong”.")
    except DatabaseError:
        yield _("The database does not answer: whom to reach stands on your last printed sheet.")


def _people() -> Iterator[str]:
    yield _("On call now:")
    for shift in on_call.shifts():
        phone = shift.account.organisation.duty_phone if shift.account.organisation else ""
        yield f"  {shift.account}  {phone}  {shift.account.email}"
    yield _("Hosts:")
    for keeper in Keeper.objects.select_related("house__organisation", "account").order_by("house__code"):
        yield f"  {keeper.house.code}: {keeper.account}  {keeper.house.organisation.duty_phone}  {keeper.account.email}"

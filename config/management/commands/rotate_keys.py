"""rotate_keys: every key under the newest master key, or one case under a new key of its own."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.owner import as_owner
from relocation.models import Account, Case
from relocation.safety import ledger, master, rotation
from relocation.safety.actor import acting_as
from relocation.safety.keys import keys_in_hand
from relocation.safety.refusal import Refusal
from relocation.safety.rotation import Tell

OFTEN = 0.1  # seconds between two looks of the progress bar
WIDE = 30


class Command(BaseCommand):
    """Rotate. It may be stopped at any moment and run again; pages and jobs go on meanwhile."""

    help = (
        "Wraps every key with the newest master key, so that an older one can be taken away. With --case: seals everything "
        "of one case under a new key, after that case's key may have been seen; needs DATABASE_OWNER."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be said on the command line."""
        parser.add_argument("--dry-run", action="store_true", help="only say how much there is to do")
        parser.add_argument("--case", metavar="CODE", help="one case, by its code")
        parser.add_argument("--as", dest="account", metavar="ACCOUNT", help="with --case: who does it, for the ledger")

    def handle(self, *, case: str | None, account: str | None, dry_run: bool, **options: Any) -> None:
        """Rotate. Raises `CommandError` with a sentence."""
        try:
            if case is None:
                self._rewrap(dry_run)
            else:
                self._reseal(case, account, dry_run)
        except (master.Shut, Refusal) as refused:
            raise CommandError(getattr(refused, "sentence", "") or str(refused)) from None
        except KeyboardInterrupt:
            raise CommandError(_("Stopped. What was done stays; run it again and it goes on.")) from None

    def _rewrap(self, dry_run: bool) -> None:
        newest, found = max(master.master_keys()), rotation.wrapped_by()
        older = {number: count for number, count in found.items() if number != newest}
        if dry_run:
            self.stdout.write(_would(sum(older.values()), newest))
            return
        done = rotation.rewrap_all(self._bar(sum(older.values())))
        self.stdout.write(_wrapped(done.moved, newest))
        if done.foreign:
            raise CommandError(_("No master key opens the keys of: %s.") % ", ".join(map(str, done.foreign)))
        for number in sorted(set(master.master_keys()) - {newest}):
            self.stdout.write(_("Key %(number)d wraps nothing: manage.py unseal --forget %(number)d") % {"number": number})

    def _reseal(self, code: str, account: str | None, dry_run: bool) -> None:
        with as_owner("default"), keys_in_hand():
            case = Case._base_manager.filter(code=code.strip().upper()).first()
            by = Account.objects.filter(username=account or "", is_active=True).first()
            if case is None:
                raise CommandError(_("There is no case %(code)s.") % {"code": code})
            if dry_run:
                self.stdout.write(
                    _("Case %(code)s, cells that wait for the newest key: %(count)d")
                    % {"code": case.code, "count": rotation.stale(case.pk)}
                )
                return
            if by is None:
                raise CommandError(_("Say who does it: --as ACCOUNT, an active one."))
            with acting_as(by.pk):
                self._anew(case, by)

    def _anew(self, case: Case, by: Account) -> None:
        with transaction.atomic():
            if rotation.renew(case.pk):
                ledger.record("key.renewed", case.pk, by=by)
        done = rotation.reseal(case.pk, self._bar(rotation.stale(case.pk)))
        self.stdout.write(_("Case %(code)s, cells sealed under its new key: %(count)d") % {"code": case.code, "count": done})

    def _bar(self, total: int) -> Tell:
        """A line on a terminal's error stream that is written again and again."""
        drawn = [0.0]

        def tell(done: int) -> None:
            if sys.stderr.isatty() and (done >= total or time.monotonic() - drawn[0] > OFTEN):
                drawn[0] = time.monotonic()
                full = WIDE * done // max(total, 1)
                self.stderr.write(f"\r[{'#' * full}{'.' * (WIDE - full)}] {done}/{total}", ending="\n" if done >= total else "")
                self.stderr.flush()

        return tell


def _would(count: int, number: int) -> str:
    said = ngettext(
        "%(count)d key would be wrapped with master key %(number)d.",
        "%(count)d keys would be wrapped with master key %(number)d.",
        count,
    )
    return said % {"count": count, "number": number}


def _wrapped(count: int, number: int) -> str:
    said = ngettext(
        "%(count)d key is now wrapped with master key %(number)d.",
        "%(count)d keys are now wrapped with master key %(number)d.",
        count,
    )
    return said % {"count": count, "number": number}

"""erase_case: erase one case for good, as its coordinator, with a second person's word."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from relocation.journey import erasing
from relocation.models import Account, Case
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.keys import Shut, keys_in_hand
from relocation.safety.ledger import refusals_kept
from relocation.safety.refusal import Refusal


class Command(BaseCommand):
    """Erase. The same door as the page: nobody gets further by a command line."""

    help = (
        "Erases one case: its key, every row, all access; a tombstone that names nobody is left. A coordinator of the case "
        "asks a second person on the case's page first; this takes the step that was agreed to."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be said on the command line."""
        parser.add_argument("code", help="the case, by its code")
        parser.add_argument("--as", dest="account", metavar="ACCOUNT", required=True, help="who does it, for the ledger")
        parser.add_argument("--why", choices=[str(why) for why in erasing.REASONS], default="over", help="why (default: over)")
        parser.add_argument("--dry-run", action="store_true", help="only say what would go, and what is missing")

    def handle(self, *, code: str, account: str, why: str, dry_run: bool, **options: Any) -> None:
        """Erase, or tell. Raises `CommandError` with a sentence."""
        by = Account.objects.filter(username=account, is_active=True).first()
        if by is None:
            raise CommandError(_("Say who does it: --as ACCOUNT, an active one."))
        try:
            with acting_as(by.pk), keys_in_hand(), refusals_kept():
                self.stdout.write(_erased(code.strip().upper(), why, by, dry_run))
        except (Refusal, Shut) as refused:
            raise CommandError(getattr(refused, "sentence", "") or str(refused)) from None


def _erased(code: str, why: str, by: Account, dry_run: bool) -> str:
    with transaction.atomic():
        case: Case | None = access.permitted(by, "case.assign").filter(code=code).first()
        if case is None:
            raise CommandError(_("There is no case %(code)s that %(name)s coordinates.") % {"code": code, "name": by})
        told = {"code": code, "rows": erasing.rows(case)}
        if dry_run:
            missing = erasing.in_the_way(case, why) or str(erasing.word(case, why, by=by).sentence)
            return _("Case %(code)s, rows that would go: %(rows)d.") % told + f" {missing}"
        erasing.erase(case, why, by=by)
    return _("Case %(code)s is erased for good. Rows that went: %(rows)d.") % told

"""verify_ledger: read every chain again, and name the first entry that does not hold."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from relocation.models import Account, Office
from relocation.safety import chain
from relocation.safety.actor import acting_as


class Command(BaseCommand):
    help = "Verify the ledger's chains as an auditor. Ends with an error at the first entry that does not hold."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as", dest="account", required=True, metavar="ACCOUNT", help="an auditor's username")

    def handle(self, *args: Any, **options: Any) -> None:
        auditor = Account.objects.filter(username=options["account"], is_active=True, offices__contains=[Office.AUDITOR]).first()
        if auditor is None:
            raise CommandError(f"{options['account']} is no auditor here. Name an active account with that office.")
        with acting_as(auditor.pk), transaction.atomic():
            verdict = chain.verify()
        if verdict.broken:
            case_id, seq, at = verdict.broken
            raise CommandError(f"Entry {seq} of chain {case_id}, written {at:%Y-%m-%d %H:%M:%S} UTC, does not hold.")
        self.stdout.write(f"{verdict.entries} entries in {verdict.chains} chains hold.")

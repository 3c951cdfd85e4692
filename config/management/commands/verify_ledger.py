"""verify_ledger: read every chain again, hold the anchors against it, and name the first entry that does not hold."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from relocation.jobs import anchoring, auditing
from relocation.models import Account, Office
from relocation.safety.actor import acting_as


class Command(BaseCommand):
    help = "Verify the ledger's chains and its anchors. Ends with an error at the first entry that does not hold."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchors", type=Path, metavar="FOLDER", help="copies kept elsewhere; else those of this machine")
        parser.add_argument(
            "--as", dest="account", metavar="ACCOUNT", help="an auditor's username; the ledger then says who looked"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["anchors"] or anchoring.folder()
        if options["anchors"] and not folder.is_dir():
            raise CommandError(f"{folder} is no folder. Name the one that holds the anchors.")
        found = self.found(folder, options["account"])
        if not found.holds:
            raise CommandError(found.sentence)
        self.stdout.write(found.sentence)
        minutes = int(anchoring.window().total_seconds() // 60)
        last = f"anchor {found.last.number} of {found.last.made_at}" if found.last else "no anchor yet: run manage.py anchor"
        self.stdout.write(f"Window: {minutes} minutes; what is newer than the last anchor can be cut off unseen ({last}).")

    def found(self, folder: Path, username: str | None) -> auditing.Audit:
        """Look as an auditor, who is noted, or as the sweep that makes anchors."""
        if not username:
            with acting_as(anchoring.OWNER), transaction.atomic():
                return auditing.audit(folder)
        auditor = Account.objects.filter(username=username, is_active=True, offices__contains=[Office.AUDITOR]).first()
        if auditor is None:
            raise CommandError(f"{username} is no auditor here. Name an active account with that office.")
        with acting_as(auditor.pk), transaction.atomic():
            found = auditing.audit(folder)
            auditing.note(found, by=auditor)
            return found

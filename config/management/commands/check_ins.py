"""check_ins: climb the check-in ladder now, as the clock does every 15 seconds."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from logistics import ladder


class Command(BaseCommand):
    help = "Look now for everybody whose check-in is overdue, and tell whom the ladder tells. Safe to run at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be said on the command line."""
        parser.add_argument("--dry-run", action="store_true", help="only say how many cases are late; tell nobody")

    def handle(self, **options: Any) -> None:
        """Print how many were told of."""
        if options["dry_run"]:
            self.stdout.write(f"Late: {len(ladder.missed())}. Nobody was told.")
            return
        self.stdout.write(f"Told: {ladder.look()}.")

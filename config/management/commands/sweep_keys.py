"""sweep_keys: destroy the keys of cases that were never born."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import ngettext

from config.owner import as_owner
from relocation.safety import orphans


class Command(BaseCommand):
    """Sweep, as the owner of the tables: nobody else sees every case."""

    help = "Destroys keys that are older than a day and belong to nothing: their case was never born. Needs DATABASE_OWNER."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be said on the command line."""
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        """Sweep, or only count."""
        with as_owner("default"):
            found = orphans.orphans()
            gone = len(found) if dry_run else orphans.sweep(found)
        self.stdout.write((_found(gone) if dry_run else _swept(gone)) % {"count": gone})


def _found(count: int) -> str:
    return ngettext("%(count)d key belongs to nothing.", "%(count)d keys belong to nothing.", count)


def _swept(count: int) -> str:
    return ngettext(
        "%(count)d key belonged to nothing and is destroyed.", "%(count)d keys belonged to nothing and are destroyed.", count
    )

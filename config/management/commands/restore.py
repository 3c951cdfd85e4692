"""restore: bring a backup back into empty databases, erase again whoever was erased, and read the ledger."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils.translation import gettext as _

from config.backup import making, restoring
from config.backup.databases import Trouble
from config.backup.restoring import Plan
from relocation.safety.keys import Shut


class Command(BaseCommand):
    """Restore, telling each step. Stopped anywhere, it begins again with new databases."""

    help = (
        "Brings the newest backup in FOLDER back into empty databases. Whoever was erased stays erased. Says how many minutes "
        "it took, and from when on everything is lost. Needs DATABASE_OWNER and the backup key."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be said on the command line."""
        parser.add_argument("folder", type=Path, help="where the backups lie")
        parser.add_argument("--data", default="", metavar="NAME", help="this backup of the data, and not the newest")
        parser.add_argument("--tombstones", type=Path, metavar="FILE", help="who was erased, as a file kept elsewhere says")
        parser.add_argument("--dry-run", action="store_true", help="only check everything, and say what would happen")

    def handle(self, *, folder: Path, data: str, tombstones: Path | None, dry_run: bool, **options: Any) -> None:
        """Restore. Raises `CommandError` with a sentence."""
        began = time.monotonic()
        try:
            key = making.key_for(folder)
            found = restoring.plan(folder, key, name=data, stones=tombstones)
            restoring.insist_on_empty()
            restoring.check(found, key)
            self._say(_("%(name)s and %(keys)s are whole.") % {"name": found.data.name, "keys": found.keys.name})
            if not dry_run:
                self._bring_back(found, key)
        except (Trouble, Shut) as trouble:
            raise CommandError(str(trouble)) from None
        except DatabaseError as error:
            said = _("The database refused: %(why)s. Begin again with empty databases.")
            raise CommandError(said % {"why": str(error).splitlines()[0]}) from None
        self._say(_("Minutes: %(minutes)s.") % {"minutes": f"{(time.monotonic() - began) / 60:.1f}"})
        self._say(_lost(found, dry_run))

    def _bring_back(self, found: Plan, key: bytes) -> None:
        for made in (found.data, found.keys):
            restoring.fill(made, found.folder, key)
            told = {"name": made.name, "tables": len(made.tables), "rows": made.rows}
            self._say(_("%(name)s is back, tables: %(tables)d, rows: %(rows)d; each is what it was.") % told)
        restoring.lay_walls()
        again = restoring.erase_again(found.stones)
        self._say(_("Erased before: %(known)d; of them here again, and erased once more: %(again)d.")
                  % {"known": len(found.stones), "again": again})  # fmt: skip
        verdict = restoring.verify()
        told = {"entries": verdict.entries, "chains": verdict.chains}
        self._say(_("The ledger holds, entries: %(entries)d, chains: %(chains)d.") % told)

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def _lost(found: Plan, dry_run: bool) -> str:
    minutes = f"{found.lost / timedelta(minutes=1):.0f}"
    told = {"since": found.data.started[:19].replace("T", " "), "minutes": minutes}
    if dry_run:
        return _("What happened after %(since)s UTC would be lost, minutes: %(minutes)s.") % told
    return _("What happened after %(since)s UTC is lost, minutes: %(minutes)s.") % told

"""backup: both databases into a folder, sealed; or a new backup key; or a look whether a backup is whole."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.backup import making, manifest
from config.backup.databases import Trouble
from config.backup.manifest import Manifest
from relocation.safety import streams, tombstones
from relocation.safety.retention import KEYS_EXPIRE


class Command(BaseCommand):
    """Back up. The data first: a key that is younger than its case would be missing, the other way round nothing is."""

    help = (
        "Dumps both databases into FOLDER, sealed with the backup key of HARBOUR_BACKUP_KEY_FILE, and removes copies of the keys "
        f"that are older than {KEYS_EXPIRE} days. Needs DATABASE_BACKUP."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be said on the command line; no key may."""
        parser.add_argument("folder", nargs="?", type=Path, help="where backups lie")
        parser.add_argument("--new-key", action="store_true", help="make the backup key, once")
        parser.add_argument("--check", type=Path, metavar="FILE", help="only look whether this backup is whole")

    def handle(self, *, folder: Path | None, new_key: bool, check: Path | None, **options: Any) -> None:
        """Do one of the three. Raises `CommandError` with a sentence."""
        try:
            if new_key:
                self._make_key()
            elif check:
                self._check(check)
            elif folder:
                self._back_up(folder)
            else:
                raise CommandError(_("Name a folder for the backup."))
        except Trouble as trouble:
            raise CommandError(str(trouble)) from None

    def _make_key(self) -> None:
        path = making.key_path()
        try:
            streams.new_key(path)
        except FileExistsError:
            raise CommandError(_("%(path)s is there already. Nothing has changed.") % {"path": path}) from None
        except OSError as error:
            raise CommandError(_("%(path)s cannot be written: %(why)s.") % {"path": path, "why": error.strerror}) from None
        self.stdout.write(
            _("The backup key lies in %(path)s. Without it no backup opens: keep a copy elsewhere.") % {"path": path}
        )

    def _check(self, path: Path) -> None:
        folder, key = path.parent, making.key_for(path.parent)
        made = manifest.read(folder / f"{path.name.removesuffix(manifest.SEALED)}{manifest.BESIDE}", key)
        making.check(made, folder, key)
        self.stdout.write(_told(made))

    def _back_up(self, folder: Path) -> None:
        key = making.key_for(folder)
        for what in ("data", "keys"):
            made = making.make(folder, what, key, self._progress(what))
            self.stdout.write(_told(made))
            tombstones.keep(made.stones)
        if gone := making.let_go(folder):
            said = ngettext("%(n)d old file with keys was removed.", "%(n)d old files with keys were removed.", gone)
            self.stdout.write(said % {"n": gone})

    def _progress(self, what: str) -> making.Tell:
        def tell(size: int) -> None:
            if sys.stderr.isatty():
                self.stderr.write(f"\r{what}: {size / 1e6:.0f} MB", ending="")
                self.stderr.flush()

        return tell


def _told(made: Manifest) -> str:
    until = _("to be kept until %(day)s") % {"day": made.expires[:10]} if made.expires else _("whole")
    told = {"name": made.name, "tables": len(made.tables), "rows": made.rows, "size": f"{made.size / 1e6:.1f}", "until": until}
    return _("%(name)s: tables: %(tables)d, rows: %(rows)d, %(size)s MB, %(until)s.") % told

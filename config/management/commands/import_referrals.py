"""import_referrals: shows what a referral file would do, and opens the cases once somebody has said yes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relocation.desk.fictional import is_fictional
from relocation.intake import importing, sheets
from relocation.intake.importing import Imported, Look
from relocation.intake.known import Known
from relocation.intake.preview import Preview, preview
from relocation.models import Account
from relocation.safety.actor import acting_as
from relocation.safety.keys import Shut, keys_in_hand
from relocation.safety.ledger import refusals_kept
from relocation.safety.refusal import Refusal

YES = {"y", "yes", "д", "да", "o", "oui", "j", "ja"}
NO = {"", "n", "no", "н", "нет", "non", "nein"}
LONG = 200  # rows; longer files show how far they are


class Command(BaseCommand):
    """Judge referral files, compare them with the cases that the importer may open, and import one of them."""

    help = (
        "Shows what importing a referral file (CSV or XLSX) would do: good rows, refused rows with the reason, likely "
        "duplicates. After a yes, good rows become cases. The same file again adds nobody."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be said on the command line."""
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path, help="CSV or XLSX; several with --preview")
        parser.add_argument("--as", dest="account", metavar="ACCOUNT", help="user name of whoever imports")
        parser.add_argument("--preview", action="store_true", help="only show, and save nothing")
        parser.add_argument("--json", action="store_true", help="the preview as one JSON object per file and line")
        parser.add_argument("--refused", metavar="OUT.xlsx", type=Path, help="write the refused rows to a new file")
        parser.add_argument("--yes", action="store_true", help="import without asking")
        parser.add_argument("--fictional", action="store_true", help="the people in the file are invented")

    def handle(self, *, files: list[Path], account: str | None, **options: Any) -> None:
        """Preview, and import unless only a preview was asked for. Raises `CommandError` with a sentence."""
        _sensible(files, account, options)
        with _plain_errors():
            if account is None:
                self._show_all([Look(preview(file, progress=self._progress())) for file in files], options)
                return
            with transaction.atomic():
                by = _account(account)
            with acting_as(by.pk), keys_in_hand(), refusals_kept():
                self._as(by, files, options)

    def _as(self, by: Account, files: list[Path], options: dict[str, Any]) -> None:
        known = Known(by)
        seen = [importing.look(file, by=by, known=known, progress=self._progress()) for file in files]
        self._show_all(seen, options)
        if not options["preview"]:
            _in_the_right_world(options["fictional"])
            self._import(seen[0], by, options["yes"])

    def _show_all(self, seen: list[Look], options: dict[str, Any]) -> None:
        for look in seen:
            self._show(look, options["json"])
        if options["refused"]:
            self.stdout.write(_write_refused(seen[0].preview, options["refused"]))

    def _show(self, look: Look, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(look.preview.as_json(), ensure_ascii=False))
            return
        if not look.preview.refused_whole:
            self.stdout.write(f"{look.preview.name}:")
        for sentence in (*look.preview.sentences(), *_known_already(look)):
            self.stdout.write(f"  {sentence}")

    def _import(self, look: Look, by: Account, yes: bool) -> None:
        if look.preview.refused_whole:
            raise CommandError(_("Nothing was imported."))
        if not look.new:
            self.stdout.write(_("There is nobody new to import. Nothing was saved."))
        elif yes or _agreed(len(look.new), by):
            self.stdout.write(
                _said(importing.save(look.new, by=by, like_nobody=look.like_nobody, progress=self._progress(len(look.new))))
            )
        else:
            self.stdout.write(_("Nothing was saved."))

    def _progress(self, total: int = 0) -> Callable[[int], None]:
        """Shows on the error stream how far a long file is, on one line that is written again and again."""

        def tell(count: int) -> None:
            if max(count, total) > LONG:
                many = ngettext("%(count)d of %(total)d row", "%(count)d of %(total)d rows", total)
                words = many if total else ngettext("%(count)d row read", "%(count)d rows read", count)
                end = "\n" if count == total else ""
                self.stderr.write("\r" + words % {"count": count, "total": total}, ending=end)
                self.stderr.flush()

        return tell


def _sensible(files: list[Path], account: str | None, options: dict[str, Any]) -> None:
    only_preview = options["preview"]
    if len(files) > 1 and not only_preview:
        raise CommandError(_("Import one file at a time; several can be looked at with --preview."))
    if not only_preview and account is None:
        raise CommandError(_("Say who imports: --as ACCOUNT. Or look only: --preview."))
    if options["json"] and not only_preview:
        raise CommandError(_("--json belongs to --preview."))
    if options["refused"] and (len(files) > 1 or options["json"]):
        raise CommandError(_("--refused belongs to one file, and not to --json."))


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Whatever may be expected to go wrong, as a sentence."""
    try:
        yield
    except Shut as shut:
        raise CommandError(str(shut)) from None
    except Refusal as refusal:
        raise CommandError(refusal.sentence or _("This account may not do that. Nothing was changed.")) from None
    except KeyboardInterrupt:
        raise CommandError(_("Stopped. What was saved stays; run it again and only the others are added.")) from None


def _account(username: str) -> Account:
    by = Account.objects.select_related("organisation").filter(username=username).first()
    if by is None:
        raise CommandError(_("There is no account %(name)s.") % {"name": username})
    if sentence := importing.why_not(by):
        raise CommandError(sentence)
    return by


def _in_the_right_world(said_fictional: bool) -> None:
    with transaction.atomic():
        fictional = is_fictional()
    if fictional and not said_fictional:
        raise CommandError(_("This database holds an invented world. Keep real people out; for invented ones add --fictional."))


def _known_already(look: Look) -> Iterator[str]:
    if count := len(look.already):
        yield ngettext(
            "%(count)d of them was imported before and adds nobody.",
            "%(count)d of them were imported before and add nobody.",
            count,
        ) % {"count": count}


def _agreed(count: int, by: Account) -> bool:
    if not sys.stdin.isatty():
        raise CommandError(_("Nothing was saved, since nobody was here to say yes. Add --yes to import."))
    question = ngettext("Import %(count)d person as %(name)s? [y/N] ", "Import %(count)d people as %(name)s? [y/N] ", count)
    while (answer := _answer(question % {"count": count, "name": by})) is None:
        sys.stderr.write(_("Please answer y for yes or n for no; д and н, o and n, j and n are understood too.") + "\n")
    return answer


def _answer(question: str) -> bool | None:
    """Yes, no or, where it was neither, nothing; an empty line is a no, and so is the end of what can be read."""
    try:
        said = input(question).strip().lower()
    except EOFError:
        return False
    return True if said in YES else False if said in NO else None


def _said(done: Imported) -> str:
    added = ngettext("%(count)d case was opened.", "%(count)d cases were opened.", len(done.added)) % {"count": len(done.added)}
    if not done.already:
        return added
    return (
        added
        + " "
        + ngettext("%(count)d row was known already.", "%(count)d rows were known already.", done.already)
        % {"count": done.already}
    )


def _write_refused(found: Preview, path: Path) -> str:
    """Writes a new file that only its owner may read; says what was done."""
    if not found.refused:
        return _("No row was refused, so %(path)s was not written.") % {"path": path}
    try:
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            sheets.refused_rows(found, file)
    except FileExistsError:
        raise CommandError(_("%(path)s exists already. Name a new file.") % {"path": path}) from None
    except OSError as error:
        raise CommandError(_("%(path)s cannot be written: %(why)s.") % {"path": path, "why": error.strerror}) from None
    return _("The refused rows are in %(path)s. It tells about people: delete it when it is mended.") % {"path": path}

"""unseal: two custodians bring the master key, make a new one, or take it away."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils.translation import gettext as _

from relocation.safety import lockdown, master, shares
from relocation.safety.bringing import NotBrought, bring, make, take_away
from relocation.safety.shares import Share, WrongShare

CLEAR = "\033[H\033[2J\033[3J"  # the screen, and what was scrolled out of it
NEW_PAGE = "\f"  # a printer puts the second share on a sheet of its own


class Command(BaseCommand):
    """Bring, make or take away a master key. It never stands in an argument, the environment, a log or on a disk."""

    help = "Asks both custodians for their shares and brings the master key to HARBOUR_KEY_FILE, on a file system in memory."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be said on the command line; no key may."""
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--new", action="store_true", help="make the next master key and show its two shares, one by one")
        what.add_argument(
            "--forget", nargs="?", type=int, const=0, metavar="N", help="take key N away, or all: Harbour is sealed"
        )
        parser.add_argument("--paper", action="store_true", help="with --new: for a printer, each share on a page of its own")

    def handle(self, **options: Any) -> None:
        """Do one of the three. Raises `CommandError` with a sentence."""
        try:
            if options["new"]:
                self._make(paper=options["paper"])
            elif options["forget"] is not None:
                self._forget(options["forget"])
            else:
                self._bring()
        except (NotBrought, WrongShare, master.Shut) as refused:
            raise CommandError(str(refused)) from None
        except DatabaseError:
            raise CommandError(_unanswered()) from None
        except (KeyboardInterrupt, EOFError):
            raise CommandError(_("Stopped. Nothing has changed.")) from None

    def _bring(self) -> None:
        asked = [shares.read(_asked(part), part) for part in (1, 2)]
        number = bring(*asked)
        lockdown.open_again()
        self.stdout.write(_("Master key %(number)d is brought. Harbour is open.") % {"number": number})

    def _make(self, *, paper: bool) -> None:
        if not (paper or sys.stdout.isatty()):
            raise CommandError(_("Shares are shown on a terminal only, or printed: manage.py unseal --new --paper | lpr"))
        first, second = make()
        for share in (first, second):
            self._show(share, paper=paper)
        self.stderr.write(_("Now bring it once, to see that both shares were written down well: manage.py unseal"))

    def _show(self, share: Share, *, paper: bool) -> None:
        told = {"number": share.number, "part": share.part}
        heading = _("Master key %(number)d of Harbour, share %(part)d of 2") % told
        advice = _("For one custodian alone. Write it down or keep the sheet, under lock, away from the other one.")
        if paper:
            self.stdout.write(f"{heading}\n\n{share.written()}\n\n{advice}\n{NEW_PAGE}")
            return
        input(_("Share %(part)d: only its custodian looks at the screen now. Press Enter to see it. ") % told)
        self.stdout.write(f"\n{heading}\n\n{share.written()}\n\n{advice}\n")
        input(_("Written down? Press Enter to clear the screen. "))
        self.stdout.write(CLEAR)

    def _forget(self, number: int) -> None:
        if not take_away(number):
            raise CommandError(_("There is no such key here. Nothing has changed."))
        if master.is_brought():
            self.stdout.write(_("Master key %(number)d is taken away.") % {"number": number})
        else:
            self.stdout.write(_("The master key is taken away. Harbour is sealed."))


def _unanswered() -> str:
    """What did not answer; a house that is locked stays locked until sessions and links of before can be ended."""
    if lockdown.is_locked():
        return _("The database does not answer. Everything stays locked; bring the shares again when it does.")
    return _("The database of the keys does not answer. Nothing has changed.")


def _asked(part: int) -> str:
    """One share, without echo; where nobody sits at a terminal, three lines (or one) of standard input."""
    if sys.stdin.isatty():
        return getpass.getpass(_("Share %(part)d of 2 (not shown): ") % {"part": part})
    written = ""
    while len("".join(written.split())) < shares.LETTERS_IN_ALL and (line := sys.stdin.readline()):
        written += line
    return written

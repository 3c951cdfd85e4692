"""honey: decoy accounts and honey cases, which look like all others and alarm when anybody else touches them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fiction import decoys
from relocation.safety.keys import Shut


class Command(BaseCommand):
    """Makes decoys; each may also stand behind one colleague's password for when they are forced."""

    help = "Makes decoy accounts and their honey cases, in an organisation of their own. Which ones they are is printed nowhere."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be said on the command line."""
        parser.add_argument("--decoys", type=int, default=3, help="how many accounts (default 3); one for each forced password")
        parser.add_argument("--cases", type=int, default=3, help="how many cases each leads (default 3)")
        parser.add_argument("--organisation", default="Eastern Shore", help="the name of their organisation")

    def handle(self, **options: Any) -> None:
        """Make them. Raises `CommandError` with a sentence."""
        if min(options["decoys"], options["cases"]) < 1:
            raise CommandError("Make at least one decoy with one case.")
        try:
            for sentence in decoys.make(options["organisation"], decoys=options["decoys"], cases=options["cases"]):
                self.stdout.write(f"  {sentence}")
        except Shut as shut:
            raise CommandError(str(shut)) from None

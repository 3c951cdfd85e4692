"""world: fill an empty database with invented people, for looking around."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from config.owner import as_owner
from fiction import cast, decoys, world


class Command(BaseCommand):
    help = "Fill an empty database with an invented world, whose people one may sign in as with one click, on this machine only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cast", action="store_true", help="only print who there is")
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there is a world already")
        parser.add_argument("--password", default=cast.PASSWORD, help="a password for everybody, besides one click")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["cast"]:
            self.stdout.write("Sign in as:")
            self.stdout.writelines(f"{line}\n" for line in cast.lines())
            return
        with transaction.atomic():
            empty = world.is_empty()
        if not empty:
            if options["if_empty"]:
                return
            raise CommandError("This database is not empty: a world is made in a new one. `make clean` removes the old one.")
        self._mark()
        for sentence in world.fill(options["password"], as_owner):
            self.stdout.write(f"  {sentence}")
        for sentence in decoys.make("Eastern Shore", decoys=2, cases=3):
            self.stdout.write(f"  {sentence}")

    def _mark(self) -> None:
        """Say on the database itself that its people are invented; one-click sign-in asks for this."""
        with as_owner("default"), connection.cursor() as cursor:
            name = connection.ops.quote_name(connection.settings_dict["NAME"])
            cursor.execute(f"COMMENT ON DATABASE {name} IS 'harbour: fictional world'")

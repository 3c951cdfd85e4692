"""invite: let the first people in, and whoever holds an office; prints the link that is handed over."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from config.owner import as_owner
from relocation.journey import joining
from relocation.models import Account, Office, Organisation, Part
from relocation.safety import keys


class Command(BaseCommand):
    help = "Invite somebody as the operator, who alone gives offices. The link works once, for three days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="the name they sign in with")
        parser.add_argument("name")
        parser.add_argument("--part", choices=[part.value for part in Part if part is not Part.SYSTEM], default=Part.OFFICE.value)
        parser.add_argument("--office", choices=Office.values, action="append", default=[], help="may be given again")
        parser.add_argument("--organisation", default="", help="its name; made where there is none such")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the account and print the way to it. Connects as the owner of the tables."""
        with as_owner("default"):
            if Account.objects.filter(username__iexact=options["username"]).exists():
                raise CommandError("Somebody signs in with this name already. Choose another one.")
            token = joining.invite_as_operator(_account(options))
        self.stdout.write(f"Hand this over; it works once, for three days:\n{reverse('join', args=[token])}")


def _account(told: dict[str, Any]) -> Account:
    return Account(
        username=told["username"],
        name=told["name"],
        part=told["part"],
        offices=told["office"],
        organisation=_organisation(told["organisation"]) if told["organisation"] else None,
    )


def _organisation(name: str) -> Organisation:
    """The organisation of this name; a new one has a key of its own from the beginning."""
    if found := Organisation.objects.filter(name=name).first():
        return found
    made = Organisation(name=name)
    keys.new_key(made.pk)
    made.save(force_insert=True)
    return made

"""flush, as the owner of the tables: the app may not truncate."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush

from config.owner import as_owner


class Command(flush.Command):
    """Empty one database."""

    def handle(self, **options: Any) -> None:
        """Empty `--database`."""
        with as_owner(options["database"]):
            super().handle(**options)

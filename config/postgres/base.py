"""Django's PostgreSQL with two habits: every transaction names its actor, and the owner makes the test databases."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base, creation

from config.owner import as_owner
from relocation.safety.actor import current


class DatabaseCreation(creation.DatabaseCreation):
    """Makes and removes test databases as the owner: the app may do neither."""

    def create_test_db(self, *args: Any, **options: Any) -> str:
        """Make the test database and return its name."""
        with as_owner(self.connection.alias):
            return super().create_test_db(*args, **options)

    def destroy_test_db(self, *args: Any, **options: Any) -> None:
        """Remove the test database."""
        with as_owner(self.connection.alias):
            super().destroy_test_db(*args, **options)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that tells PostgreSQL who is acting, whatever opened the transaction."""

    creation_class = DatabaseCreation

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]
        if not autocommit and self.alias == "default":
            self.name_actor()

    def name_actor(self) -> None:
        """Write the acting account's id (or nothing) into this transaction, for the row policies to read."""
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('harbour.actor', %s, true)", [str(current() or "")])

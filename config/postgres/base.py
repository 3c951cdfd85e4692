"""Django's PostgreSQL with two habits: every transaction names its actor, and the owner makes the test databases."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base, creation
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from config.owner import as_owner
from relocation.safety.actor import current


class DatabaseCreation(creation.DatabaseCreation):
    """Makes and removes test databases as the owner: the app may do neither.

    Their tables are made from the models (`TEST: MIGRATE` of its address), in a fifth of the time that the migrations take;
    `make check` holds the two together, and whoever runs Harbour migrates.
    """

    def create_test_db(self, *args: Any, **options: Any) -> str:
        """Make the test database and return its name."""
        with as_owner(self.connection.alias):
            name = super().create_test_db(*args, **options)
            self._note_migrations()
            return name

    def _note_migrations(self) -> None:
        """As if it had been migrated: what is brought back from a backup of it is migrated no further."""
        recorder = MigrationRecorder(self.connection)
        noted = recorder.applied_migrations()
        for app, migration in MigrationLoader(None).disk_migrations:
            if (app, migration) not in noted:
                recorder.record_applied(app, migration)

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
        with self.wrap_database_errors, self.connection.cursor() as cursor:  # type: ignore[misc]
            cursor.execute("SELECT set_config('harbour.actor', %s, true)", [str(current() or "")])

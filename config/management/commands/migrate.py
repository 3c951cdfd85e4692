"""migrate, as the owner of the tables; afterwards the walls are laid again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from config.owner import as_owner
from relocation.journey import stages
from relocation.models import enrol_sweeps
from relocation.safety import walls

GRANTS = (
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {walls.APP}",
    f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {walls.APP}",
    f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {walls.BACKUP}",
    f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {walls.BACKUP}",
)
# What asks for less than all, or for more than tables.
NARROWER = ("each", "app_label", "migration_name", "fake", "fake_initial", "plan", "check_unapplied", "prune")
EXTENSION = "CREATE EXTENSION IF NOT EXISTS btree_gist"  # which the first migration makes


class Command(migrate.Command):
    """Migrate one database, and leave its policies, triggers and grants as the vocabulary says.

    An empty database gets its tables from the models at once, and its migrations are noted as applied: rendering every state
    in between takes ten times as long. `--each` applies them one by one all the same.
    """

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.add_argument("--each", action="store_true", help="Apply each migration, in an empty database too.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate `--database` and lay its walls, in one transaction of their own."""
        alias = options["database"]
        with as_owner(alias):
            if any(options[name] for name in NARROWER) or connections[alias].introspection.table_names():
                super().handle(*args, **options)
            else:
                self._at_once(alias, *args, **options)
            if not (options["plan"] or options["check_unapplied"]):
                with transaction.atomic(using=alias):
                    _lay(alias)

    def _at_once(self, alias: str, *args: Any, **options: Any) -> None:
        """Tables from the models, and every migration noted; wholly or not at all."""
        recorder = MigrationRecorder(connections[alias])
        with transaction.atomic(using=alias):
            with connections[alias].cursor() as cursor:
                cursor.execute(EXTENSION)
            recorder.ensure_schema()
            with _without_migrations():
                super().handle(*args, **options | {"run_syncdb": True})
            for app, name in MigrationLoader(None).disk_migrations:
                recorder.record_applied(app, name)


@contextmanager
def _without_migrations() -> Iterator[None]:
    """As Django itself does it for test databases (`TEST: MIGRATE`)."""
    known, settings.MIGRATION_MODULES = settings.MIGRATION_MODULES, {app.label: None for app in apps.get_app_configs()}
    try:
        yield
    finally:
        settings.MIGRATION_MODULES = known


def _lay(alias: str) -> None:
    if alias == "default":
        walls.lay(connections[alias], stages.PAIRS, stages.INITIAL)
        enrol_sweeps()
        return
    with connections[alias].cursor() as cursor:
        for statement in GRANTS:
            cursor.execute(statement)

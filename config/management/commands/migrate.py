"""migrate, as the owner of the tables; afterwards the walls are laid again."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections, transaction
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


class Command(migrate.Command):
    """Migrate one database, and leave its policies, triggers and grants as the vocabulary says."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate `--database` and lay its walls, in one transaction of their own."""
        alias = options["database"]
        with as_owner(alias):
            if options.get("run_syncdb"):
                _prepare(alias)
            super().handle(*args, **options)
            if not (options.get("plan") or options.get("check_unapplied")):
                with transaction.atomic(using=alias):
                    _lay(alias)


def _prepare(alias: str) -> None:
    """What a migration would have made before the first table, where tables are made from the models."""
    with connections[alias].cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    MigrationRecorder(connections[alias]).ensure_schema()


def _lay(alias: str) -> None:
    if alias == "default":
        walls.lay(connections[alias], stages.PAIRS, stages.INITIAL)
        enrol_sweeps()
        return
    with connections[alias].cursor() as cursor:
        for statement in GRANTS:
            cursor.execute(statement)

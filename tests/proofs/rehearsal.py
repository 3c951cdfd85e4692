"""An empty machine: servers and databases of its own, into which a backup is brought back; then whatever is sealed is tried.

Run as a process: `python -m tests.proofs.rehearsal CASE FOLDER/NAME...` prints one JSON object a line, one for each backup.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def main(case_id: str, *backups: str) -> None:
    """Bring each backup back into new databases. HARBOUR_STATE says where the machine is."""
    from config import embedded

    embedded.join(durable=False)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    for backup in map(Path, backups):
        _new_databases()
        began = time.monotonic()
        said = _restore(backup.parent, backup.name)
        print(
            json.dumps(
                {"name": f"{backup.parent.name}/{backup.name}", "said": said, "seconds": time.monotonic() - began}
                | _tried(case_id)
            ),
            flush=True,
        )


def _restore(folder: Path, name: str) -> str:
    from io import StringIO

    from django.core.management import CommandError, call_command

    out = StringIO()
    try:
        call_command("restore", folder, data=name, stdout=out)
    except CommandError as refused:
        return f"{out.getvalue()}refused: {refused}"
    return out.getvalue()


def _new_databases() -> None:
    import psycopg
    from django.db import connections

    from config import embedded

    connections.close_all()
    with psycopg.connect(host=str(embedded.sockets()), user="harbour_owner", dbname="postgres", autocommit=True) as connection:
        for name in ("harbour", "harbour_keys"):
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name}")


def _tried(case_id: str) -> dict[str, Any]:
    """How many cells there are, of anybody and of this case, and how many of them open; what else names the case."""
    from django.apps import apps
    from django.db import connection

    from config.owner import as_owner
    from relocation.models import Case, WrappedKey
    from relocation.safety.rotation import sealed_columns

    found: dict[str, Any] = {"cells": 0, "opened": 0, "of_case": 0, "readable": 0, "rows": 0}
    with as_owner("default"):
        for model, column in sealed_columns():
            for row in model._base_manager.exclude(**{f"{column.name}__isnull": True}):
                mine, opens = str(column.subject_of(row)) == case_id, _opens(row, column.name)
                found["cells"] += 1
                found["opened"] += opens
                found["of_case"] += mine
                found["readable"] += mine and opens
        on_case = [model for model in apps.get_models() if hasattr(model, "own_by") and not model._meta.proxy]
        found["rows"] = sum(model._base_manager.filter(case_id=case_id).count() for model in on_case)
        found["cases"] = Case._base_manager.count()
        found["case"] = Case._base_manager.filter(pk=case_id).count()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM relocation_tombstone WHERE case_id = %s", [case_id])
            found["stones"] = cursor.fetchone()[0]
    found["keys"] = WrappedKey.objects.filter(subject_id=case_id).count()
    return found


def _opens(row: Any, name: str) -> bool:
    from relocation.safety.keys import Gone
    from relocation.safety.refusal import Damaged
    from relocation.safety.sealed import unseal

    try:
        return bool(unseal(row, name)) or True
    except (Gone, Damaged):
        return False


if __name__ == "__main__":
    main(*sys.argv[1:])

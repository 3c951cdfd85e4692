"""What rows are measured on: many invented cases and grants, laid by the owner in bulk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from config.owner import as_owner
from fiction import ground as fiction_ground
from relocation.models import Account
from relocation.safety.actor import acting_as
from relocation.safety.session import BACKEND, PROVED

CASES = """
  INSERT INTO relocation_case (id, organisation_id, created_by_id, alias, code, languages, needs, household_size, is_minor,
                               risk, stage, standing, version)
  SELECT gen_random_uuid(), %(organisation)s, %(by)s, 'Bird ' || n, upper(substr(md5(n::text), 1, 8)), '{}', '{}', 1, false,
         'unknown', 'referred', 'active', 0 FROM generate_series(1, %(cases)s) n ON CONFLICT DO NOTHING"""
GRANTS = """
  INSERT INTO relocation_casegrant (user_id, permission_id, case_id, scope, granted_by_id, expires_at, last_activity_at,
                                    granted_at, stage, standing)
  SELECT %(user)s, %(permission)s, id, id, %(by)s, now() + interval '90 days',
         now() - (random() * 1e6) * interval '1 second', now(), 'referred', 'active'
  FROM (SELECT id FROM relocation_case ORDER BY md5(id::text || %(seed)s) LIMIT %(most)s) chosen"""


@contextmanager
def acting(account: Account) -> Iterator[None]:
    """Act as somebody, in one transaction."""
    with acting_as(account.pk), transaction.atomic():
        yield


def owner_runs(*statements: tuple[str, dict[str, Any]]) -> None:
    """Run statements as the owner, whom no wall stops, and look at the tables anew."""
    with as_owner("default"), connection.cursor() as cursor:
        for statement, values in statements:
            cursor.execute(statement, values)


def lay(cases: int) -> fiction_ground.Ground:
    """The invented ground with so many cases (in the thousands), all of them Mara's to coordinate."""
    ground = fiction_ground.lay()
    mara = ground["mara"]
    values = {"organisation": mara.organisation_id, "by": mara.pk, "cases": cases}
    owner_runs((CASES, values), grants(mara, "coordinator", cases, by=ground["greta"]), ("ANALYZE", {}))
    return ground


def empty() -> None:
    """Empty the tables again."""
    for alias in ("default", "keys"):
        call_command("flush", database=alias, interactive=False, verbosity=0)


def grants(account: Account, role: str, most: int, *, by: Account) -> tuple[str, dict[str, Any]]:
    """A statement that lets an account into so many cases, by lot."""
    permission = Permission.objects.get(content_type__app_label="relocation", content_type__model="case", codename=role)
    return GRANTS, {"user": account.pk, "permission": permission.pk, "by": by.pk, "seed": account.username, "most": most}


def browser(account: Account) -> Client:
    """Somebody who has signed in, as the pages see them; without a server in between."""
    client = Client(headers={"host": "localhost"})
    client.force_login(account, backend=BACKEND)
    session = client.session
    session[PROVED] = int(timezone.now().timestamp())
    session.save()
    return client


@contextmanager
def beside() -> Iterator[psycopg.Connection[Any]]:
    """A second connection, as the owner, for what is switched while the first one is measured."""
    with as_owner("default"):
        connection.ensure_connection()
        told = connection.get_connection_params()
    told = {name: value for name, value in told.items() if name in ("host", "port", "user", "password", "dbname")}
    with psycopg.connect(**told, autocommit=True) as other:
        yield other

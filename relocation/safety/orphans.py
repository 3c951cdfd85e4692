"""Keys of cases that were never born: a key is written first, and a power cut may come before its case."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models.functions import Now

from relocation.safety.keys import WrappedKey
from relocation.safety.questions import answer
from relocation.safety.rotation import sealed_columns
from relocation.safety.walls import OWNER

LONG_ENOUGH = timedelta(days=1)  # a birth takes seconds; what is younger may be on its way


def orphans() -> list[UUID]:
    """Subjects that have a key and nothing else: no row of any table bears their id, and nothing is sealed with their key.

    Runs as the owner of the tables, else raises `PermissionError`: who does not see every row takes a living case for an orphan.
    """
    _insist_on_owner()
    old = WrappedKey.objects.filter(made_at__lt=Now() - LONG_ENOUGH).order_by("made_at").values_list("subject_id", flat=True)
    left = dict.fromkeys(old)
    for rows, column in _places():
        for known in rows.filter(**{f"{column}__in": list(left)}).order_by().values_list(column, flat=True).distinct():
            left.pop(known, None)
    return list(left)


def sweep(found: Iterable[UUID]) -> int:
    """Destroy the keys of these orphans. Returns how many keys there were."""
    old = WrappedKey.objects.filter(subject_id__in=list(found), made_at__lt=Now() - LONG_ENOUGH)
    return old.delete()[0]


def _insist_on_owner() -> None:
    if answer("SELECT current_user") != OWNER:
        raise PermissionError("Orphans are looked for as the owner of the tables only.")


def _places() -> Iterator[tuple[models.QuerySet[Any], str]]:
    """Wherever the subject of a key may be named: ids of rows of any kind, and what sealed fields are keyed by."""
    for model in apps.get_models():
        if isinstance(model._meta.pk, models.UUIDField) and not model._meta.proxy:
            yield model._base_manager.all(), model._meta.pk.name
    for model, column in sealed_columns():
        yield model._base_manager.all(), column.keyed_by

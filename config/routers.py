"""Wrapped keys live in their own small database, and nothing else does."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

KEYS = "wrappedkey"


def _home(model_name: str | None) -> str:
    return "keys" if model_name == KEYS else "default"


class Keys:
    """Sends the model `WrappedKey` to the alias `keys`, every other one to `default`."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        """Name the database that holds `model`."""
        return _home(model._meta.model_name)

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        """Name the database that holds `model`."""
        return _home(model._meta.model_name)

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        """Allow a model only in its own database; statements that name no model only in `default`."""
        return db == _home(model_name.lower() if model_name else None)

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        """Refuse a relation between the two databases."""
        return _home(one._meta.model_name) == _home(other._meta.model_name)

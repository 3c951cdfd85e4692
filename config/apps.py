"""The last app of all: when it is ready, every room has offered what it offers."""

from __future__ import annotations

from django.apps import AppConfig


class HouseConfig(AppConfig):
    """Stops the program at start when something is named that nobody offers."""

    name = "config"
    verbose_name = "Harbour"

    def ready(self) -> None:
        """Raise `ImproperlyConfigured` when the house is not complete."""
        from config import checks  # noqa: F401  registers them
        from relocation.journey import conditions

        conditions.insist()

"""The last app of all: when it is ready, every room has offered what it offers."""

from __future__ import annotations

from django.apps import AppConfig


class HouseConfig(AppConfig):
    """Stops the program at start when something is named that nobody offers."""

    name = "config"
    verbose_name = "Harbour"

    def ready(self) -> None:
        """Raise `ImproperlyConfigured` when the house is not complete."""
        from config import celery, checks, memory  # noqa: F401  the doorbell that jobs ring, and the checks
        from relocation.desk import feed_events, wave_panels  # noqa: F401  what they name must be there, offered or not
        from relocation.models import offers

        memory.leave_no_core()
        offers.insist()

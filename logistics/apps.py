"""The roads' app."""

from django.apps import AppConfig


class LogisticsConfig(AppConfig):
    name = "logistics"

    def ready(self) -> None:
        # Each offers what only the roads can judge, gather and show.
        from logistics import conditions, contents, feed, ladder, panels, pursued, telling, wave  # noqa: F401
        from logistics.money import files  # noqa: F401
        from logistics.money import panels as money_panels  # noqa: F401

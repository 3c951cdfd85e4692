"""The roads' app."""

from django.apps import AppConfig


class LogisticsConfig(AppConfig):
    name = "logistics"

    def ready(self) -> None:
        from logistics import (  # noqa: F401  offer what only the roads can judge, gather and show
            conditions,
            contents,
            ladder,
            panels,
            wave,
        )

"""The roads' app."""

from django.apps import AppConfig


class LogisticsConfig(AppConfig):
    name = "logistics"

    def ready(self) -> None:
        from logistics import conditions  # noqa: F401  offers what only the roads can judge

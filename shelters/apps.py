"""The houses' app."""

from django.apps import AppConfig


class SheltersConfig(AppConfig):
    name = "shelters"

    def ready(self) -> None:
        from shelters import burning, conditions, contents, joining, panels  # noqa: F401  offers what only the houses can judge, say and show

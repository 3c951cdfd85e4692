"""The houses' app."""

from django.apps import AppConfig


class SheltersConfig(AppConfig):
    name = "shelters"

    def ready(self) -> None:
        from shelters import conditions, contents, joining, panels, wave  # noqa: F401  offers what the houses judge, say and show

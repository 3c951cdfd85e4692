"""The houses' app."""

from django.apps import AppConfig


class SheltersConfig(AppConfig):
    name = "shelters"

    def ready(self) -> None:
        # offers what only the houses can judge, say, show and tell
        from shelters import conditions, contents, joining, panels, telling  # noqa: F401

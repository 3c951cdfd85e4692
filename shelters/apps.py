"""The houses' app."""

from django.apps import AppConfig


class SheltersConfig(AppConfig):
    name = "shelters"

    def ready(self) -> None:
        # Each offers what only the houses can judge, say, show and tell.
        from shelters import barred, burning, conditions, contents, feed, joining, panels, pursued, telling, wave  # noqa: F401
        from shelters.placement import proposing  # noqa: F401  the job

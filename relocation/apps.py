"""The relocation app: the case and everything below the roads and the houses."""

from django.apps import AppConfig


class RelocationConfig(AppConfig):
    name = "relocation"

    def ready(self) -> None:
        from relocation.journey import stages  # noqa: F401  every process must know the proxy and its steps
        from relocation.safety import checks  # noqa: F401  registers the system checks

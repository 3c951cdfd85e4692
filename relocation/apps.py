"""The relocation app: the case and everything below the roads and the houses."""

from django.apps import AppConfig


class RelocationConfig(AppConfig):
    name = "relocation"

    def ready(self) -> None:
        from relocation.desk import pursuers  # noqa: F401  shows its panel on the case page
        from relocation.intake import kept  # noqa: F401  imports what was confirmed on a page
        from relocation.jobs import danger, telling, waving  # noqa: F401  say how each kind of job is done
        from relocation.journey import kin, pursued, ready_columns, stages  # noqa: F401  judge who is let in and ready; know the steps
        from relocation.paperwork import issue, release  # noqa: F401  make papers, and take them back
        from relocation.safety import checks, digests  # noqa: F401  register the system checks

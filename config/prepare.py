"""What comes before the pages, in one process: tables, walls, and an invented world where there is none."""

from __future__ import annotations

import os

from config.steps import step


def main() -> None:
    """Migrate both databases and make the world, a line for each. Connects as the owner; the pages never do."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["HARBOUR_ALARM_COMMAND"] = "true"  # what has happened already in an invented world wakes nobody
    import django
    from django.core.management import call_command

    with step("Harbour's programs"):
        django.setup()
    with step("Tables and walls"):
        call_command("migrate", database="default", verbosity=0)
    with step("Store of keys"):
        call_command("migrate", database="keys", verbosity=0)
    with step("An invented world"):
        call_command("world", if_empty=True, verbosity=0)


if __name__ == "__main__":
    main()

"""What comes before the pages: tables, walls, and an invented world where there is none."""

from __future__ import annotations

import os
import sys

from config.steps import side_by_side, step


def main() -> None:
    """Migrate both databases and make the world, a line for each. Connects as the owner; the pages never do."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["HARBOUR_ALARM_COMMAND"] = "true"  # what has happened already in an invented world wakes nobody
    import django
    from django.core.management import call_command

    with step("Harbour's programs"):
        django.setup()
    migrate = [sys.executable, "manage.py", "migrate", "-v0", "--database"]
    side_by_side("Tables, walls, and the store of keys", [*migrate, "default"], [*migrate, "keys"])
    with step("An invented world"):
        call_command("world", if_empty=True, verbosity=0)


if __name__ == "__main__":
    main()

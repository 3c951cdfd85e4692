#!/usr/bin/env python
"""Django's commands, with the embedded servers where no others are named."""

import os
import sys
from contextlib import suppress


def main() -> None:
    """Run one command; start the embedded servers for it when it needs a database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:] == ["lockdown", "--yes"]:
        lock()
    from config import embedded

    if embedded.needed_by(sys.argv):
        embedded.join()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def lock() -> None:
    """Lock before Django has started, which takes seconds on a busy machine; the command itself does the rest."""
    from relocation.safety import master, shutting

    with suppress(master.Shut):  # the command says so
        shutting.shut()


if __name__ == "__main__":
    main()

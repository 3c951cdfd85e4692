#!/usr/bin/env python
"""Django's commands, with the embedded servers where no others are named."""

import os
import sys


def main() -> None:
    """Run one command; start the embedded servers for it when it needs a database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config import embedded

    if embedded.needed_by(sys.argv):
        embedded.join()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

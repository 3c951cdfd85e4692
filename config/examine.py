"""make check: format, lint, types, floors, migrations and deployment settings; all are run, whatever fails."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from config import steps

HERE = Path(sys.executable).parent
MANAGE = [sys.executable, "-W", "ignore::RuntimeWarning", "manage.py"]  # no database is needed, and none may run
CHECKS = {
    "Format (ruff format)": [str(HERE / "ruff"), "format", "--check", "."],
    "Lint (ruff check)": [str(HERE / "ruff"), "check", "."],
    "Floors and rooms (import-linter)": [str(HERE / "lint-imports")],
    "Types (mypy)": [str(HERE / "mypy")],
    "Migrations say what the models say": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "docs/journey.md is drawn from the code": [*MANAGE, "draw_journey", "--check"],
    "Deployment settings (check --deploy)": [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"],
}


def production() -> Mapping[str, str]:
    """Return an environment as a real installation has it; nothing in it exists."""
    without = {"HARBOUR_INSECURE_LOCAL", "HARBOUR_EMBEDDED", "DATABASE_OWNER", "DATABASE_BACKUP", "DEBUG"}
    return {name: value for name, value in os.environ.items() if name not in without} | {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "harbour.example",
        "DATABASE_URL": "postgres://harbour_app:secret@database.example/harbour?sslmode=verify-full",
        "REDIS_URL": "rediss://:secret@valkey.example/0",
        "HARBOUR_KEY_FILE": "/run/harbour/key",
    }


def main() -> int:
    """Run every check and return how many failed."""
    failed = 0
    for what, command in CHECKS.items():
        try:
            steps.run(what, command, production())
        except SystemExit as said:
            print(said, file=sys.stderr, flush=True)
            failed += 1
    return failed


if __name__ == "__main__":
    sys.exit(main())

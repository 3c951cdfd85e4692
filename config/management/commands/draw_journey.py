"""draw_journey: write docs/journey.md from the code, or say that it is not current."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from relocation.journey.drawing import draw


class Command(BaseCommand):
    help = "Draw docs/journey.md from the steps; with --check, fail when it is not current."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, fail when it is not current")

    def handle(self, *args: Any, **options: Any) -> None:
        page, drawn = settings.BASE_DIR / "docs" / "journey.md", draw()
        if not options["check"]:
            page.write_text(drawn)
        elif not page.exists() or page.read_text() != drawn:
            raise CommandError("docs/journey.md is not current. Run: manage.py draw_journey")

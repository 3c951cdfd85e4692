"""Days read right in every language that Harbour speaks."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import override

from relocation.desk.calendar import in_full
from relocation.desk.templatetags.harbour import letters, plain_day, plainly

pytestmark = pytest.mark.nodb
FRIDAY = date(2020, 11, 27)


class TestADay:
    @pytest.mark.parametrize(
        ("language", "said"),
        [("en", "Fri 27 Nov 2020"), ("de", "Fr 27. Nov 2020"), ("fr", "ven 27 nov 2020"), ("ru", "27 ноября 2020 (пт)")],
    )
    def test_is_written_as_the_language_writes_it(self, language: str, said: str) -> None:
        with override(language):
            assert plain_day(FRIDAY) == said

    @pytest.mark.parametrize(
        ("language", "begins", "month"),
        [
            ("en", "Friday", "November"),
            ("de", "Freitag", "November"),
            ("fr", "Vendredi", "novembre"),
            ("ru", "Пятница", "ноября"),
        ],
    )
    def test_as_a_heading_begins_with_a_capital(self, language: str, begins: str, month: str) -> None:
        with override(language):
            assert in_full(FRIDAY).startswith(begins) and in_full(FRIDAY).endswith(month)

    @pytest.mark.parametrize(("language", "said"), [("en", "Nov Fri"), ("de", "Nov Fr"), ("fr", "nov ven"), ("ru", "ноя пт")])
    def test_in_parts_too(self, language: str, said: str) -> None:
        with override(language):
            assert f"{letters(FRIDAY, 'M')} {letters(FRIDAY, 'D')}" == said

    def test_of_this_year_says_no_year_and_none_says_nothing(self) -> None:
        now: datetime = timezone.now()
        assert str(now.year) not in plain_day(now) and str(now.year - 1) in plain_day(now - timedelta(days=366))
        assert strip_tags(plainly(FRIDAY)) == "Fri 27 Nov 2020" and plainly(None) == ""


def test_no_page_writes_names_of_days_past_the_calendar() -> None:
    names = re.compile(r'\|date:"[^"]*[DlMFNEb]')
    pages = (Path(settings.BASE_DIR) / "templates").rglob("*.html")
    assert [page.name for page in pages if names.search(page.read_text(encoding="utf-8"))] == []

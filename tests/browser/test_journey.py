"""One person from referral to resettlement, everybody's part on their own screen, with a script and without one."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Sit
from tests.browser.journey import Journey

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


class TestTheMainJob:
    def test_everybody_does_their_part_in_a_browser(self, sit: Sit, script: bool, worker: None) -> None:
        way = Journey(sit, script=script)
        for chapter in (way.referral, way.verification, way.extraction, way.safe_house, way.documents, way.post, way.travel):
            chapter()

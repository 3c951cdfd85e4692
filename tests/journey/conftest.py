"""Kestrel and her company as these tests need them."""

import pytest

from fiction.ground import Ground
from relocation.models import Case
from tests.journey.company import Company
from tests.safety.committed import kestrel, referred

__all__ = ["kestrel", "referred"]


@pytest.fixture
def company(ground: Ground, referred: Case) -> Company:
    """The cast around Kestrel, who has just been referred."""
    return Company(ground, referred.pk)


@pytest.fixture
def verifying(ground: Ground, kestrel: Case) -> Company:
    """The cast around Kestrel in verification."""
    return Company(ground, kestrel.pk)

"""What is drawn by chance on every page: random ids and the forms' tokens, in which any few signs turn up sooner or later."""

from __future__ import annotations

import re

DRAWN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}')


def without(page: str) -> str:
    """The page without it, where one insists that a short word or number is absent."""
    return DRAWN.sub("", page)

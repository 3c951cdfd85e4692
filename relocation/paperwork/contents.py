"""What a paper says is gathered by the room that knows it: `@content("manifest")`. A kind that nobody gathers stops the start."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from relocation.models import Account, Paper
from relocation.models.offers import Offers

Gather = Callable[[Paper, Account], Any]
GATHERED: Offers[Gather] = Offers("the papers", Paper.Kind.values)


class CannotMake(Exception):
    """Something that the paper must say is missing; the sentence says what, and names nobody."""


def content(kind: str) -> Callable[[Gather], Gather]:
    """Offer the content of one kind of paper: (paper, the account on whose behalf) -> a frozen content."""
    return GATHERED.under(kind)


def frozen(gathered: Any) -> str:
    """The content as JSON, pictures by their SHA-256: what the register keeps, sealed, of what a paper said."""
    return json.dumps(asdict(gathered), default=_plain, ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> str:
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else str(value)

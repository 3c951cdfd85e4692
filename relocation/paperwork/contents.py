"""What a paper says is gathered by the room that knows it: `@content("manifest")`. A kind that nobody gathers stops the start."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from relocation.models import Account, Paper

Gather = Callable[[Paper, Account], Any]
GATHERED: dict[str, Gather] = {}


class CannotMake(Exception):
    """Something that the paper must say is missing; the sentence says what, and names nobody."""


def content(kind: str) -> Callable[[Gather], Gather]:
    """Offer the content of one kind of paper: (paper, the account on whose behalf) -> a frozen content."""

    def register(gather: Gather) -> Gather:
        if GATHERED.setdefault(kind, gather) is not gather:
            raise ImproperlyConfigured(f"Two rooms gather the content of {kind}.")
        return gather

    return register


def insist() -> None:
    """Raise `ImproperlyConfigured` where a kind of paper has nobody to gather it."""
    if missing := sorted(set(Paper.Kind.values) - GATHERED.keys()):
        raise ImproperlyConfigured(f"Nobody gathers the content of: {', '.join(missing)}.")


def frozen(gathered: Any) -> str:
    """The content as JSON, pictures by their SHA-256: what the register keeps, sealed, of what a paper said."""
    return json.dumps(asdict(gathered), default=_plain, ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> str:
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else str(value)

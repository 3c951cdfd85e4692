"""What `check --deploy` asks of a real installation besides what Django asks."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def named_servers(**_options: Any) -> list[CheckMessage]:
    """The embedded servers trust whoever reaches their socket: real cases need servers with passwords."""
    if not os.environ.get("HARBOUR_EMBEDDED"):
        return []
    return [Error("Set DATABASE_URL and REDIS_URL: the embedded servers are for trying out.", id="harbour.E001")]


@register(Tags.security, deploy=True)
def own_key_file(**_options: Any) -> list[CheckMessage]:
    """Without the master key nothing sealed can be read, and it may not lie in the environment."""
    if settings.HARBOUR_KEY_FILE:
        return []
    return [Error("Set HARBOUR_KEY_FILE to the path where the master key is brought.", id="harbour.E002")]


@register(Tags.security, deploy=True)
def queue_asks_for_a_password(**_options: Any) -> list[CheckMessage]:
    """Whoever reaches the queue could ring for jobs, or empty it: it asks for a password, too."""
    address = urlsplit(settings.REDIS_URL)
    if address.password or parse_qs(address.query).get("password"):
        return []
    return [Error("Give REDIS_URL a password: redis://:password@host:port/0.", id="harbour.E003")]

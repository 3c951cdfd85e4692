"""What `check --deploy` asks of a real installation besides what Django asks."""

from __future__ import annotations

import os
from typing import Any

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

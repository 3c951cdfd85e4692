"""Addresses and secrets as the environment writes them, in the form that Django wants."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def secret(name: str) -> str:
    """Read `name`, or the file that `name`_FILE points to. Raises `ImproperlyConfigured` when neither is there."""
    if value := os.environ.get(name):
        return value
    if file := os.environ.get(f"{name}_FILE"):
        return Path(file).read_text(encoding="utf-8").strip()
    raise ImproperlyConfigured(f"Set {name}, or {name}_FILE to the path of a file that only Harbour can read.")


def database(name: str) -> dict[str, Any]:
    """Translate `postgres://user:password@host:port/name?sslmode=...`; an absent address is an empty dictionary."""
    if not (address := os.environ.get(name)):
        return {}
    parts = urlsplit(address)
    return {
        "ENGINE": "config.postgres",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": _host(parts.netloc),
        "PORT": parts.port or "",
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 600,  # seconds
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"MIGRATE": False},  # the tables of a test database are made from the models
    }


def email(name: str) -> dict[str, Any]:
    """Translate `smtp://`, `smtp+starttls://` or `smtps://user:password@host:port`; an absent address is empty."""
    if not (address := os.environ.get(name)):
        return {}
    parts = urlsplit(address)
    return {
        "HOST": parts.hostname or "localhost",
        "PORT": parts.port or {"smtps": 465, "smtp+starttls": 587}.get(parts.scheme, 25),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "STARTTLS": parts.scheme == "smtp+starttls",
        "TLS": parts.scheme == "smtps",
    }


def _host(netloc: str) -> str:
    """Return the host with its case kept: it may be the folder of a socket, percent-encoded."""
    host = netloc.rpartition("@")[2]
    return unquote(host if host.endswith("]") else host.partition(":")[0]) if "[" not in host else host[1 : host.index("]")]

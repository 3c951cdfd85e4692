"""Kestrel as these tests need it."""

from tests.safety.committed import kestrel, referred

__all__ = ["kestrel", "referred"]

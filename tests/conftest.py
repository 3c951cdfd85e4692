"""Every test knows the cast."""

from tests.cast import *  # noqa: F403

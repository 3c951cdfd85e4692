"""What is in memory stays there: keys and opened words are written to no disk when a process dies."""

from __future__ import annotations

import resource


def leave_no_core() -> None:
    """Ask the kernel to write no core of this process, nor of those that it starts."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

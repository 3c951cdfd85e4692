"""Many at once: threads with connections of their own, all let go at the same moment."""

from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

from django.db import OperationalError, connections


def at_once(act: Callable[[int], Any], many: int) -> Counter[str]:
    """Run `act(number)` in so many threads at the same moment; how often each outcome came: `done`, or the error's name."""
    outcomes: list[str] = []
    start = Barrier(many)

    def one(number: int) -> None:
        try:
            start.wait(60)
            act(number)
            outcomes.append("done")
        except OperationalError as error:
            outcomes.append("deadlock" if "deadlock" in str(error) else "OperationalError")
        except Exception as error:  # which one it was is what the proof counts
            outcomes.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [Thread(target=one, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(outcomes)

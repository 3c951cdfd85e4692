"""What a room names and upper rooms offer: each name once, and a name that nobody offers stops the program at start."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured

Offered = TypeVar("Offered")
_places: list["Offers[Any]"] = []


class Offers(dict[str, Offered]):
    """What is offered to one place, by name. It needs all that are `named`; steps name more until every room is there."""

    def __init__(self, place: str, named: Iterable[str] = ()) -> None:
        super().__init__()
        self.place, self.named = place, set(named)
        _places.append(self)

    def add(self, name: str, offered: Offered) -> Offered:
        """Raise `ImproperlyConfigured` where something else is offered under this name."""
        if self.setdefault(name, offered) != offered:
            raise ImproperlyConfigured(f"Two rooms offer {name} to {self.place}.")
        return offered

    def under(self, name: str) -> Callable[[Offered], Offered]:
        """The same as a decorator."""
        return partial(self.add, name)


def insist() -> None:
    """Raise `ImproperlyConfigured` where something is named that nobody offers."""
    for place in _places:
        if missing := sorted(place.named - place.keys()):
            raise ImproperlyConfigured(f"Nobody offers to {place.place}: {', '.join(missing)}.")

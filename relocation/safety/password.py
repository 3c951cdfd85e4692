"""What makes a password too easy, besides what Django asks: too few different characters."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

DIFFERENT = 6


class Varied:
    """Refuses twelve times the same, and the like."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(set(password.casefold())) < DIFFERENT:
            raise ValidationError(_("It repeats too few different characters. A sentence is better."))

    def get_help_text(self) -> str:
        return _("A sentence that only you would say is easy to keep in mind.")

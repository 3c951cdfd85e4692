"""The mark of a paper that is sent: for whom it is, which one it is, and how to check it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Marks:
    """What every page bears; `paper` is the kind of paper in the recipient's language."""

    recipient: str
    reference: str
    paper: str
    version: int
    code: str
    address: str

    def edge(self) -> str:
        """The mark in one line, for the outer margin; what matters most comes first."""
        return " · ".join(filter(None, (self.code, f"{self.paper} {self.version}", self.recipient, self.reference)))

    def foot(self) -> tuple[str, str, str]:
        """The three texts at the foot: the recipient, the paper, the code."""
        reference = _("your reference %(reference)s") % {"reference": self.reference} if self.reference else ""
        version = _("version %(version)d") % {"version": self.version}
        return (
            _("Only for: %(recipient)s") % {"recipient": self.recipient},
            " · ".join(filter(None, (self.paper, version, reference))),
            _("Code %(code)s, to be checked at %(address)s") % {"code": self.code, "address": self.address},
        )

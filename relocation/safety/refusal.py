"""What happens when somebody may not, or not yet: a sentence for the person, an entry for the ledger."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _


class Refusal(Exception):
    """Raised by a door; carries the entry that the edge writes once the transaction is gone."""

    kind = "refused"
    status = 409
    template = "refusals/refused.html"

    def __init__(self, case_id: UUID, what: str, by: UUID, sentence: str = "") -> None:
        super().__init__(f"{self.kind}.{what}")
        self.case_id, self.what, self.by, self.sentence = case_id, what, by, sentence

    @property
    def entry(self) -> str:
        return f"{self.kind}.{self.what}"

    @property
    def detail(self) -> str:
        """Codes for the ledger, never words."""
        return ""

    def context(self) -> dict[str, Any]:
        """What the page about this refusal shows."""
        return {"refusal": self}


class Denied(Refusal):
    """No right to it. Outside it looks exactly like a case that does not exist."""

    kind = "denied"
    status = 404


class Stale(Refusal):
    """Somebody else changed the case first; `change` says who did what, and when."""

    kind = "stale"
    template = "refusals/stale.html"

    def __init__(self, case_id: UUID, what: str, by: UUID, change: str = "") -> None:
        self.change = change
        super().__init__(case_id, what, by, change or _("Somebody else changed the case in the meantime."))


class Damaged(Refusal):
    """Something sealed is not as it was sealed: bytes were changed, or moved from elsewhere. `row` is where it lies."""

    kind = "damaged"
    template = "refusals/damaged.html"

    def __init__(self, case_id: UUID, what: str, by: UUID, row: str = "") -> None:
        self.row = row
        super().__init__(
            case_id, what, by, _("Something kept here was changed by other means than Harbour’s own pages, and is not opened.")
        )

    @property
    def detail(self) -> str:
        return self.row


class Busy(Stale):
    """Somebody else holds the case for longer than one waits for it; nothing has changed yet."""

    template = "refusals/busy.html"

    def __init__(self, case_id: UUID, what: str, by: UUID) -> None:
        super().__init__(case_id, what, by, _("Somebody else is working on this case at this moment."))

"""Opening a case in an emergency, and the look at it afterwards."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.desk.forms import DoneForm
from relocation.journey.deadlines import GLASS
from relocation.journey.glass import break_glass
from relocation.models import Account, Deadline, LedgerEntry
from relocation.safety import vault

VERDICTS = [("needed", gettext_lazy("It was needed")), ("not_needed", gettext_lazy("It was not needed"))]


class BreakForm(forms.Form):
    """Which case, and what is happening."""

    called = forms.CharField(
        label=gettext_lazy("Code or alias"), max_length=40, help_text=gettext_lazy("Exactly as it is written."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )  # fmt: skip
    why = forms.CharField(
        label=gettext_lazy("What is happening, and why nobody can wait"), max_length=500, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="glass-%s")


class GlassForm(DoneForm):
    """What somebody else found when they looked at it."""

    verdict = forms.ChoiceField(label=gettext_lazy("Was it needed?"), choices=VERDICTS, widget=forms.RadioSelect)

    field_order = ("verdict", "reason")


def broken(form: BreakForm, by: Account) -> UUID | None:
    """The case that was opened; None, with one sentence, where nothing was."""
    if not form.is_valid():
        return None
    case_id = break_glass(form.cleaned_data["called"], by=by, reason=form.cleaned_data["why"])
    if case_id is None:
        form.add_error(None, _("Nothing was opened. Check the code with whoever told you, or call the people on call."))
    return case_id


def told(due: Deadline, by: Account, mine: bool) -> dict[str, str]:
    """Why the case was opened, for whoever looks at it."""
    if due.what != GLASS or not mine:
        return {}
    entry = LedgerEntry.objects.filter(case_id=due.case_id, what="glass.broken", actor_id=due.by_id, at__gte=due.at).first()
    return {"glass_reason": vault.read(entry, "reason", by=by, purpose="why a case was opened")["reason"]} if entry else {}

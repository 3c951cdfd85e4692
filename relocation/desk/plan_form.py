"""The form of a check-in plan: how often, when the person can speak, who answers for it, and two words."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.desk.record_forms import RecordForm
from relocation.journey.silence import unsaid_grants
from relocation.models import Account
from relocation.models.zones import choices
from relocation.safety import access
from relocation.safety.policy import Role

ANSWERS = (Role.LEAD, Role.WORKER, Role.COORDINATOR)


class PlanForm(RecordForm):
    """Two words that cannot be taken for each other, and a window that has both ends or none."""

    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone of the person"), choices=choices, initial="Europe/Moscow",
        help_text=gettext_lazy("Whole days go by the clock there, also when clocks change; fewer hours are hours."),
    )  # fmt: skip

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.initial["starts_at"] = timezone.now().replace(second=0, microsecond=0)
        for name in ("opens_at", "closes_at"):
            self.fields[name].widget = forms.TimeInput({"type": "time"}, "%H:%M")
        self.fields["closes_at"].help_text = _("Leave both empty where the person can speak at any hour.")
        self.fields["step_minutes"].help_text = _(
            "When the grace is over: whoever answers for it, everybody on the case, the people on call, the lawyer."
        )
        self._ask_who()

    def _ask_who(self) -> None:
        owner: Any = self.fields["owner"]
        unsaid = unsaid_grants(self.case, self.by)  # a duress word must not add a name here
        held = [access.holders(self.case.pk, role).exclude(unsaid).values_list("user", flat=True) for role in ANSWERS]
        owner.queryset = Account.objects.filter(pk__in={pk for found in held for pk in found}, is_active=True).order_by("name")
        owner.empty_label = _("the case lead")

    def clean(self) -> Any:
        told = super().clean() or self.cleaned_data
        for name, sentence in (("every_hours", _("At least every hour.")), ("step_minutes", _("At least a minute."))):
            if told.get(name) == 0:
                self.add_error(name, sentence)
        if told.get("codeword") and told["codeword"].strip().casefold() == told.get("duress_word", "").strip().casefold():
            self.add_error("duress_word", _("It must differ from the codeword."))
        if told.get("starts_at") and told.get("ends_at") and told["ends_at"] <= told["starts_at"]:
            self.add_error("ends_at", _("It would end before it begins."))
        self._one_window(told)
        return told

    def _one_window(self, told: dict[str, Any]) -> None:
        opens, closes = told.get("opens_at"), told.get("closes_at")
        if (opens is None) != (closes is None) or (opens and opens == closes):
            self.add_error("closes_at", _("Say from when until when the person can speak, or leave both empty."))

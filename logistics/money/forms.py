"""Entering money: the amount as people write it, with its currency beside it."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from logistics.models import Category, Funder, Rate
from logistics.money import amounts, currencies
from logistics.money.spending import Payment
from relocation.intake.uploads import ScanField
from relocation.models import Account

AMOUNT = gettext_lazy("As you write it: 1234.50, 1 234,50 or 1,234.50.")
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class AmountForm(forms.Form):
    """An amount in a currency; cleaned, `minor` is its whole minor units."""

    amount = forms.CharField(
        label=gettext_lazy("Amount"), help_text=AMOUNT, max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), choices=currencies.choices)

    def clean(self) -> dict[str, Any]:
        """Read the amount once the currency is known."""
        told = super().clean() or self.cleaned_data
        if "amount" in told and "currency" in told:
            try:
                told["minor"] = amounts.read(told["amount"], told["currency"])
            except amounts.Unclear as unclear:
                self.add_error("amount", unclear.sentence)
        return told


class ExpenseForm(AmountForm):
    """One payment for one person."""

    category = forms.ChoiceField(label=gettext_lazy("What for"), choices=Category.choices)
    paid_on = forms.DateField(label=gettext_lazy("Paid on"), widget=DAY)
    payee = forms.CharField(
        label=gettext_lazy("To whom"), max_length=120, required=False, help_text=gettext_lazy("Sealed. A name or a shop."),
    )  # fmt: skip
    words = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False, help_text=gettext_lazy("Sealed."))
    funder = forms.ModelChoiceField(
        Funder.objects.none(), label=gettext_lazy("From whose money"), required=False, empty_label=gettext_lazy("Our own")
    )
    receipt = ScanField(label=gettext_lazy("Receipt"), required=False)

    def __init__(self, *args: Any, by: Account, **kwargs: Any) -> None:
        super().__init__(*args, **({"auto_id": "f-%s"} | kwargs))
        self.fields["paid_on"].initial = timezone.localdate
        funders = Funder.objects.filter(organisation=by.organisation_id)
        if funders:
            self.fields["funder"].queryset = funders  # type: ignore[attr-defined]
        else:
            del self.fields["funder"]

    def clean_paid_on(self) -> Any:
        """A day that has come."""
        day = self.cleaned_data["paid_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come. Enter the payment once it is made."))
        return day

    def payment(self) -> Payment:
        """What the door takes."""
        told = self.cleaned_data
        names = ("category", "currency", "minor", "paid_on", "payee", "words")
        return Payment(**{name: told[name] for name in names}, funder=told.get("funder"))


class BackForm(forms.Form):
    """Why a payment is taken back."""

    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)


class FunderForm(forms.Form):
    """Whose money is spent."""

    name = forms.CharField(label=gettext_lazy("Name of the funder"), max_length=60)


class RateForm(forms.ModelForm):
    """A rate, with its day and where it was read."""

    currency = forms.ChoiceField(label=gettext_lazy("One unit of"), choices=currencies.choices)
    into = forms.ChoiceField(label=gettext_lazy("is so much in"), choices=currencies.choices)

    class Meta:
        model = Rate
        fields = ["currency", "units", "into", "stated_on", "source"]
        widgets = {"stated_on": DAY}
        help_texts = {"source": gettext_lazy("Where you read it, such as the central bank’s list. Harbour never fetches a rate.")}

    def clean(self) -> dict[str, Any]:
        """Two currencies, and a rate of a day that has come."""
        told = super().clean() or self.cleaned_data
        if told.get("currency") and told.get("currency") == told.get("into"):
            self.add_error("into", _("Choose another currency than the first."))
        if told.get("units") is not None and told["units"] <= 0:
            self.add_error("units", _("The rate must be more than nothing."))
        if told.get("stated_on") and told["stated_on"] > timezone.localdate():
            self.add_error("stated_on", _("This day is still to come."))
        return told

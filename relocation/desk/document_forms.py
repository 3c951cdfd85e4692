"""Entering a document: as it is printed, compared with its machine-readable lines; and the pages of it."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.desk.record_forms import RecordForm, made
from relocation.intake.uploads import ScanField
from relocation.models import TRAVEL_DOCUMENTS, Document
from relocation.models.dates import NoSuchDate, born
from relocation.paperwork import mrz

FIELDS = (
    "kind", "issued_on", "expires_on", "blank_pages", "issuer", "number", "surname", "given_names", "native_name", "birth_date",
    "sex", "nationality", "mrz",
)  # fmt: skip


# What the lines say, and the field that says it too.
COMPARED = {
    "surname": "surname",
    "given_names": "given_names",
    "birth": "birth_date",
    "number": "number",
    "expires": "expires_on",
}


class DocumentForm(RecordForm):
    """What stands in the document. Where the lines disagree, the sentence stands at the field that differs."""

    sex = forms.ChoiceField(
        label=gettext_lazy("Sex as in the document"),
        required=False,
        choices=[("", "–"), ("F", "F"), ("M", "M"), ("X", "X")],
    )
    as_printed = forms.BooleanField(
        label=gettext_lazy("I compared every character: the document is printed like this"), required=False
    )

    def __init__(self, data: Any = None, files: Any = None, **more: Any) -> None:
        super().__init__(data, files, **more)
        self.fields["birth_date"].help_text = _("Such as 1992-04-28; where a part is unknown, as it is printed.")
        self.fields["blank_pages"].help_text = _("Of a passport. Most posts ask for two that lie side by side.")
        self.fields["mrz"].help_text = _("The lines at the foot of the page, with every <.")
        if not self.is_bound or not data.get("mrz", "").strip():
            del self.fields["as_printed"]

    def clean_birth_date(self) -> str:
        text = (self.cleaned_data["birth_date"] or "").strip()
        try:
            return str(born(text, timezone.localdate())) if text else ""
        except NoSuchDate:
            return text  # as printed, such as 28.XX.1992

    def clean_issuer(self) -> str:
        return str(self.cleaned_data["issuer"]).upper()

    def clean_mrz(self) -> str:
        lines = (self.cleaned_data["mrz"] or "").upper().splitlines()
        return "\n".join(line.replace(" ", "") for line in lines if line.strip())

    def clean(self) -> Any:
        told = super().clean() or self.cleaned_data
        issued, expires = told.get("issued_on"), told.get("expires_on")
        if issued and expires and expires < issued:
            self.add_error("expires_on", _("It would run out before it was issued."))
        if told.get("kind") in TRAVEL_DOCUMENTS:
            self._needs_its_data()
        if told.get("mrz") and not told.get("as_printed"):
            self._compare(told)
        return told

    def _needs_its_data(self) -> None:
        for name in ("expires_on", "number", "surname"):
            self.ask_for(name, _("A travel document has this."))

    def _compare(self, told: dict[str, Any]) -> None:
        try:
            read = mrz.parse(told["mrz"].splitlines())
        except mrz.NotAnMRZ as trouble:
            self.add_error("mrz", trouble.sentence)
            return
        for theirs, ours in COMPARED.items():
            value: Any = _whole_day(told.get(ours)) if theirs == "birth" else told.get(ours)
            for sentence in mrz.disagreements(read, **{theirs: value}) if value and ours not in self.errors else ():
                self.add_error(ours, sentence)


def _whole_day(text: str | None) -> date | None:
    """The day, where all of it is known."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


document_form = made(Document, DocumentForm, FIELDS, ("kind",))


class PageForm(forms.Form):
    """A page, or the pages of a PDF, made harmless before anything else looks at them."""

    page = ScanField(label=gettext_lazy("Photograph or scan"))


class RefusalForm(forms.Form):
    """Why a document cannot be used."""

    reason = forms.CharField(label=gettext_lazy("Why it cannot be used"), max_length=300)

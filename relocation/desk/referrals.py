"""Importing a referral file: upload, look, confirm, and see the cases; nothing touches a disk unsealed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from relocation.desk import fictional, referral_rows
from relocation.intake import importing, kept
from relocation.journey import chains, triage
from relocation.models import Account, Case, ReferralFile
from relocation.paperwork import links
from relocation.safety.confirm import confirmed
from relocation.safety.gate import portal

MOST_BYTES = 10 * 1024 * 1024
MOST_SHOWN = 100
View = Callable[..., HttpResponseBase]


class InMemory(MemoryFileUploadHandler):
    """Keeps an upload of up to `MOST_BYTES` in memory; a larger one is dropped as it comes in."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *rest: Any) -> None:
        """Tell from the announced length whether to take the file."""
        self.activated = content_length <= MOST_BYTES


def kept_off_disk(view: View) -> View:
    """Django writes larger uploads to a temporary file; this must be said before the form is read for its token."""

    @wraps(view)
    def page(request: HttpRequest, **rest: Any) -> HttpResponseBase:
        request.upload_handlers = [InMemory(request)]
        return csrf_protect(view)(request, **rest)

    return csrf_exempt(page)


class UploadForm(forms.Form):
    """The file, and in an invented world a word that its people are invented."""

    file = forms.FileField(
        label=gettext_lazy("Referral file"),
        help_text=gettext_lazy("CSV or XLSX, up to 10 MB. Nothing is saved before you confirm."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        error_messages={
            "required": gettext_lazy("Choose a file of up to 10 MB. Split a larger one."),
            "empty": gettext_lazy("The file is empty."),
        },
    )
    invented = forms.BooleanField(
        label=gettext_lazy("The people in this file are invented"),
        error_messages={"required": gettext_lazy("This is an invented world. Real people do not belong here.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not fictional.is_fictional():
            del self.fields["invented"]


@kept_off_disk
@portal("desk")
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file; it is looked at, and kept for its importer alone."""
    by: Account = request.user  # type: ignore[assignment]
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if importing.why_not(by):
        return render(request, "desk/referrals.html", {"why_not": importing.why_not(by)})
    if form.is_valid() and (file_id := _looked_at(form, by)):
        return redirect("desk:referral_file", file_id)
    return render(request, "desk/referrals.html", {"form": form, "answers": chains.answers_for(by)})


def _looked_at(form: UploadForm, by: Account) -> UUID | None:
    """Keep what was uploaded, or say on the form why it is no table."""
    file: UploadedFile = form.cleaned_data["file"]
    content = file.read()
    seen = importing.look(BytesIO(content), file.name or "", by=by)
    if seen.preview.refused_whole:
        form.add_error("file", seen.preview.refused_whole)
        return None
    file_id: UUID = kept.keep(content, seen, by=by).pk
    return file_id


@portal("desk")
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """The preview of a file; confirmed, how far it is; imported, its cases."""
    by: Account = request.user  # type: ignore[assignment]
    mine = kept.mine(file_id, by=by)
    if request.method == "POST":
        return _decided(request, mine, by)
    if mine.state != ReferralFile.State.WAITING:
        return render(request, "desk/referrals_import.html", _imported(mine, by))
    seen = kept.look_again(mine, by=by)
    return render(request, "desk/referrals_preview.html", {"file": mine} | referral_rows.shown(seen))


def _decided(request: HttpRequest, mine: ReferralFile, by: Account) -> HttpResponse:
    if "cancel" in request.POST:
        kept.drop(mine, by=by)
        messages.success(request, _("The file is forgotten. Nothing was saved."))
        return redirect("desk:referrals")
    kept.order(mine, left_out=request.POST.getlist("leave_out"), by=by)
    return redirect("desk:referral_file", mine.pk)


def _imported(mine: ReferralFile, by: Account) -> dict[str, Any]:
    shown = Case.objects.visible_to(by).filter(pk__in=mine.added[:MOST_SHOWN]).order_by("alias", "code")
    return {
        "file": mine,
        "running": mine.state == ReferralFile.State.ORDERED,
        "opened": shown,
        "waiting": triage.without_lead(by).filter(pk__in=mine.added).exists(),
        "more": max(0, len(mine.added) - MOST_SHOWN),
    }


@portal("desk")
@confirmed()
@require_POST
def refused(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """The refused rows with a reason column, to be mended and sent again, by a link that opens once."""
    return links.link(request, "refused_rows", file_id)

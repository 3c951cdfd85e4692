"""Questions of a post and our answers, for one application."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.journey import recording
from relocation.models import Account, Application, Case, Message
from relocation.models.outbox import put
from relocation.safety import vault
from relocation.safety.gate import Request, case_page


class AnswerForm(forms.Form):
    """What we write to the post; it names nobody, since names stand in the sealed file."""

    words = forms.CharField(
        label=gettext_lazy("Your answer"),
        help_text=gettext_lazy("The post reads it beside the dossier. Leave names out: they stand inside the sealed file."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


@case_page("post.read")
def thread(request: Request, case: Case, application_id: UUID) -> HttpResponse:
    """What was asked and answered, oldest first, and a form to answer."""
    application = get_object_or_404(Application.objects.select_related("post"), case=case, pk=application_id)
    form = AnswerForm(request.POST or None, auto_id="f-%s")
    if application.dossier_id and request.method == "POST" and form.is_valid():
        answer(application, form.cleaned_data["words"], by=request.user)
        messages.success(
            request, _("Sent to %(post)s. Its officers are told that something waits for them.") % {"post": application.post}
        )
        return redirect("desk:thread", case.pk, application.pk)
    said = [_said(message, request.user) for message in _messages(application)]
    writable = application.dossier_id and recording.may_write(request.user, Message, case)
    context = {"case": case, "application": application, "said": said, "form": form if writable else None}
    return render(request, "desk/thread.html", context)


def _messages(application: Application) -> list[Message]:
    return list(Message.objects.filter(application=application).select_related("by__post").order_by("at"))


def _said(message: Message, by: Account) -> dict[str, object]:
    who = message.by.post.code if message.by.post else message.by.name
    words = vault.read(message, "words", by=by, purpose="thread")["words"]
    return {"who": who, "at": message.at, "words": words}


def answer(application: Application, words: str, *, by: Account) -> Message:
    """Write to the post that holds the dossier. Raises `Denied`."""
    with transaction.atomic():
        message = Message(case_id=application.case_id, application=application, words=words)
        message.dossier = application.dossier  # it is only called where a post holds one
        recording.write(message, by=by)
        put("tell_post", by=by, key=str(message.pk), paper=application.dossier_id, case=application.case_id)
        return message

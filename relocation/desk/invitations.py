"""Letting new people in: the access custodian's page, and the first screen of whoever follows a link."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.journey import joining
from relocation.models import Account, Office, Organisation, Part, Post
from relocation.safety import pending
from relocation.safety.confirm import confirmed
from relocation.safety.gate import Request, portal, public
from relocation.safety.refusal import Denied

INVITED = [Part.DESK, Part.HOUSE, Part.ROAD, Part.POST]


class InviteForm(forms.Form):
    """Who, as what, and where they belong."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    username = forms.CharField(
        label=gettext_lazy("Name they sign in with"), max_length=60, validators=[UnicodeUsernameValidator()],
        help_text=gettext_lazy("Short, and easy to type on a phone."),
    )  # fmt: skip
    email = forms.EmailField(
        label=gettext_lazy("E-mail, if they have one"), required=False,
        help_text=gettext_lazy("Used only to say that something waits. The link is never mailed: you hand it over."),
    )  # fmt: skip
    part = forms.ChoiceField(label=gettext_lazy("They come as"), choices=[(part.value, part.label) for part in INVITED])
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Organisation"), queryset=Organisation.objects.none(), required=False,
        help_text=gettext_lazy("For case work, hosts and escorts."),
    )  # fmt: skip
    post = forms.ModelChoiceField(
        label=gettext_lazy("Post"), queryset=Post.objects.none(), required=False, help_text=gettext_lazy("For embassy officers.")
    )
    place = forms.ChoiceField(label=gettext_lazy("House"), required=False, help_text=gettext_lazy("For hosts."))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="f-%s")
        fields: Any = self.fields
        fields["organisation"].queryset = Organisation.objects.order_by("name")
        fields["post"].queryset = Post.objects.order_by("code")
        houses = joining.PLACES[Part.HOUSE].choices() if Part.HOUSE in joining.PLACES else []
        fields["place"].choices = [("", "---------"), *houses]

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"])
        if Account.objects.filter(username__iexact=name).exists():
            raise ValidationError(_("Somebody signs in with this name already. Choose another one."))
        return name

    def clean(self) -> Any:
        told = super().clean() or self.cleaned_data
        part = told.get("part")
        belongs = {Part.POST: ("post", _("Choose the officer's post."))}
        field, sentence = belongs.get(part, ("organisation", _("Choose the organisation they belong to.")))  # type: ignore[arg-type]
        if not told.get(field):
            self.add_error(field, sentence)
        if part == Part.HOUSE and not told.get("place"):
            self.add_error("place", _("Choose the house that this host keeps."))
        return told

    def account(self) -> Account:
        """The account that is to be made; a post's officer belongs to no organisation."""
        told, at_post = self.cleaned_data, self.cleaned_data["part"] == Part.POST
        return Account(
            username=told["username"],
            name=told["name"],
            email=told["email"],
            part=told["part"],
            organisation=None if at_post else told["organisation"],
            post=told["post"] if at_post else None,
            language=told["post"].language if at_post else "en",
        )


@portal(Part.OFFICE)
@confirmed()
def invite(request: Request) -> HttpResponse:
    """Invite somebody; the link is shown once, to be handed over."""
    by = request.user
    if Office.CUSTODIAN not in by.offices:
        raise Denied(by.pk, "invite", by.pk)
    again = request.POST.get("again", "")
    form = InviteForm(request.POST if request.method == "POST" and not again else None)
    link, whom = "", None
    if again:
        whom = get_object_or_404(Account, pk=again, password=joining.NO_PASSWORD, offices=[], part__in=INVITED)
        link = _address(request, joining.invite_again(whom, by=by))
    elif form.is_valid():
        whom = form.account()
        link = _address(request, joining.invite(whom, by=by, place=form.cleaned_data["place"]))
        form = InviteForm()
    context = {"form": form, "link": link, "whom": whom, "waiting": joining.waiting(), "hours": joining.LASTS}
    return render(request, "entrance/invite.html", context)


def _address(request: HttpRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("join", args=[token]))


class PasswordForm(forms.Form):
    """A password, typed twice; whoever asks for it says whose it is."""

    password = forms.CharField(
        label=gettext_lazy("Password"), strip=False, max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 12 characters. A sentence that only you would say is easy to keep in mind."),
    )  # fmt: skip
    password_again = forms.CharField(
        label=gettext_lazy("The same password again"), strip=False, max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, data: Any, account: Account) -> None:
        super().__init__(data, auto_id="f-%s")
        self.account = account

    def clean(self) -> Any:
        told = super().clean() or self.cleaned_data
        if (chosen := told.get("password")) is not None:
            if told.get("password_again") not in (None, chosen):
                self.add_error("password_again", _("This is not the same password. Type it once more."))
            try:
                password_validation.validate_password(chosen, self.account)
            except ValidationError as weak:
                self.add_error("password", weak)
        return told


@public
def join(request: HttpRequest, token: str) -> HttpResponse:
    """The first of three screens: choose a password. Looking at the link does not use it up."""
    account = joining.invited_by(token)
    if account is None:
        return render(request, "entrance/no_link.html", status=404)
    form = PasswordForm(request.POST or None, account)
    if form.is_valid():
        joined = joining.join(token, form.cleaned_data["password"])
        if joined is None:
            return render(request, "entrance/no_link.html", status=404)
        pending.hold(request, joined)
        return redirect("enrol")
    return render(request, "entrance/join.html", {"form": form, "account": account})

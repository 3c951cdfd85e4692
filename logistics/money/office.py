"""Money of the organisation: limits and funders, budgets of waves, and reports."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from logistics.models import Funder, Report
from logistics.money import amounts, budgets, limits, reporting, suppression
from logistics.money.forms import AmountForm, FunderForm, RateForm
from relocation.journey import waves
from relocation.models import Account, Wave
from relocation.paperwork import links
from relocation.safety.device import device
from relocation.safety.gate import Request, named, portal
from relocation.safety.refusal import Denied


@portal("desk")
def home(request: Request) -> HttpResponse:
    """The limits, the funders and the reports; what of them this account may change."""
    by, sets = request.user, limits.may_set(request.user)
    if request.method == "POST" and not sets:
        raise Denied(by.pk, "money.office", by.pk)
    do = request.POST.get("do", "")
    limit = AmountForm(request.POST if do == "limit" else None, auto_id="l-%s")
    funder = FunderForm(request.POST if do == "funder" else None, auto_id="u-%s")
    if request.method == "POST" and (said := _acted(request, do, limit, funder)):
        messages.success(request, said)
        return redirect("money:home")
    return render(request, "money/home.html", _home(by, sets) | {"limit_form": limit, "funder_form": funder})


def _home(by: Account, sets: bool) -> dict[str, Any]:
    funders = list(Funder.objects.filter(organisation=by.organisation_id))
    made = Report.objects.filter(funder__in=funders).select_related("funder", "by") if sets else Report.objects.none()
    return {
        "sets": sets,
        "limits": limits.standing(by),
        "proposed": limits.proposed(by),
        "funders": funders,
        "reports": list(made[:40]),
        "quarters": reporting.quarters(),
    }


def _acted(request: Request, do: str, limit: AmountForm, funder: FunderForm) -> str:
    """Propose a limit, agree to one, or name a funder; empty where a form must be looked at again."""
    by = request.user
    if limit.is_valid():
        told = limit.cleaned_data
        limits.propose(told["currency"], told["minor"], by=by, device=device(request))
        return _("Proposed. It holds once another coordinator agrees.")
    if funder.is_valid():
        limits.add_funder(funder.cleaned_data["name"], by=by)
        return _("Added.")
    if do == "agree":
        agreed = limits.agree(named(request.POST.get("limit", "")), by=by, device=device(request))
        return _("From now on two people agree to what is above %(amount)s.") % {
            "amount": amounts.written(agreed.minor, agreed.currency)
        }
    return ""


@portal("desk")
@require_POST
def make(request: Request) -> HttpResponse:
    """Make the report of a quarter for a funder, or open the one that was made."""
    by = request.user
    try:
        quarter = date.fromisoformat(request.POST.get("quarter", ""))
    except ValueError:
        raise Denied(by.pk, "report.make", by.pk) from None
    made = reporting.make(named(request.POST.get("funder", "")), quarter, by=by)
    return redirect("money:report", made.pk)


@portal("desk")
def report(request: Request, report_id: UUID) -> HttpResponse:
    """What a funder is told of a quarter; state a rate; take it as a PDF or a table."""
    found = reporting.find(report_id, by=request.user)
    do = request.POST.get("do") or ("download" in request.POST and request.GET.get("as"))
    if do in ("pdf", "csv"):
        return links.link(request, f"report_{do}", found.pk)
    form = RateForm(request.POST or None, auto_id="f-%s")
    if form.is_valid():
        reporting.state_rate(found, form.save(commit=False), by=request.user)
        messages.success(request, _("The rate is kept."))
        return redirect("money:report", found.pk)
    context = {"report": found, "told": suppression.read(found.figures), "sums": reporting.converted(found), "form": form}
    return render(request, "money/report.html", context | {"fewest": suppression.FEWEST})


@portal("desk")
def wave_budget(request: Request, wave_id: UUID) -> HttpResponse:
    """Say what may be spent for a wave."""
    found, by = waves.find(wave_id, request.user), request.user
    if not Wave.objects.kept_by(by).filter(pk=found.pk, closed_at=None).exists():
        raise Denied(by.pk, "wave.budget", by.pk)
    form = AmountForm(request.POST or None, auto_id="f-%s")
    if form.is_valid():
        budgets.plan_wave(found.pk, form.cleaned_data["currency"], form.cleaned_data["minor"], by=by)
        messages.success(request, _("Kept."))
        return redirect("desk:wave", found.pk)
    return render(request, "money/wave.html", {"wave": found, "form": form})

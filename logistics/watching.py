"""The check-ins of a case: log one, see the past ones and when the next is due."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from logistics import check_ins, ladder
from logistics.forms import CheckInForm
from logistics.models import CheckIn
from relocation.journey.codeword import plan_of
from relocation.models import Case
from relocation.models.watch import CHANNELS
from relocation.safety import access, ledger
from relocation.safety.gate import Request, case_page

SHOWN = 30


@case_page("case.open")
def check_in(request: Request, case: Case) -> HttpResponse:
    """After the duress word this page does and says exactly what it does and says after the codeword."""
    form = CheckInForm(request.POST or None, initial={"outcome": CheckIn.Outcome.HEARD, "channel": "phone"})
    if request.method == "POST" and form.is_valid() and _logged(request, case, form):
        messages.success(request, _("The check-in is logged."))
        return redirect("passages:check_in", case.pk)
    past = list(CheckIn.objects.filter(case=case).select_related("by").order_by("-at")[:SHOWN])
    for entry in past:
        entry.channel = str(dict(CHANNELS).get(entry.channel, entry.channel))
    watch = check_ins.watch(case)
    context = {
        "case": case,
        "form": form,
        "past": past,
        "plan": watch.plan if watch else plan_of(case),
        "due": watch and watch.due,
        "overdue": watch and watch.overdue_by,
        "rungs": ladder.climbed(case),
        "logs": access.may(request.user, "card.write", case.pk),
    }
    return render(request, "logistics/check_ins.html", context)


def _logged(request: Request, case: Case, form: CheckInForm) -> bool:
    told = form.cleaned_data
    try:
        check_ins.log(case, told["outcome"], by=request.user, word=told["word"], channel=told["channel"])
    except check_ins.WrongWord as refusal:
        ledger.keep(refusal)
        form.add_error("word", refusal.sentence)
        return False
    return True

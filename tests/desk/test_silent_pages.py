"""Byte by byte: whoever typed the duress word is shown what they are shown after the codeword, here and after the next step."""

import re
from datetime import timedelta
from difflib import unified_diff

import pytest
from django.utils import timezone

from conftest import BOTH
from fiction.story import CODEWORD, DURESS, as_
from relocation.journey.referring import assign, refer
from relocation.models import DutyShift, Stage
from tests.cast import referral
from tests.journey.company import Company

pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)
PAGES = (
    "", "?access=1", "people/", "check-ins/", "incident/", "household/", "papers/", "places/", "money/", "records/notice/",
    "records/check-in-plan/", "records/channel/", "steps/document/", "steps/hold/", "steps/resume/", "steps/compromise/",
    "steps/extract_again/", "steps/make_safe/", "steps/withdraw/",
)  # fmt: skip
# Of no case: names of rows, codes, tokens, and the minute.
CHANCE = (
    r"[0-9a-f]{8}-[0-9a-f-]{27}",
    r"\b[0-9A-Z]{4}-[0-9A-Z]{2}\b",
    r'value="\w{64}"',
    r'name="(end|renew)" value="\d+"',
    r"\d\d:\d\d",
    r"\d+ (minutes?|seconds?)( ago)?",
)


def twin(ground, phone) -> Company:
    """Kestrel, sheltered and watched; two of them tell the same."""
    with as_(ground["mara"]) as mara:
        case = refer(referral(phone=phone), by=mara)
    with as_(ground["mara"]) as mara:
        assign(case.pk, ground["vera"], by=mara, reason="has room for one more")
    company = Company(ground, case.pk).at(Stage.SHELTERED)
    company.watch()
    return company


def shown(browser, company, path):
    answer = browser.get(f"/cases/{company.case_id}/{path}")
    text = answer.content.decode()
    for chance in CHANCE:
        text = re.sub(chance, "#", text)
    return [str(answer.status_code), *text.splitlines()]


def say(browser, company, word):
    told = {"outcome": "heard", "word": word, "channel": "phone"}
    assert browser.post(f"/cases/{company.case_id}/check-ins/", told, follow=True).status_code == 200


def ask(browser, company):
    told = {"version": company.seen().version, "do": "take", "channel": "", "reason": "she says so"}
    assert browser.post(f"/cases/{company.case_id}/steps/withdraw/", told, follow=True).status_code == 200


def listed(browser):
    return re.sub("|".join(CHANCE[2:5:2]), "#", browser.get("/cases/").content.decode())


def same(browser, free, forced):
    """What differs, by page: nothing."""
    for page in PAGES:
        differ = list(unified_diff(shown(browser, free, page), shown(browser, forced, page), lineterm="", n=0))
        assert not differ, "\n".join([page, *differ])


def test_nothing_on_her_screen_tells_the_duress_word_from_the_codeword(ground, signed_in, vera, mara, tomas):
    forced, free = twin(ground, "+79224125684"), twin(ground, "+79224125685")
    browser, now = signed_in(vera), timezone.now()
    with as_(mara):  # on call since a minute, and not on the case yet
        DutyShift.objects.create(account=tomas, starts_at=now - timedelta(minutes=1), ends_at=now + timedelta(days=1))
    before = listed(browser)
    say(browser, free, CODEWORD)
    say(browser, forced, DURESS)
    forced.jobs()
    same(browser, free, forced)
    assert listed(browser) == before
    assert {company.seen("mara").standing for company in (free, forced)} == {"active", "compromised"}
    for company in (free, forced):
        ask(browser, company)
    same(browser, free, forced)
    assert any("Tomas" in line for line in shown(browser, forced, "people/"))

"""The page on which a case is erased: for its coordinators, with a second person's word, and its code typed once more."""

import pytest
from django.urls import reverse

from relocation.journey import approvals
from relocation.models import Approval, Case, WrappedKey
from relocation.safety.actor import acting_as


@pytest.fixture
def page(kestrel, settings, tmp_path):
    settings.HARBOUR_TOMBSTONE_FOLDER = str(tmp_path)
    return reverse("desk:retention", args=[kestrel.pk])


def test_two_people_erase_a_case_from_its_page(page, kestrel, mara, ilya, vera, signed_in, django_capture_on_commit_callbacks):
    browser = signed_in(mara)
    assert signed_in(vera).get(page).status_code == 404
    text = browser.get(page).content.decode()
    assert "Places and stays" in text and "Nothing is about to go" in text and "Erase for good" not in text
    assert "goes on" in browser.post(page, {"do": "ask", "why": "over", "reason": "tidy"}).content.decode()
    assert browser.post(page, {"do": "ask", "why": "demand", "reason": ""}).status_code == 200
    assert not Approval.objects.exists()

    browser.post(page, {"do": "ask", "why": "demand", "reason": "She asks for it."})
    with acting_as(ilya.pk):
        (asked,) = approvals.waiting_for(ilya)
        assert "She asks for it." in approvals.reason_of(asked, by=ilya)
    assert "Waiting for a second person" in browser.get(page).content.decode()
    browser.post(page, {"do": "erase", "why": "demand", "code": kestrel.code})
    assert WrappedKey.objects.filter(subject_id=kestrel.pk).exists(), "nobody agreed yet"

    with acting_as(ilya.pk):
        approvals.answer(asked.pk, given=True, by=ilya, session="his own")
    assert page in browser.get(reverse("desk:day")).content.decode()
    assert "This is not the code" in browser.post(page, {"do": "erase", "why": "demand", "code": "WRONG"}).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(page, {"do": "erase", "why": "demand", "code": kestrel.code.lower()}, follow=True)
    assert "Erased for good" in answer.content.decode()
    assert browser.get(page).status_code == 404 and not WrappedKey.objects.filter(subject_id=kestrel.pk).exists()
    with acting_as(mara.pk):
        assert not Case.objects.visible_to(mara).exists()

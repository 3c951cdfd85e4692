"""A separate reader: looks at ledger, state and papers afterwards, without taking the walk's word for anything."""

from collections import Counter
from pathlib import Path

from django.db import transaction

from fiction.ground import Ground
from fiction.story import Story
from relocation.models import Case, LedgerEntry, Paper, Stage, Standing
from relocation.paperwork import seal
from relocation.safety import chain, vault
from relocation.safety.actor import acting_as

ENOUGH = 8
AES_256 = 6  # the revision of the standard security handler, ISO 32000-2


def look(ground: Ground, story: Story, refusals: list[str], papers: Path) -> list[str]:
    """What is not as it should be, as sentences; prints what was found."""
    return [*_ledger(ground, refusals), *_state(ground, story), *_papers(ground, story, papers)]


def _ledger(ground: Ground, refusals: list[str]) -> list[str]:
    with acting_as(ground["anton"].pk), transaction.atomic():
        verdict = chain.verify()
        kept = Counter(LedgerEntry.objects.values_list("what", flat=True))
    wrong = [f"the ledger does not hold at {verdict.broken}"] if verdict.broken else []
    wrong += [f"the ledger lacks {entry}" for entry, times in Counter(refusals).items() if kept[entry] < times]
    if len(refusals) < ENOUGH:
        wrong.append(f"only {len(refusals)} refusals, {ENOUGH} are wanted")
    held = sum(kept[entry] for entry in set(refusals))
    print(f"reader: {verdict.entries} ledger entries in {verdict.chains} chains hold; {held} of them are refusals")
    return wrong


def _state(ground: Ground, story: Story) -> list[str]:
    with acting_as(ground["vera"].pk), transaction.atomic():
        case = Case.objects.visible_to(ground["vera"]).get(pk=story.case_id)
        steps = LedgerEntry.objects.filter(case_id=case.pk, what__startswith="step.").count()
    print(f"reader: the case is {case.stage}, {case.standing}, after {steps} steps")
    if (case.stage, case.standing, case.version) != (Stage.RESETTLED, Standing.ACTIVE, steps):
        return ["the case is not resettled, active, and moved once for every step in the ledger"]
    return []


def _papers(ground: Ground, story: Story, papers: Path) -> list[str]:
    with acting_as(ground["vera"].pk), transaction.atomic():
        registered = {f"{p.kind}-{p.version}.pdf": p for p in Paper.objects.filter(case_id=story.case_id)}
        passwords = {
            name: vault.read(paper, "password", by=ground["vera"], purpose="reader")["password"]
            for name, paper in registered.items()
        }
    wrong = [f"{name} is registered and was not written" for name in registered if not (papers / name).exists()]
    for name, paper in registered.items():
        if (papers / name).exists():
            wrong += _sealed_as_it_should(papers / name, paper, passwords[name])
    print(f"reader: {len(registered)} papers are registered")
    return wrong


def _sealed_as_it_should(path: Path, paper: Paper, password: str) -> list[str]:
    """A sent paper opens with its password and AES-256 only; a carried one opens for anybody."""
    pdf = path.read_bytes()
    if not paper.is_sent:
        return [f"{path.name} does not open"] if seal.is_sealed(pdf) else []
    if not seal.is_sealed(pdf) or seal.revision(pdf, password) != AES_256:
        return [f"{path.name} is not sealed as it should be"]
    return []

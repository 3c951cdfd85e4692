"""Draws docs/journey.md from the steps themselves: two diagrams and the tables."""

from collections.abc import Iterable, Iterator

from django.utils import translation

from relocation.journey.conditions import name_of
from relocation.journey.stages import INITIAL, PHASES
from relocation.journey.step import STEPS, Step
from relocation.safety.policy import POLICY, Compartment, Role

MOST_ARROWS = 7


def draw() -> str:
    """The whole page, in English."""
    with translation.override("en"):
        return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The journey, drawn from the code"
    yield ""
    yield "Written by `manage.py draw_journey`; `make check` fails when it is not current. The graph is said once,"
    yield "in `relocation/journey/steps.py` and `standings.py`."
    for title, column in (("Stages", "stage"), ("Standings", "standing")):
        steps = [step for step in STEPS.values() if step.column == column]
        yield from ("", f"## {title}", "", "```mermaid", "stateDiagram-v2", f"    [*] --> {INITIAL[column]}")
        yield from _arrows(steps)
        yield from ("```", "")
        yield from _table(steps)
    yield from ("", "## Phases", "", "| phase | stages |", "|---|---|")
    yield from (f"| {phase.label} | {', '.join(f'`{s.value}`' for s in phase.stages)} |" for phase in PHASES)
    yield from (
        "",
        "## Who may know what",
        "",
        "`r` reads, `w` writes, `?` after a reason, `2` after a second person, `own` only the stay, leg or dossier of the grant.",
        "",
    )
    yield from _policy()


def _arrows(steps: Iterable[Step]) -> Iterator[str]:
    """One arrow a pair; a step that leads from or to nearly everywhere is told by the table alone."""
    for step in steps:
        if len(step.pairs) <= MOST_ARROWS:
            yield from (f"    {a} --> {b}: {step.name}" for a, b in sorted(step.pairs))


def _table(steps: Iterable[Step]) -> Iterator[str]:
    yield "| step | from | to | who | conditions | second person | emergency | what it is |"
    yield "|---|---|---|---|---|---|---|---|"
    for step in steps:
        yield "| " + " | ".join([f"`{step.name}`", *_cells(step)]) + " |"


def _cells(step: Step) -> list[str]:
    conditions = [name_of(need).replace("_", " ") for need in step.needs]
    if step.application:
        conditions.insert(0, f"an application that is {step.application.value}")
    return [
        ", ".join(step.sources),
        ", ".join(step.targets) or "stays",
        "anybody on the case" if step.by == frozenset(Role) else " or ".join(sorted(step.by)),
        ", ".join(conditions),
        "yes" if step.second else "",
        ("also from " + ", ".join(step.emergency_from) if step.emergency_from else "yes") if step.can_be_emergency else "",
        step.doc.splitlines()[0],
    ]


def _policy() -> Iterator[str]:
    yield "| role | " + " | ".join(Compartment) + " | ends |"
    yield "|---" * (len(Compartment) + 2) + "|"
    for role in Role:
        cells = [POLICY.rights[role, compartment].cell for compartment in Compartment]
        end = POLICY.ends[role]
        yield f"| `{role}` | " + " | ".join(cells) + f" | {f'{end.days} days' if end else 'with what it is for'} |"

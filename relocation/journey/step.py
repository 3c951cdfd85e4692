"""What a step is: ten lines over `django_fsm.transition`, and everything about it said once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django_fsm import RETURN_VALUE, transition

from relocation.journey.conditions import Need, want
from relocation.models import ApplicationState, Stage, Standing
from relocation.safety import access
from relocation.safety.policy import Role

ANYBODY = frozenset(Role) - {Role.GLASS}  # whoever broke the glass reads, and takes no step


@dataclass(frozen=True)
class Step:
    """One step of the journey or of the standing. Buttons, triggers, documentation and access are read from it."""

    name: str
    label: Any
    column: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    by: frozenset[Role]
    needs: tuple[Need, ...]
    second: bool
    facts: type | None
    reason: bool
    any_standing: bool
    application: ApplicationState | None
    can_be_emergency: bool
    emergency_from: tuple[str, ...]
    emergency_needs: tuple[Need, ...]
    doc: str
    only_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def capability(self) -> str:
        return f"step.{self.name}"

    @property
    def pairs(self) -> set[tuple[str, str]]:
        """What the database's trigger must allow; a step that changes nothing needs none."""
        moves_from = (STAGE_OF[self.application],) if self.application else (*self.sources, *self.emergency_from)
        return {(str(a), b) for a in moves_from for b in self.targets if a != b and str(a) in self.only_from.get(b, (str(a),))}


# A case that is further by another application stays where it is.
STAGE_OF = {
    ApplicationState.CHOSEN: Stage.DOCUMENTING,
    ApplicationState.APPLYING: Stage.APPLYING,
    ApplicationState.LODGED: Stage.LODGED,
    ApplicationState.GRANTED: Stage.GRANTED,
}
STEPS: dict[str, Step] = {}


def step(
    *sources: str,
    to: str | Iterable[str] | None,
    label: Any,
    by: Iterable[Role],
    needs: Iterable[Need] = (),
    second: bool = False,
    facts: type | None = None,
    reason: bool = False,
    any_standing: bool = False,
    application: ApplicationState | None = None,
    emergency_from: Iterable[str] | None = None,
    emergency_needs: Iterable[Need] = (),
    column: str = "stage",
    only_from: Mapping[str, Iterable[str]] | None = None,
) -> Callable[[Callable[..., Any]], Any]:
    """Declare a transition. `to=None` stays; several targets mean that the method returns the one it chose.

    `emergency_from` (possibly empty) makes the step one that an emergency may take at once, also from those stages;
    `emergency_needs` are the conditions that not even an emergency sets aside. `only_from` names targets that are reached from
    some of the sources alone; from the others the case may stay where it is.
    """
    targets = () if to is None else (str(to),) if isinstance(to, str) else tuple(str(t) for t in to)
    narrowed = {str(target): tuple(map(str, few)) for target, few in (only_from or {}).items()}

    def register(method: Callable[..., Any]) -> Any:
        declared = Step(
            name=method.__name__, label=label, column=column, sources=tuple(map(str, sources)), targets=targets,
            by=frozenset(by), needs=tuple(needs), second=second, facts=facts, reason=reason, any_standing=any_standing,
            application=application, can_be_emergency=emergency_from is not None,
            emergency_from=tuple(str(s) for s in emergency_from or ()), emergency_needs=tuple(emergency_needs),
            doc=(method.__doc__ or "").strip(), only_from=narrowed,
        )  # fmt: skip
        STEPS[declared.name] = declared
        want([*declared.needs, *declared.emergency_needs])
        access.declare(declared.capability, declared.by)
        target: Any = None
        if application:
            target = RETURN_VALUE(*declared.sources, *map(str, STAGE_OF.values()))
        else:
            stays = declared.sources if narrowed else ()
            target = None if not targets else targets[0] if len(targets) == 1 else RETURN_VALUE(*targets, *stays)
        return transition(column, source=[*declared.sources, *declared.emergency_from], target=target)(method)

    return register


def standing(*sources: str, to: str | Iterable[str], **rest: Any) -> Callable[[Callable[..., Any]], Any]:
    """A step of the standing: whether the way is open. These never wait for the standing that they change."""
    return step(*sources, to=to, column="standing", any_standing=True, **rest)


VISA_STAGES = (Stage.DOCUMENTING, Stage.APPLYING, Stage.LODGED, Stage.GRANTED)
LIVE_STAGES = tuple(s for s in Stage if s not in (Stage.DECLINED, Stage.CLOSED))
NOT_DECEASED = tuple(s for s in Standing if s is not Standing.DECEASED)


def application_step(
    state: ApplicationState, *, to: Iterable[str], stages: Iterable[str], **rest: Any
) -> Callable[[Callable[..., Any]], Any]:
    """A step of one application, which needs *its* state; the case's stage becomes that of the furthest open application."""
    return step(*stages, to=to, application=state, **rest)

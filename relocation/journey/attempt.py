"""One attempt at a step: who tries it on which case, with which facts."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, is_dataclass
from typing import TYPE_CHECKING, Any

from relocation.journey.conditions import Judgement, Met
from relocation.journey.silence import shown_standing
from relocation.models import Account, Application, Case

if TYPE_CHECKING:
    from relocation.journey.step import Step


@dataclass(frozen=True)
class Attempt:
    """What conditions and transitions look at."""

    case: Case
    step: "Step"
    by: Account
    facts: Any = None
    application: Application | None = None
    emergency: str = ""
    reason: str = ""

    @property
    def the_application(self) -> Application:
        """The application that an application step is about; `advance` has made sure that there is one."""
        assert self.application is not None
        return self.application

    def rests_on(self, judgements: Iterable[Judgement]) -> bytes:
        """SHA-256 over state, reason, facts and all that the conditions rest on; it is stored under the case's key only."""
        material = [
            str(self.case.pk),
            self.case.stage,
            shown_standing(self.case, self.by),
            self.step.name,
            self.reason.strip(),
            asdict(self.facts) if is_dataclass(self.facts) and not isinstance(self.facts, type) else None,
            sorted((j.name, [str(x) for x in j.outcome.rests_on]) for j in judgements if isinstance(j.outcome, Met)),
        ]
        return hashlib.sha256(json.dumps(material, default=str, sort_keys=True).encode()).digest()

"""What those who look for the person drive, and what they have tried already; and the task of looking again at who is near."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from relocation.models.case import OnCase
from relocation.safety.actor import system_account
from relocation.safety.policy import Compartment, known
from relocation.safety.sealed import Sealed
from relocation.safety.triggers import HEAD

CONTACTS = Compartment.CONTACTS
SWEEP = "conflicts"
CONFLICTS = system_account(SWEEP)  # who compares what is sealed, for whoever asks
LOOK_WITHIN = "24 hours"

# One task at a time, left by the sweep that compares, since whoever caused it may not open the case. No entry is written: the
# history of a case is read by whoever may be meant.
LOOK = f"""CREATE OR REPLACE FUNCTION harbour_second_look(c uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE {HEAD}
  DECLARE number uuid := gen_random_uuid();
  BEGIN
    IF NOT harbour_sweeps('{SWEEP}') OR NOT EXISTS (SELECT FROM relocation_case k
        WHERE k.id = c AND k.standing <> 'deceased' AND k.stage NOT IN ('closed', 'declined')) THEN RETURN false; END IF;
    INSERT INTO relocation_deadline (id, case_id, at, by_id, kind, what, due_at) VALUES (number, c, statement_timestamp(),
      '{CONFLICTS}', 'second_look', '', statement_timestamp() + interval '{LOOK_WITHIN}') ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN false; END IF;
    INSERT INTO relocation_outbox (kind, ids, originator_id, key, attempts, failed)
      VALUES ('tell_lead', jsonb_build_object('case', c::text), '{CONFLICTS}', 'look:' || number, 0, '');
    RETURN true;
  END $$"""  # noqa: S608  names of our own


class Vehicle(OnCase):
    """What somebody who looks for the person drives; its plate is compared in the vault and never looked up."""

    sweep = SWEEP

    plate = Sealed(_("number plate"), compartment=CONTACTS)
    look = Sealed(_("vehicle: make, colour"), compartment=CONTACTS)
    ended_at = known(CONTACTS, models.DateTimeField(_("ended"), null=True, blank=True))

    wall_statements: ClassVar[tuple[str, ...]] = (LOOK,)


class PastAttempt(OnCase):
    """They tried before: when, as precisely as it is known, where, and what happened."""

    when = Sealed(_("when, as precisely as it is known"), compartment=CONTACTS)
    where = Sealed(_("where"), compartment=CONTACTS)
    words = Sealed(_("what happened"), compartment=CONTACTS)

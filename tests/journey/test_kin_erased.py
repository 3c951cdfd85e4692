"""Whoever was erased is found in no comparison, and breaks nobody else's."""

from relocation.journey import kin
from relocation.models import Bar, Pursuer
from relocation.safety import vault
from relocation.safety.actor import acting_as


def test_what_is_noise_is_nobodys_name_and_breaks_no_check(kestrel, vera, nina):
    with acting_as(vera.pk):
        Pursuer(case=kestrel, by=vera, name="Salo", relation="uncle").save(force_insert=True)
        Bar(case=kestrel, by=vera, name="Salo").save(force_insert=True)
        assert not kin.may_come(kestrel.pk, {nina.pk: "Nina Salo"}, {})
        assert kin.may_come(kestrel.pk, {nina.pk: "Nina Berg"}, {})
        vault.shred(kestrel.pk)
        assert kin.may_come(kestrel.pk, {nina.pk: "Nina Salo"}, {})
        assert kin.may_share_a_roof(kestrel.pk, [kestrel.pk])

"""What the ledger says of houses, referral chains and the office, in words; none of it lies in a case's history."""

from typing import Any

from django.utils.translation import gettext_lazy as _

ELSEWHERE: dict[str, Any] = {
    "referrals.imported": _("A file of referrals was taken in"),
    "house.made": _("A house was set up"),
    "house.changed": _("A house was changed"),
    "house.room": _("Beds were added to a house"),
    "house.bed_removed": _("A bed was taken away from a house"),
    "house.free": _("A host said how many beds are free"),
    "house.free_undone": _("A host took back how many beds are free"),
    "house.closed": _("Nights of a house were closed"),
    "house.opened": _("Closed nights of a house were opened again"),
    "house.host_added": _("%(about)s became a host of a house"),
    "house.host_gone": _("%(about)s is no longer a host of a house"),
    "house.vouched": _("Somebody vouched for a host: %(about)s"),
    "house.vouching_withdrawn": _("Nobody vouches for a host any more: %(about)s"),
    "house.inspected": _("Somebody looked at a house"),
    "house.sighting": _("Something was seen near a house"),
    "house.all_is_well": _("Whoever raised an alarm for a house said that all is well"),
    "house.sighting_settled": _("Somebody looked into what was seen near a house"),
    "house.burned": _("A house was said to be known to the wrong people"),
    "house.safe_asked": _("Asked for a second person: a house is safe after all"),
    "house.safe_again": _("Two people said that a house is safe after all"),
    "chain.burned": _("A referral chain was said to be known to the wrong people"),
    "chain.safe_asked": _("Asked for a second person: a referral chain is safe after all"),
    "chain.safe_again": _("Two people said that a referral chain is safe after all"),
    "limit.proposed": _("A limit for expenses was proposed"),
    "limit.agreed": _("A second person agreed to a limit for expenses"),
    "funder.added": _("A funder was added"),
    "report.made": _("An expense report was made"),
    "report.rate": _("A rate of exchange was set"),
}

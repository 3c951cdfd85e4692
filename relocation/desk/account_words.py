"""What the ledger says of coming in, second factors, sessions and invitations, in words."""

from typing import Any

from django.utils.translation import gettext_lazy as _

ACCOUNT: dict[str, Any] = {
    "account.invited": _("Was invited"),
    "account.joined": _("Came by an invitation and chose a password"),
    "account.signed_in": _("Signed in"),
    "account.signed_out": _("Signed out"),
    "account.left": _("Left at once"),
    "account.closed": _("The account was closed, and what it held was handed over"),
    "account.refused": _("Not let in: the password was wrong"),
    "account.refused_second": _("Not let in: the second factor was wrong"),
    "account.throttled": _("Not let in: too many tries"),
    "account.confirmed": _("Confirmed who sits there"),
    "account.confirm_failed": _("Did not confirm who sits there"),
    "account.password_changed": _("Changed the password"),
    "account.factor_added": _("Added a second factor"),
    "account.factor_removed": _("Removed a second factor"),
    "account.codes_made": _("Made recovery codes"),
    "account.forced_chosen": _("Chose a password for when they are forced"),
    "account.forced": _("Signed in with the password for when they are forced"),
    "account.feed_made": _("Made a calendar address"),
    "account.feed_revoked": _("Revoked the calendar address"),
    "account.feed_read": _("A calendar read the feed, for the first time on this day"),
    "account.sessions_ended": _("Ended other sessions"),
}

"""The addresses of coming in by both factors, of one's own account, and of invitations."""

from __future__ import annotations

from django.urls import URLPattern, path

from relocation.desk import account, forced_password, invitations, second

urlpatterns: list[URLPattern] = [
    path("sign-in/second/", second.second, name="second"),
    path("sign-in/passkey/", second.ask_passkey, name="ask-passkey"),
    path("sign-in/enrol/", second.enrol, name="enrol"),
    path("sign-in/join/<str:token>/", invitations.join, name="join"),
    path("account/", account.account, name="account"),
    path("account/sessions/end/", account.end_session, name="end-session"),
    path("account/password/", account.password, name="password"),
    path("account/forced/", forced_password.forced_password, name="forced"),
    path("account/authenticator/", account.authenticator, name="authenticator"),
    path("account/passkey/", account.passkey, name="passkey"),
    path("account/passkey/offer/", account.offer_passkey, name="offer-passkey"),
    path("account/factors/remove/", account.remove_factor, name="remove-factor"),
    path("account/codes/", account.codes, name="codes"),
    path("account/codes/new/", account.new_codes, name="new-codes"),
    path("access/invite/", invitations.invite, name="invite"),
]

"""Every address of Harbour."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from relocation.desk import entrance
from relocation.desk.taking import file_urlpatterns
from relocation.embassy.verify import verify_urlpatterns
from relocation.safety import gate

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", entrance.sign_in, name="sign-in"),
    path("sign-in/as/<str:username>/", entrance.sign_in_as, name="sign-in-as"),
    path("", include("relocation.desk.account_urls")),
    path("", include("relocation.desk.feed")),
    path("sign-out/", entrance.sign_out, name="sign-out"),
    path("leave", entrance.leave, name="leave"),
    path("left", entrance.left, name="left"),
    path("language/", entrance.language, name="set_language"),
    path("healthz", entrance.healthz, name="healthz"),
    path("office/", entrance.office, name="office"),
    path("", include("relocation.desk.urls")),
    path("", include("relocation.embassy.urls")),
    path("", include("shelters.urls")),
    path("", include("logistics.urls")),
    path("", include("logistics.money.urls")),
    *file_urlpatterns,
    *verify_urlpatterns,
]
handler404 = gate.nothing_here
handler403 = gate.nothing_here

"""Addresses of waves; `urls` takes them in."""

from django.urls import URLPattern, path

from relocation.desk import waves

urlpatterns: list[URLPattern] = [
    path("waves/", waves.waves, name="waves"),
    path("waves/new/", waves.new, name="wave_new"),
    path("waves/<uuid:wave_id>/", waves.wave, name="wave"),
    path("waves/<uuid:wave_id>/people/", waves.wave_people, name="wave_people"),
    path("waves/<uuid:wave_id>/change/", waves.wave_change, name="wave_change"),
    path("waves/<uuid:wave_id>/sheet/", waves.wave_sheet, name="wave_sheet"),
]

"""Addresses of waves; `urls` takes them in."""

from django.urls import URLPattern, path

from relocation.desk import wave_steps, waves

urlpatterns: list[URLPattern] = [
    path("waves/", waves.waves, name="waves"),
    path("waves/new/", waves.new, name="wave_new"),
    path("waves/<uuid:wave_id>/", waves.wave, name="wave"),
    path("waves/<uuid:wave_id>/people/", waves.wave_people, name="wave_people"),
    path("waves/<uuid:wave_id>/change/", waves.wave_change, name="wave_change"),
    path("waves/<uuid:wave_id>/sheet/", waves.wave_sheet, name="wave_sheet"),
    path("waves/<uuid:wave_id>/steps/", wave_steps.wave_steps, name="wave_steps"),
    path("waves/<uuid:wave_id>/steps/<slug:step>/", wave_steps.wave_step, name="wave_step"),
    path("waves/<uuid:wave_id>/taken/<uuid:wavestep_id>/", wave_steps.wave_turns, name="wave_turns"),
]

"""The addresses of records, documents and papers."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

"""The invented people and their world."""

from django.apps import AppConfig


class FictionConfig(AppConfig):
    name = "fiction"

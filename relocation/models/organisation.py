"""Organisations that work together, and households of people who travel together."""

import uuid

from django.db import models


class Organisation(models.Model):
    """One of the organisations that share this Harbour; its address and attester stand on letters."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=120)
    letterhead = models.TextField(blank=True, help_text="address lines for letters, never a shelter's")
    duty_phone = models.CharField(max_length=20, blank=True, help_text="whom hosts and escorts call, E.164")
    attester = models.CharField(max_length=120, blank=True)
    attester_position = models.CharField(max_length=120, blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class Household(models.Model):
    """Links the cases of people who travel together; each keeps its own stage and its own secrets."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    code = models.CharField(max_length=12, unique=True)
    by = models.ForeignKey("relocation.Account", models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.code

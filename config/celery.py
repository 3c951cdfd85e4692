"""The worker and the clock; jobs are rows in the outbox, and Celery is only the doorbell."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("harbour")
app.set_default()  # in every thread: whoever leaves a job rings this worker
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["relocation.jobs"])
app.autodiscover_tasks(["relocation.jobs"], related_name="anchoring")
app.autodiscover_tasks(["relocation.jobs"], related_name="retaining")
app.autodiscover_tasks(["shelters"], related_name="expiring")
app.autodiscover_tasks(["logistics"], related_name="holds")
app.autodiscover_tasks(["logistics"], related_name="ladder")

"""The outbox and the Celery tasks that drain it."""

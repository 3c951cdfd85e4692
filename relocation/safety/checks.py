"""System checks: a field without a compartment, or a table that nobody may read, stops `make check` and every start."""

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register

from relocation.safety import retention
from relocation.safety.policy import POLICY
from relocation.safety.walls import compartments, models_on_case

STRUCTURE = frozenset({"id", "case", "at", "by"})


@register()
def every_field_has_a_compartment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E001: each field of a row that hangs on a case says what kind of knowledge it is."""
    return [
        Error(
            f"{model.__name__}.{field.name} has no compartment.",
            hint="Wrap it: known(Compartment..., field).",
            obj=model,
            id="harbour.E001",
        )
        for model in [*models_on_case(), apps.get_model("relocation", "Case")]
        for field in model._meta.concrete_fields
        if field.name not in STRUCTURE and not hasattr(field, "compartment")
    ]


@register()
def every_table_has_readers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E002: a table whose compartments nobody may read or write is a mistake in the policy."""
    return [
        Error(f"Nobody may read {model.__name__}.", obj=model, id="harbour.E002")
        for model in models_on_case()
        if not POLICY.roles_in(compartments(model), "any")
    ]


@register()
def every_table_says_how_it_is_erased(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E005: of each model somebody has said what becomes of its rows when a person is erased, and once only."""
    return [
        Error(f"Nobody has said how {label} is erased.", hint="Name it in relocation/safety/retention.py.", id="harbour.E005")
        for label in retention.unsaid()
    ]

"""Amounts of money as the language writes them, and the categories of a report's line."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from logistics.money import amounts, paper
from logistics.money.suppression import Line

register = template.Library()


@register.filter
def money(minor: int | None, currency: str) -> SafeString:
    """Write minor units of a currency: "1,234.56 EUR"."""
    return format_html("<bdi>{}</bdi>", amounts.written(minor, currency)) if minor is not None else SafeString()


@register.filter
def named(line: Line) -> str:
    """The categories of one line of a report."""
    return paper.named(line)


register.filter("last_day", paper.last_day)

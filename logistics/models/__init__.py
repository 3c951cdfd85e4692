"""The records of the roads, and of what it costs."""

from logistics.models.alternate import Alternate
from logistics.models.change import Change, Seen
from logistics.models.money import CaseBudget, Category, Expense, Funder, Limit, Rate, Receipt, Report, WaveBudget
from logistics.models.road import CheckIn, Leg, Passage, Seat
from logistics.models.rung import Rung

__all__ = [
    "Alternate",
    "CaseBudget",
    "Category",
    "Change",
    "CheckIn",
    "Expense",
    "Funder",
    "Leg",
    "Limit",
    "Passage",
    "Rate",
    "Receipt",
    "Report",
    "Rung",
    "Seat",
    "Seen",
    "WaveBudget",
]

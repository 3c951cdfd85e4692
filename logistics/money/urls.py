"""The addresses of money."""

from django.urls import path

from logistics.money import office, pages

app_name = "money"
urlpatterns = [
    path("cases/<uuid:case_id>/money/", pages.case_money, name="case"),
    path("cases/<uuid:case_id>/money/new/", pages.new, name="new"),
    path("cases/<uuid:case_id>/money/<uuid:expense_id>/", pages.expense, name="expense"),
    path("cases/<uuid:case_id>/money/<uuid:expense_id>/receipt/<uuid:receipt_id>/", pages.receipt, name="receipt"),
    path("waves/<uuid:wave_id>/budget/", office.wave_budget, name="wave"),
    path("money/", office.home, name="home"),
    path("money/report/", office.make, name="make"),
    path("money/report/<uuid:report_id>/", office.report, name="report"),
]

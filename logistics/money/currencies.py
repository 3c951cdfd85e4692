"""The currencies in which people are helped: ISO 4217 codes, with the number of decimals of each ("minor unit").

Source: ISO 4217:2015, list one, as kept by SIX (six-group.com, data standards). A currency that is missing is added here and
in a migration of the check in the database.
"""

from __future__ import annotations

_TWO = (
    "AED ALL AMD ARS AUD AZN BAM BDT BGN BRL BYN CAD CHF CNY CZK DKK EGP EUR GBP GEL HUF ILS INR IRR KES KGS KZT LBP MAD MDL MKD "
    "MXN NGN NOK NZD PKR PLN QAR RON RSD RUB SAR SEK THB TJS TMT TRY UAH USD UZS ZAR"
)
_NONE = "CLP DJF ISK JPY KRW PYG RWF UGX VND XAF XOF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
DECIMALS: dict[str, int] = dict.fromkeys(_TWO.split(), 2) | dict.fromkeys(_NONE.split(), 0) | dict.fromkeys(_THREE.split(), 3)
CODES = tuple(sorted(DECIMALS))
# Those that are asked for most stand first.
FIRST = ("EUR", "RUB", "USD", "GEL", "AMD", "KZT", "TRY", "RSD")


def choices() -> list[tuple[str, str]]:
    """Every currency by its code, the usual ones first."""
    return [(code, code) for code in (*FIRST, *(code for code in CODES if code not in FIRST))]

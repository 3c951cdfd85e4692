"""What the house sheet says: alias, window, needs, languages. Never a name, an address or an organisation."""

from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from relocation.models import Account, Paper
from relocation.models.languages import spoken
from relocation.paperwork.contents import CannotMake, content
from relocation.paperwork.house_sheet import HouseSheetContent
from shelters.host import duty_phone
from shelters.models import Stay


@content("house_sheet")
def house_sheet(paper: Paper, by: Account) -> HouseSheetContent:
    """The sheet of the stay that the paper is about, in its house's time. Raises `CannotMake` once the stay is over."""
    stays = Stay.objects.visible_to(by).filter(case=paper.case_id).select_related("case", "house")
    stay = stays.filter(pk=paper.about).first() if paper.about else None
    if stay is None or stay.is_over:
        raise CannotMake(_("This stay is over. Hold a bed first, then order the sheet."))
    zone = ZoneInfo(stay.house.time_zone)
    with translation.override(paper.language):
        return HouseSheetContent(
            language=paper.language,
            alias=stay.case.alias,
            arrives_from=stay.expected_from.astimezone(zone),
            arrives_until=stay.expected_until.astimezone(zone),
            needs=tuple(stay.case.needs),
            languages=tuple(spoken(stay.case.languages)),
            call=((_("Day and night"), phone),) if (phone := duty_phone(stay.house)) else (),
        )

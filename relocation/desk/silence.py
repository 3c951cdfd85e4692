"""Why the way is not open, as the pages may say it: after a duress word they look as they would after the codeword."""

from relocation.journey.silence import shown_standing
from relocation.models import Account, Case, Standing


def shut(case: Case, by: Account) -> Standing | None:
    """Why the way is not open, as `by` may see it; None where it is."""
    standing = shown_standing(case, by)
    return None if standing is Standing.ACTIVE else standing

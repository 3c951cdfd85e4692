"""Every page and every part of one can be read by the template engine, also one that no test opens."""

from pathlib import Path

import pytest
from django.template import TemplateSyntaxError
from django.template.loader import get_template

TEMPLATES = Path(__file__).parents[2] / "templates"


@pytest.mark.nodb
def test_every_page_can_be_read() -> None:
    broken = {}
    for path in TEMPLATES.rglob("*.html"):
        try:
            get_template(str(path.relative_to(TEMPLATES)))
        except TemplateSyntaxError as why:
            broken[path.name] = str(why)
    assert broken == {}

"""Whatever is counted says so in the plural forms of every language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.nodb
HOUSE = Path(settings.BASE_DIR)
ROOMS = ("config", "fiction", "logistics", "relocation", "shelters")
ONE_FORM = {"_", "_l", "gettext", "gettext_lazy", "pgettext", "pgettext_lazy"}
# Which one it is, not how many there are: "page 2 of the passport".
ORDINAL = {"number", "page", "version", "part"}
IN_PYTHON = re.compile(r"%\((\w+)\)d (?!of %)[^\W\d_]+")
COUNTS = r"n|count|counts|total|rows|beds|free|days|hours|minutes|seats|parts|pages|met|done|people|cases|legs"
IN_PAGE = re.compile(rf"\{{\{{ ({COUNTS}) \}}\}} (?!of \{{)[^\W\d_]+")
SPOKEN = re.compile(r"\{% blocktrans(?:late)?\b(.*?)%\}(.*?)\{% endblocktrans(?:late)? %\}", re.S)
BESIDE = re.compile(rf"\{{\{{ [\w.]*(?:{COUNTS}|length) \}}\}} ?\{{% translate \"[a-z]")


def single(path: Path) -> Iterator[str]:
    """Sentences of a program that have but one form."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ONE_FORM and node.args:
            yield from (part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str))


def uncounted(sentence: str) -> bool:
    return any(found[1] not in ORDINAL for found in IN_PYTHON.finditer(sentence))


def uncounted_on(page: str) -> list[str]:
    blocks = [said for head, said in SPOKEN.findall(page) if " count " not in head and IN_PAGE.search(said)]
    return [*blocks, *BESIDE.findall(page)]


def test_no_program_counts_in_one_form() -> None:
    files = [path for room in ROOMS for path in (HOUSE / room).rglob("*.py")]
    assert [(path.name, said) for path in files for said in single(path) if uncounted(said)] == []


def test_no_page_counts_in_one_form() -> None:
    pages = {path.name: uncounted_on(path.read_text(encoding="utf-8")) for path in (HOUSE / "templates").rglob("*.html")}
    assert {name: said for name, said in pages.items() if said} == {}


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("%(n)d conditions were left open", True),
        ("Blocked by %(n)d of %(total)d", False),
        ("%(count)d of %(total)d rows", True),
        ("%(document)s, page %(page)d", False),
        ("Seat %(number)d is taken", False),
    ],
)
def test_the_rule_knows_a_count_when_it_sees_one(sentence: str, found: bool) -> None:
    assert uncounted(sentence) is found


def test_the_rule_knows_one_on_a_page_too() -> None:
    said = "{% blocktranslate with n=needs|length %}{{ n }} things{% endblocktranslate %}"
    assert uncounted_on(said) and not uncounted_on(said.replace(" with n=", " count n="))

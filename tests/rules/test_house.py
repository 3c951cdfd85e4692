"""The house itself: which files there are, how long, what they are called, and what no page may contain."""

import re
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

pytestmark = pytest.mark.nodb

HOUSE = Path(__file__).resolve().parent.parent.parent
ROOMS = ("config", "fiction", "logistics", "relocation", "shelters", "tests")
LONGEST = 300
EMPTY_NAMES = {"utils", "util", "services", "helpers", "managers", "handlers", "common", "misc", "manager", "service", "helper"}
# Doors lock a case before they ask who may; everybody else goes through `Case.objects.visible_to`.
BACK_WAYS = {
    "config/management/commands/rotate_keys.py",
    "fiction/telling.py",
    "relocation/journey/advance.py",
    "relocation/journey/approvals.py",
    "relocation/journey/channels.py",
    "relocation/journey/duress.py",
    "relocation/journey/household.py",
    "relocation/journey/recording.py",
    "relocation/paperwork/issue.py",
}


def programs(*rooms: str) -> Iterator[Path]:
    for room in rooms or ROOMS:
        yield from (path for path in (HOUSE / room).rglob("*.py") if "migrations" not in path.parts)


def name_of(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


def templates() -> list[Path]:
    return sorted((HOUSE / "templates").rglob("*.html"))


class TestPrograms:
    def test_there_is_a_house_to_look_at(self):
        assert len(list(programs())) > 150 and len(templates()) > 40

    def test_no_file_is_longer_than_one_can_hold_in_mind(self):
        lengths = {name_of(path): len(path.read_text().splitlines()) for path in programs()}
        assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}

    def test_names_come_from_the_field(self):
        parts = {name_of(path): {path.stem, path.parent.name} for path in programs()}
        assert [name for name, words in parts.items() if words & EMPTY_NAMES] == []

    def test_the_way_around_the_guard_is_taken_in_few_places(self):
        said = {
            name_of(path) for path in programs(*ROOMS[:-1]) if re.search(r"\b(Case|Journey)\._base_manager", path.read_text())
        }
        assert said == BACK_WAYS

    def test_the_field_itself_calls_no_transition(self):
        """Only the door moves a case: elsewhere nobody assigns a stage or a standing of a case."""
        assigned = re.compile(r"\b(case|journey)\.(stage|standing) = ")
        assert [name_of(path) for path in programs(*ROOMS[:-1]) if assigned.search(path.read_text())] == []

    @pytest.mark.parametrize("word", ["TO" + "DO", "FIX" + "ME", "HA" + "CK", "breakpoint" + "(", "import " + "pdb"])
    def test_nothing_is_left_for_later(self, word):
        kinds = [*programs(), *templates(), *(HOUSE / "static").glob("app.*")]
        assert [name_of(path) for path in kinds if re.search(rf"\b{re.escape(word)}", path.read_text())] == []

    def test_every_program_says_what_it_is(self):
        silent = [
            name_of(path)
            for path in programs()
            if path.read_text().strip() and not path.read_text().lstrip().startswith(('"""', "#!"))
        ]
        assert silent == []

    def test_the_state_machine_is_the_one_that_is_kept_up(self):
        assert set(packages_distributions()["django_fsm"]) == {"django-fsm-2"}


class TestTemplates:
    @pytest.mark.parametrize(
        ("what", "pattern"),
        [
            ("a style of its own", r"\sstyle\s*=|<style\b"),
            ("a script of its own", r"<script(?![^>]*\bsrc=)[^>]*>"),
            ("an event of its own", r"\son[a-z]+\s*=\s*[\"']"),
            ("a javascript address", r"javascript:"),
            ("an expression for htmx", r"\bhx-(on|vals\s*=\s*[\"']?js:)"),
        ],
    )
    def test_no_page_has(self, what, pattern):
        assert [name_of(path) for path in templates() if re.search(pattern, path.read_text(), re.I)] == []

    def test_no_page_and_no_style_asks_another_host(self):
        foreign = re.compile(r"""(?:src|href|action|url\(|@import)\s*=?\s*["'(]?\s*(?:https?:)?//(?!localhost|127\.)""", re.I)
        files = [*templates(), *(HOUSE / "static").rglob("*.css"), *(HOUSE / "static").glob("app.js")]
        assert [name_of(path) for path in files if foreign.search(path.read_text())] == []

    def test_every_form_that_posts_is_guarded(self):
        posts = re.compile(r"<form[^>]*method=\"post\"[^>]*>(.*?)</form>", re.I | re.S)
        bare = [name_of(path) for path in templates() for form in posts.findall(path.read_text()) if "csrf_token" not in form]
        assert bare == []

    def test_nothing_is_said_to_be_safe_that_people_wrote(self):
        assert [name_of(path) for path in templates() if re.search(r"\|\s*safe\b|autoescape off", path.read_text())] == []

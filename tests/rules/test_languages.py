"""Every sentence is said in every language, and what is compiled is what was written."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
ENTRY = re.compile(r'^msgid (".*"(?:\n".*")*)\n(?:msgid_plural .*(?:\n".*")*\n)?msgstr(?:\[0\])? (".*"(?:\n".*")*)', re.MULTILINE)


def catalogue(language: str) -> str:
    return (settings.BASE_DIR / "locale" / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")


def joined(quoted: str) -> str:
    text = "".join(line[1:-1] for line in quoted.splitlines())
    return text.replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")


@pytest.mark.nodb
@pytest.mark.parametrize("language", LANGUAGES)
class TestLanguage:
    def test_nothing_is_left_unsaid_or_guessed(self, language):
        entries = {joined(said): joined(meant) for said, meant in ENTRY.findall(catalogue(language)) if joined(said)}
        assert len(entries) > 1000
        assert [said for said, meant in entries.items() if not meant] == []
        assert "#, fuzzy" not in catalogue(language)

    def test_what_is_compiled_is_what_was_written(self, language):
        with (settings.BASE_DIR / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
            compiled = gettext.GNUTranslations(file)
        known = {key for key in compiled._catalog if isinstance(key, str)}
        plain = re.sub(r"^msgctxt .*\n(?=msgid)", "", catalogue(language), flags=re.MULTILINE)
        without_context = {joined(s) for s, _m in ENTRY.findall(plain)}
        assert {said for said in without_context if said} - {key.rpartition("\x04")[2] for key in known} - counted(
            compiled
        ) == set()


def counted(compiled: gettext.GNUTranslations) -> set[str]:
    return {key[0].rpartition("\x04")[2] for key in compiled._catalog if isinstance(key, tuple)}  # type: ignore[attr-defined]


def programs() -> Iterator[Path]:
    for room in ("config", "fiction", "logistics", "relocation", "shelters"):
        yield from (settings.BASE_DIR / room).rglob("*.py")


def frozen(path: Path) -> list[int]:
    """Lines on which a sentence is fixed in the language of the start, since it is not said inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in ("gettext", "pgettext", "ngettext")
    }
    inside = {
        id(below)
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.Lambda))
        for part in (node.body if isinstance(node.body, list) else [node.body])
        for below in ast.walk(part)
    }
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and id(node) not in inside)
    return [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id in names]


@pytest.mark.nodb
def test_no_sentence_is_fixed_in_the_language_of_the_start():
    assert {path.name: lines for path in programs() if (lines := frozen(path))} == {}


@pytest.mark.nodb
def test_sentences_are_marked_by_words_that_makemessages_knows():
    """It finds `_` and the functions' own names: what is said through another name is never translated."""
    other = re.compile(r"\b\w*gettext\w* as (?!_\b)\w+")
    assert [path.name for path in programs() if other.search(path.read_text(encoding="utf-8"))] == []

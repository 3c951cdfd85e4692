"""What a page asks for: its forms, filled in as somebody might, and sent with each of its buttons."""

from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

Fields = dict[str, list[str]]
TYPED = {
    "date": str(date.today() + timedelta(days=20)), "number": "1", "email": "somebody@example.org", "tel": "+358400000001",
    "datetime-local": f"{date.today() + timedelta(days=20)}T10:00", "time": "10:00", "password": "a long and invented password",
}  # fmt: skip


class Forms(HTMLParser):
    """Reads the forms of a page: action, fields as they stand, empty ones filled, and the buttons."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, Fields, list[tuple[str, str]]]] = []
        self.select = self.area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attributes}
        if tag == "form" and told.get("method", "").lower() == "post":
            self.forms.append((told.get("action", ""), {}, []))
        if not self.forms:
            return
        name = told.get("name", "")
        if tag == "select":
            self.select = name
        elif tag == "option" and self.select and told.get("value"):
            if "selected" in told or not self.fields.get(self.select):
                self.fields[self.select] = [told["value"]]
        elif tag == "textarea" and name:
            self.fields.setdefault(name, ["words"])
        elif tag == "button" and name:
            self.forms[-1][2].append((name, told.get("value", "")))
        elif tag == "input" and name:
            self._input(name, told)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""

    def _input(self, name: str, told: dict[str, str]) -> None:
        kind, value = told.get("type", "text"), told.get("value", "")
        if kind in ("checkbox", "radio"):
            self.fields.setdefault(name, []).append(value or "on") if kind == "checkbox" else self.fields.setdefault(
                name, [value]
            )
        elif kind != "file":
            self.fields.setdefault(name, [value or TYPED.get(kind, "words")])

    @property
    def fields(self) -> Fields:
        return self.forms[-1][1]


def sendings(page: bytes) -> list[tuple[str, dict[str, Any]]]:
    """What can be sent from a page: action and data, once for each button."""
    sent = []
    for action, fields, buttons in Forms(page.decode(errors="replace")).forms:
        for button in buttons or [("", "")]:
            data: dict[str, Any] = {**fields} | ({button[0]: [button[1]]} if button[0] else {})
            data.pop("csrfmiddlewaretoken", None)
            sent.append((action, data))
    return sent

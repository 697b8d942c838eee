"""A column's values as text and back, without loss: what a plain cell cannot hold is written as JSON."""

import json
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlmodel import SQLModel

from .tables import CONTROLS

INT32, INT64 = 2**31 - 1, 2**63 - 1


class Column(NamedTuple):
    """One exchanged column: `name` in the file, `attribute` of the model. `refers` is the model whose code is written instead of a key."""

    name: str
    attribute: str
    kind: type
    items: type | None  # of a list
    optional: bool
    refers: type[SQLModel] | None = None
    highest: int = INT32

    def write(self, value: Any) -> str:
        """The value as text; a reference is given by its code."""
        if value is None:
            return ""
        if isinstance(value, list):
            return _write_list(value, optional=self.optional)
        if isinstance(value, dict):
            return _json(value)
        if isinstance(value, bool):
            return "1" if value else "0"
        text = value.isoformat() if isinstance(value, date | datetime) else str(value)
        return text if _plain(text) else _json(text)

    def read(self, text: str) -> Any:
        """The value of a text. Raises ValueError in words."""
        if not text:
            return self._empty()
        if self.kind is list and not text.startswith("["):
            return [self._item(part) for part in text.split("|")]
        if self.kind in (list, dict) or (self.kind is str and text.startswith('"')):
            return self._from_json(text)
        if self.kind is bool:
            if text not in ("0", "1"):
                raise ValueError(f"{text!r} is neither 0 nor 1")
            return text == "1"
        if self.kind in (date, datetime):
            return self.kind.fromisoformat(text)
        if self.kind is int:
            return _whole(text, self.highest)
        return self.kind(text)

    def _empty(self) -> Any:
        if self.optional:
            return None
        if self.kind in (str, list, dict) and self.refers is None:
            return self.kind()
        raise ValueError("is empty")

    def _item(self, text: str) -> Any:
        return _whole(text, self.highest) if self.items is int else text

    def _from_json(self, text: str) -> Any:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError(f"{text[:40]!r} cannot be read") from None
        sound = isinstance(value, self.kind) and (not isinstance(value, list) or all(type(v) is (self.items or type(v)) for v in value))
        if not sound:
            raise ValueError(f"{text[:40]!r} is not what belongs here")
        return value


def _write_list(value: list[Any], *, optional: bool) -> str:
    if not value:
        return "[]" if optional else ""
    plain = all(isinstance(v, int) or (isinstance(v, str) and v and "|" not in v and _plain(v)) for v in value)
    return "|".join(map(str, value)) if plain else _json(value)


def _whole(text: str, highest: int) -> int:
    try:
        number = int(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is not a whole number") from None
    if abs(number) > highest:
        raise ValueError(f"{text[:40]!r} is too large")
    return number


def _plain(text: str) -> bool:
    """Whether a cell gives the text back as it is."""
    return CONTROLS.sub(" ", text).strip() == text and not text.startswith(('"', "["))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))

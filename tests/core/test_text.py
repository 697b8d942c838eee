"""Text is kept as sent, but for what nobody can see; words that history keeps hold no phone number."""

import pytest
from pydantic import TypeAdapter, ValidationError

from core.text import Block, Line, Told

LINE, BLOCK, TOLD = (TypeAdapter(kind) for kind in (Line, Block, Told))


@pytest.mark.parametrize("text", ["王", "𠮷野", "阿不都·热依木", "👩‍👩‍👧", "<script>alert(1)</script>", "é", "ي"])
def test_any_name_is_a_name(text):
    assert LINE.validate_python(text) == text


@pytest.mark.parametrize("text", ["\u200b", "\u200d\u200d", "\u3164", "\u00ad", "\U000e0001", "\u2800", "\u0301"])
def test_what_shows_nothing_is_no_text(text):
    for kind in (LINE, BLOCK):
        with pytest.raises(ValidationError):
            kind.validate_python(text)


def test_nothing_is_nothing():
    assert LINE.validate_python("") == LINE.validate_python(" \t ") == ""


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("请打 13800138000 联系我", "请打 138****8000 联系我"),
        ("13800138000/13900139000", "138****8000/139****9000"),
        ("单号 JS13800138000A", "单号 JS13800138000A"),
        ("快递 138001380001234", "快递 138001380001234"),
    ],
)
def test_a_reason_others_read_holds_no_full_phone(said, kept):
    assert TOLD.validate_python(said) == kept

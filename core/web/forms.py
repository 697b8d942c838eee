"""What is typed at a desk: a form that is done once, text as typed, money in yuan."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlmodel import Session

from core import db, i18n
from core.errors import JishiError, Refused
from core.idempotency import once
from core.money import parse_yuan
from core.permissions import Actor

_ = i18n.gettext
Key = Annotated[str, Field(min_length=1, max_length=100)]
Typed = Annotated[str, Field(max_length=400)]


class Plain(BaseModel):
    """A button, and what every form of a desk has."""

    model_config = {"extra": "forbid"}
    form_key: Key


def fen(text: str, field: str, *, empty: int | None = None) -> int:
    """Fen of what was typed in yuan. Raises Refused."""
    if not text.strip() and empty is not None:
        return empty
    try:
        return parse_yuan(text)
    except JishiError as wrong:
        raise Refused(_("金额请写成 39.60 这样"), field=field) from wrong


def do_once(actor: Actor, route: str, form: Plain, work: Callable[[Session], Any]) -> str:
    """In one transaction, once a form; what `work` said, as text."""
    said: list[str] = []

    def write(session: Session) -> None:
        _status, answer = once(
            session, tenant_id=actor.tenant_id, actor=actor.key, route=route, key=form.form_key, body=form.model_dump_json().encode(),
            work=lambda: (201, {"id": str(work(session))}),
        )  # fmt: skip
        said.append(answer["id"])

    db.run_write(write)
    return said[-1]

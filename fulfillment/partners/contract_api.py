"""/api/v1/partners/{firm}/contracts – what is agreed with a firm, and a new contract or price."""

from datetime import date
from typing import Annotated, Any, cast

from fastapi import APIRouter, Body, Depends, Path, Request
from pydantic import BaseModel, Field

from core.db import Read, Write
from core.errors import Refused
from core.idempotency import KeyHeader, KeyReused, once
from core.moments import Day
from core.permissions import Actor, allow
from core.web.refusals import refusals
from fulfillment.contracts.models import CarriageContract
from supply.counties.profile_kinds import Basis

from . import agreeing
from .agreeing import AgreedAlready, MonthClosed
from .api_shapes import AgreedContract, AgreedContracts
from .queries import FirmUnknown, may_see

router = APIRouter(prefix="/api/v1/partners/{firm}/contracts", tags=["income"])
Reader = Annotated[Actor, Depends(allow("finance", "admin", "partner"))]
Finance = Annotated[Actor, Depends(allow("finance"))]
Firm = Annotated[str, Path(max_length=100, description="The firm, as lines name it.")]


class NewContract(BaseModel):
    """What is agreed: for one line, or for all the firm's lines of a kind."""

    model_config = {"extra": "forbid"}
    line: Annotated[str, Field(max_length=100, description="A line of the firm's; empty for a kind.")] = ""
    kind: Annotated[str, Field(max_length=20, description="A kind of line; empty for a line.")] = ""
    basis: Annotated[Basis, Field(description="What is counted.")]
    price: Annotated[int, Field(ge=0, le=10_000_000, strict=True, description="Fen a unit; basis points of a share.")]
    starts: Annotated[Day, Field(description="The first day, in no closed month; the contract before it ends the day before.")]
    minimum_fen: Annotated[int | None, Field(ge=0, le=10**9, description="The least of a whole month.")] = None
    cap_fen: Annotated[int | None, Field(ge=0, le=10**9, description="The most of a whole month.")] = None
    before_fen: Annotated[int | None, Field(ge=0, le=10_000_000, description="What a piece cost before it was carried jointly.")] = None

    def terms(self) -> agreeing.Terms:
        return agreeing.Terms(
            self.basis, self.price, self.starts, self.line, self.kind, self.minimum_fen, self.cap_fen, self.before_fen
        )  # fmt: skip


@router.get("", responses=refusals(FirmUnknown))
def read_partner_contracts(firm: Firm, session: Read, actor: Reader) -> AgreedContracts:
    """All that was ever agreed with a firm, contracted zones left out."""
    may_see(session, actor, firm)
    return {"items": [_shape(c) for c in agreeing.contracts_with(session, actor.tenant_id, firm)]}


@router.post("", status_code=201, responses=refusals(FirmUnknown, Refused, MonthClosed, AgreedAlready, KeyReused))
def create_partner_contract(
    request: Request, firm: Firm, body: Annotated[NewContract, Body()], session: Write, actor: Finance, key: KeyHeader = None
) -> AgreedContract:  # fmt: skip
    """Agree a price with a firm from a day on. Months that are closed stay as they are."""

    def work() -> tuple[int, dict[str, Any]]:
        made = _shape(agreeing.agree(session, actor.tenant_id, firm, body.terms(), by=actor.user_code))
        return 201, {name: value.isoformat() if isinstance(value, date) else value for name, value in made.items()}

    route, said = f"POST {request.url.path}", body.model_dump_json().encode()
    return cast(AgreedContract, once(session, tenant_id=actor.tenant_id, actor=actor.key, route=route, key=key, body=said, work=work)[1])


def _shape(c: CarriageContract) -> AgreedContract:
    return {
        "code": c.code, "line": c.line, "from_node": c.from_node, "to_node": c.to_node, "node": c.node, "kind": c.kind, "basis": c.basis,
        "price": c.price, "tiers": c.tiers, "minimum_fen": c.minimum_fen, "cap_fen": c.cap_fen, "starts": c.starts_on, "ends": c.ends_on,
        "before_fen": c.before_fen,
    }  # fmt: skip

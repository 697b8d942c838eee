"""Growers, co-ops and merchants, and what was agreed with them."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import one_of


class GrowerKind(StrEnum):
    GROWER = "grower"
    COOP = "co-op"
    MERCHANT = "merchant"


class AgreementKind(StrEnum):
    CONSIGNMENT = "consignment"  # 代销: paid after sale, less nothing but the frozen shares
    PURCHASE = "purchase"  # 收购: paid on grading at an agreed price


class Grower(SQLModel, table=True):
    __table_args__ = (one_of("kind", GrowerKind),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)
    name: str
    kind: str = GrowerKind.GROWER
    station_id: int = Field(foreign_key="station.node_id", index=True)
    user_id: int | None = Field(default=None, foreign_key="app_user.id")
    phone_sealed: str | None = None  # many growers have no phone: they see slips and SMS to a relative


class CoopMember(SQLModel, table=True):
    """Somebody of a co-op, by the number of their membership; nothing else is known of them."""

    __tablename__ = "coop_member"
    __table_args__ = (UniqueConstraint("grower_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    grower_id: int = Field(foreign_key="grower.id")
    number: str
    name: str


class Agreement(SQLModel, table=True):
    __table_args__ = (one_of("kind", AgreementKind), CheckConstraint("share_bp BETWEEN 0 AND 10000", name="share_in_range"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    grower_id: int = Field(foreign_key="grower.id", index=True)
    kind: str
    share_bp: int = 10000  # of what remains after the named shares (consignment)
    starts_on: date
    ends_on: date | None = None

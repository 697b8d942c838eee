"""Convenience services 便民服务 that were done, one row each: which, how many, and who paid the master for it.

Cash is one road with the station's other takings (`fulfillment.cash`): the row names its taking, the income is the taking's. What the
villager has for nothing the county may pay, at the rate of its registry (services.csv), as income of the station by this row.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from core.tables import at_least, fen, one_of


class PaidBy(StrEnum):
    CASH = "cash"  # by the villager, over the counter
    COUNTY = "county"
    NOBODY = "nobody"


class ServiceDone(SQLModel, table=True):
    __tablename__ = "service_done"
    __table_args__ = (
        one_of("paid_by", PaidBy),
        at_least("quantity", 1),
        at_least("fee_fen"),
        CheckConstraint("(paid_by = 'nobody') = (fee_fen = 0)", name="paid_or_free"),
        CheckConstraint("(paid_by = 'cash') = (taking_code IS NOT NULL)", name="cash_has_its_taking"),
        Index("ix_service_done_station", "tenant_id", "station_code", "id"),
        Index("ix_service_done_day", "tenant_id", "station_code", "business_date"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `SD…`
    station_code: str
    service_code: str  # of the county's registry
    name: str  # as it was called then
    unit: str
    quantity: int
    paid_by: str
    fee_fen: int = fen(default=0)  # for all of them
    taking_code: str | None = Field(default=None, unique=True)
    business_date: date
    done_at: datetime
    done_by: str
    undone_at: datetime | None = None
    undone_by: str = ""

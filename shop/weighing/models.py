"""The weigh slip 过磅单 of a sold line: what it weighed when it was packed."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from core.tables import at_least


class WeighSlip(SQLModel, table=True):
    __tablename__ = "weigh_slip"
    __table_args__ = (at_least("ordered_g", 1), at_least("grams"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `WS…`
    line_id: int = Field(foreign_key="order_line.id", unique=True)  # weighed once
    ordered_g: int  # net, of all its units
    grams: int  # net, as weighed
    weighed_by: str
    weighed_at: datetime
    refund_id: int | None = Field(default=None, foreign_key="refund.id", unique=True)  # None: nothing was short

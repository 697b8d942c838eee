"""Which index generation is in use, and what it is known to hold (the index itself is a cache)."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class IndexState(SQLModel, table=True):
    __tablename__ = "index_state"

    tenant_id: int = Field(primary_key=True)
    engine: str = Field(primary_key=True)
    rebuilt_at: datetime
    documents: int

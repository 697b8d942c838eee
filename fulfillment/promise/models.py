"""When the roads last changed: one number per county that cached promises and running plans compare."""

from sqlmodel import Field, SQLModel


class RoadStamp(SQLModel, table=True):
    __tablename__ = "road_stamp"

    tenant_id: int = Field(primary_key=True, foreign_key="tenant.id")
    version: int = 1

"""When the roads last changed: numbers of a county that cached promises, running plans and kept timetables compare."""

from sqlmodel import Field, SQLModel


class RoadStamp(SQLModel, table=True):
    __tablename__ = "road_stamp"

    tenant_id: int = Field(primary_key=True, foreign_key="tenant.id")
    version: int = 1  # of departures and what is planned on them
    timetable: int = 1  # of the departures alone
    shares: int = 1  # of what the county may send by the province's lanes

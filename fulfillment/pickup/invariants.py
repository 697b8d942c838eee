"""I6 and I15: whatever waits on a shelf is held by that station, and nobody reads a pick-up code in the database."""

from core.checks import keeps_numbers_closed, keeps_sealed
from core.invariants import rule

from .models import Stay

keeps_sealed(Stay, "secret_sealed")
keeps_numbers_closed(Stay, "reason")
rule(
    "I6",
    "what waits on a shelf is in its station's hands",
    broken="""
    SELECT w.parcel_code, w.shelf FROM shelf_stay w JOIN station s ON s.node_id = w.station_id WHERE w.ended_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM custody c WHERE c.parcel_code = w.parcel_code AND c.ended_at IS NULL AND c.holder_code = s.code)
    """,
)
rule(
    "I6",
    "a stay on a shelf that ended says how",
    broken="SELECT code FROM shelf_stay WHERE (ended_at IS NULL) <> (ended_how = '') OR (ended_how = 'confirmed' AND reason = '')",
)

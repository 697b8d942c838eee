"""The ground floor's own invariants: histories are legal, work is asked for and answered, the audit chain holds, nothing personal
lies open, instants are UTC, no row refers to one that is gone."""

from .histories import elsewhere
from .numbers import keeps_numbers_closed
from .sealed import keeps_sealed
from .times import instants_are_utc
from .trail import append_only_is_guarded
from .work import KEPT

__all__ = ["KEPT", "append_only_is_guarded", "elsewhere", "instants_are_utc", "keeps_numbers_closed", "keeps_sealed"]

"""How long the planner may still think. The monotonic clock is asked, nothing else in the core knows a clock."""

import time


class Deadline:
    """Callable: whether time is up."""

    def __init__(self, seconds: float) -> None:
        self.begun = time.monotonic()
        self.seconds = seconds

    def __call__(self) -> bool:
        return self.left <= 0

    def put_aside(self, seconds: float) -> None:
        """Time for what comes after the search."""
        self.seconds -= seconds

    @property
    def left(self) -> float:
        return self.seconds - self.taken

    @property
    def taken(self) -> float:
        return time.monotonic() - self.begun

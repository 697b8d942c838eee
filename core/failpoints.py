"""Failpoints: places between the writes of a deed where a test ends the process as a power cut would.

JISHI_FAILPOINT names one. It is looked for in a demonstration alone, so that nothing of a real shop can be ended by a setting.
"""

import os
import signal

from core.settings import settings

SETTING = "JISHI_FAILPOINT"
_wanted = os.environ.get(SETTING, "")


def failpoint(name: str) -> None:
    """End this process at once, without any clean-up, if the environment asked for it here."""
    if _wanted == name and settings.is_demo:
        os.kill(os.getpid(), signal.SIGKILL)

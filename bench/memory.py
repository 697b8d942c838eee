"""Memory of the whole demo in one process, idle after load: the proportional set size, which shares what is shared."""

import time
from pathlib import Path

from bench.load import memory_mb
from bench.rig import DATABASES, running, table
from bench.web import ask, targets

BAR_MB = 250
SETTLE_S = 20  # free memory has gone back to the system by then (core.memory)


def main(folder: Path) -> str:
    rows = []
    for database in DATABASES:
        with running(database, folder) as rig:
            own = rig.pids[:1]
            time.sleep(SETTLE_S)
            fresh = memory_mb(own)
            for target in targets(rig):
                ask(rig, target, 1)
            time.sleep(SETTLE_S)
            used = memory_mb(own)
            beside = f"{memory_mb(rig.pids[1:]):.0f}" if len(rig.pids) > 1 else ""
            rows.append([database, f"{fresh:.0f}", f"{used:.0f}", beside, f"≤ {BAR_MB}", "yes" if used <= BAR_MB else "**no**"])
    return table(["", "PSS after start, MB", "after load, MB", "database beside, MB", "bar", "holds"], rows)

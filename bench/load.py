"""A small HTTP load: keep-alive connections over raw sockets, so that the client costs the machine little.

CPU is what the server's process tree used (user + system), which drifts far less than requests per second.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import NamedTuple

import psutil

MOST_REQUESTS = 50_000  # a load test is bounded in count as well as in time


class Figures(NamedTuple):
    requests: int
    seconds: float
    cpu_ms: float  # of the server's tree, per request
    failures: int  # answers outside 2xx and 3xx

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time of these processes and all their children."""
    total = 0.0
    for pid in pids:
        try:
            family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
        for process in family:
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
    return total


def memory_mb(pids: Sequence[int]) -> float:
    """Proportional set size of these processes and their children."""
    family = [p for pid in pids for p in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True))]
    return float(sum(p.memory_full_info().pss for p in family) / 1e6)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> tuple[int, bytes]:
    """Send one request and read its whole answer: status and body."""
    writer.write(raw)
    head = await reader.readuntil(b"\r\n\r\n")
    lower, body = head.lower(), b""
    if b"content-length:" in lower:
        body = await reader.readexactly(int(lower.split(b"content-length:")[1].split(b"\r\n")[0]))
    elif b"chunked" in lower:
        while size := int((await reader.readline()).strip() or b"0", 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    return int(head[9:12]), body


async def _drive(port: int, raw: list[bytes], until: float, counts: list[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    turn = 0
    try:
        while time.monotonic() < until and counts[0] < MOST_REQUESTS:
            status, _body = await _ask(reader, writer, raw[turn % len(raw)])
            turn += 1
            counts[0] += 1
            counts[1] += not 200 <= status < 400
    finally:
        writer.close()


def _raw(port: int, paths: Sequence[str], headers: str) -> list[bytes]:
    return [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n".encode() for path in paths]


async def _all(port: int, paths: Sequence[str], seconds: float, connections: int, headers: str) -> list[int]:
    """Each connection asks its own share of `paths`, so that a path meant to be asked once is asked once."""
    raw = _raw(port, paths, headers)
    counts, until = [0, 0], time.monotonic() + seconds
    await asyncio.gather(*(_drive(port, raw[n::connections] or raw, until, counts) for n in range(connections)))
    return counts


async def _timed(port: int, paths: Sequence[str], headers: str, until: float) -> list[tuple[float, bytes]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    taken = []
    try:
        for path, raw in zip(paths, _raw(port, paths, headers), strict=True):
            began = time.perf_counter()
            status, body = await _ask(reader, writer, raw)
            taken.append(((time.perf_counter() - began) * 1000, body))
            if status != 200:
                raise SystemExit(f"{path}: {status} {body[:300]!r}")
            if time.monotonic() > until:
                break
        return taken
    finally:
        writer.close()


def answers(port: int, paths: Sequence[str], *, seconds: float = 20, headers: str = "") -> list[tuple[float, bytes]]:
    """Ask each path once, one after the other on one connection: milliseconds and body of each. Stops after `seconds`."""
    return asyncio.run(_timed(port, paths, headers, time.monotonic() + seconds))


def measure(
    port: int, paths: Sequence[str], pids: Sequence[int], *, seconds: float = 4, connections: int = 4, headers: str = ""
) -> Figures:
    """Ask `paths` in turn for `seconds`; the CPU of the processes `pids` (server, database) is shared over the answers."""
    before, began = cpu_seconds(pids), time.monotonic()
    counts = asyncio.run(_all(port, paths, seconds, connections, headers))
    spent, took = cpu_seconds(pids) - before, time.monotonic() - began
    return Figures(counts[0], took, spent * 1000 / max(1, counts[0]), counts[1])

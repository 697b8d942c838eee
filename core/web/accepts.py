"""Who reads an answer: programs by the path they call, and which of two ways of saying it a client would rather have (RFC 9110)."""

MACHINES = ("/api/", "/webhooks/", "/healthz", "/readyz", "/metrics", "/openapi.json")


def for_programs(path: str) -> bool:
    """Whether programs call this path: they are never answered with a page, whatever they say they read."""
    return path.startswith(MACHINES)


def prefers(accept: str, kind: str, *, over: str) -> bool:
    """Whether `kind` is asked for by name, and not liked less than `over`, which whoever names neither gets."""
    wanted = _named(accept)
    return wanted.get(kind, 0.0) > 0 and wanted[kind] >= wanted.get(over, 0.0)


def _named(accept: str) -> dict[str, float]:
    """The media types a header names, in lower case, each with its weight; a weight that is none counts as one."""
    found: dict[str, float] = {}
    for part in accept.lower().split(","):
        kind, *facts = (piece.strip() for piece in part.split(";"))
        weight = next((fact[2:] for fact in facts if fact.startswith("q=")), "1")
        found[kind] = float(weight) if weight.replace(".", "", 1).isdecimal() and weight.isascii() else 1.0
    return found

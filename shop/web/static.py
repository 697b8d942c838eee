"""Files of static/: with an ETag, and kept by browsers for as long as their address can mean nothing else."""

from collections.abc import MutableMapping
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

NAMED_BY_VERSION = ("vendor/", "fonts/")
YEAR = "public, max-age=31536000, immutable"
SHORT = "public, max-age=300, stale-while-revalidate=86400"


class LastingFiles(StaticFiles):
    """A year for names that carry their version and for addresses with `?v=`; five minutes and a 304 for the rest."""

    async def get_response(self, path: str, scope: MutableMapping[str, Any]) -> Response:
        answer = await super().get_response(path, scope)
        lasts = path.startswith(NAMED_BY_VERSION) or scope.get("query_string", b"").startswith(b"v=")
        answer.headers["Cache-Control"] = YEAR if lasts else SHORT
        return answer

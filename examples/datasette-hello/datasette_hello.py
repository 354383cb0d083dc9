"""A Datasette plug-in that answers at /-/hello."""

from __future__ import annotations

from collections.abc import Callable

from datasette import Response, hookimpl


async def _hello() -> Response:
    return Response.text("Hello from a plug-in that is not installed\n")


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., object]]]:
    """Return the one route."""
    return [(r"^/-/hello$", _hello)]

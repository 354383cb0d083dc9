"""Core metadata, the `METADATA` of wheels and the `PKG-INFO` of sdists: lenient but for identity.

Specification: https://packaging.python.org/en/latest/specifications/core-metadata/
"""

from __future__ import annotations

import re

from packaging.metadata import parse_email

from plugreg import SourceError

from .facts import Facts
from .requirements import own_requirements
from .text import require_short

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packaging.metadata import RawMetadata

# From this version on, a file that does not list a field as dynamic is final about it.
_FINAL_SINCE = (2, 2)
_SHORT_NUMBER = re.compile("[0-9]{1,9}").fullmatch
_BLANK_LINE = re.compile(rb"(?>\r\n|\r|\n){2}")
# Old ones have the description in a field.
_MOST_HEADERS_BYTES = 2 * 1024**2


def parse_core_metadata(data: bytes, origin: str, *, installed: bool = False) -> Facts:
    """Return what core metadata says; entry points are never in it.

    Args:
        data: The bytes of the file.
        origin: Its path, for messages.
        installed: Whether it is a wheel's or an installed distribution's, which is final; an
            sdist's may leave requirements out that its build would add.

    Raises:
        SourceError: It names no name or no version, or one of them twice, or has fields of more
            than two megabytes (code "source-invalid").
    """
    raw, _ = parse_email(_headers(data, origin))
    final = installed or _is_final(raw)
    dynamic = {field.lower() for field in raw.get("dynamic", ())}
    return Facts(
        origin,
        name=_required(raw.get("name"), "Name", origin),
        version=_required(raw.get("version"), "Version", origin),
        summary=raw.get("summary", ""),
        requires_python=_said(
            raw.get("requires_python"), "", final and "requires-python" not in dynamic
        ),
        dependencies=_requirements(raw, final and "requires-dist" not in dynamic),
    )


def _headers(data: bytes, origin: str) -> bytes:
    """Return what stands before the description, which may be long and is nothing to us."""
    found = _BLANK_LINE.search(data)
    headers = data[: found.start()] if found else data
    require_short(len(headers), origin, _MOST_HEADERS_BYTES)
    return headers


def _required(value: str | None, field: str, origin: str) -> str:
    if value:
        return value
    raise SourceError(
        f"{origin}: the field `{field}` is missing, or there more than once",
        hint="the metadata is damaged: build or unpack it again",
        code="source-invalid",
        path=origin,
        field=field,
    )


def _is_final(raw: RawMetadata) -> bool:
    parts = raw.get("metadata_version", "").split(".")
    return all(map(_SHORT_NUMBER, parts)) and tuple(map(int, parts)) >= _FINAL_SINCE


def _said(value: str | None, absent: str, final: bool) -> str | None:
    return value if value or not final else absent


def _requirements(raw: RawMetadata, final: bool) -> tuple[str, ...] | None:
    texts = raw.get("requires_dist")
    if texts is None:
        return () if final else None
    return own_requirements(texts)

"""Moments as people write them: a day, a time of it, or how long ago."""

from __future__ import annotations

from .result import UsageError

_UNITS_S = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def moment_of(text: str) -> str:
    """Return a moment in UTC as the history writes it; "" for "".

    Raises:
        UsageError: It is neither an ISO date or time nor a number with m, h, d or w.

    >>> moment_of("2026-01-31"), moment_of("2026-01-31T14:30+02:00")
    ('2026-01-31T00:00:00Z', '2026-01-31T12:30:00Z')
    """
    if not text:
        return ""
    from datetime import UTC, datetime, timedelta

    number, unit = text[:-1], text[-1]
    try:
        if number.isdecimal() and unit in _UNITS_S:
            moment = datetime.now(UTC) - timedelta(seconds=int(number) * _UNITS_S[unit])
        else:
            given = datetime.fromisoformat(text)
            moment = given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"`{text}` is no moment",
            hint="write 2026-01-31, 2026-01-31T12:00, or 90m, 12h, 7d, 4w for so long ago",
        ) from None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

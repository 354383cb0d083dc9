"""What may not happen, and where it happened."""

from __future__ import annotations

import os
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugreg import backends

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Finding:
    """What went wrong.

    Attributes:
        kind: One word; those that end in "record" or "records" are silent errors in what was read.
        detail: Where, or what; the same for what has the same cause.
    """

    kind: str
    detail: str

    @property
    def is_slow(self) -> bool:
        """Tell whether trying it again takes long."""
        return self.kind == "too-long"


class OnlyOurs:
    """A context that lets errors of ours pass, and makes a finding of any other."""

    def __init__(self, doing: str, found: Callable[[str, str], None]) -> None:
        self._doing = doing
        self._found = found

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> bool:
        if error is None or not isinstance(error, Exception):
            return False
        if isinstance(error, backends.PlugregError):
            return False
        word = "memory" if isinstance(error, MemoryError) else "exception"
        self._found(word, f"{self._doing}: {type(error).__name__} at {innermost(error)}")
        return True


def innermost(error: BaseException) -> str:
    """Return the last place of the readers that an error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    readers = [frame for frame in frames if "/tests/" not in frame.filename]
    frame = (readers or list(frames))[-1]
    return f"{os.path.basename(frame.filename)}:{frame.lineno} {frame.name}"

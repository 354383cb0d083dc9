"""The context manager of `Registry.batch`: a transaction, then what waits for its end."""

from __future__ import annotations

import time

from .journal import Journal
from .locations import UNPACKED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .registry import Registry


class Batch:
    """Many changes as one: one commit, one entry of the history; after an error, none of them."""

    def __init__(self, registry: Registry, command: str) -> None:
        self._registry = registry
        self._command = command
        self._transaction = registry._catalog.store.transaction()
        self._outermost = registry._journal is None

    def __enter__(self) -> None:
        self._transaction.__enter__()
        if self._outermost:
            registry = self._registry
            registry._journal = Journal(registry._catalog.store, time.time_ns(), self._command)

    def __exit__(self, *exc_info: object) -> None:
        if not self._outermost:
            self._transaction.__exit__(*exc_info)  # type: ignore[arg-type]
            return
        registry = self._registry
        in_doubt, registry._in_doubt = registry._in_doubt, set()
        try:
            self._end(*exc_info)
        finally:  # kept or not: only now may code go that nobody uses
            registry._journal = None
            registry._catalog.look_again()
            unpacked = frozenset(root for root in in_doubt if UNPACKED in root)
            if unpacked:
                registry._release(unpacked)

    def _end(self, *exc_info: object) -> None:
        """End the transaction, with the change's entry in it."""
        journal = self._registry._journal
        try:
            if exc_info[0] is None and journal is not None:
                journal.finish()
        except BaseException as error:
            self._transaction.__exit__(type(error), error, None)
            raise
        self._transaction.__exit__(*exc_info)  # type: ignore[arg-type]

"""Immutable values, compared by what they hold (a dataclass would cost each host start 8 ms)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn


class Value:
    """A value: its slots are set once, by `_set`, and compared, hashed and shown together."""

    __slots__: tuple[str, ...] = ()
    # The slots' own setters, past `__setattr__`.
    _setters: tuple[Callable[[object, object], None], ...] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._setters = tuple(vars(cls)[slot].__set__ for slot in cls.__slots__)

    def _set(self, *values: object) -> None:
        for set_slot, value in zip(self._setters, values, strict=True):
            set_slot(self, value)

    def _parts(self) -> tuple[object, ...]:
        return tuple(getattr(self, slot) for slot in self.__slots__)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable: {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable: {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def __repr__(self) -> str:
        shown = ", ".join(f"{slot}={getattr(self, slot)!r}" for slot in self.__slots__)
        return f"{type(self).__name__}({shown})"

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), self._parts())

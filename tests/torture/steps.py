"""Random changes, and what they must lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

State = dict[Any, Any]
# The changes of one step: more than one are one transaction.
Step = list[tuple[Any, Any]]


def some_steps(
    state: State,
    chance: random.Random,
    keys: list[Any],
    value: Callable[[Any], Any],
    largest: int = 6,
) -> Iterator[tuple[Step, State]]:
    """Yield random steps without an end, each with what it leads to.

    Args:
        state: What there is before the first.
        chance: Decides.
        keys: Those that are changed.
        value: Gives a new value for the old one, or for None.
        largest: How many changes a step has at most.
    """
    while True:
        size = 1 if chance.random() < 0.7 else chance.randint(1, largest)
        step: Step = []
        for key in chance.sample(keys, size):
            gone = key in state and chance.random() < 0.3
            step.append((key, None if gone else value(state.get(key))))
        state = changed(state, step)
        yield step, state


def changed(state: State, step: Step) -> State:
    """Return what a step makes of a state."""
    after = {**state, **dict(step)}
    return {key: value for key, value in after.items() if value is not None}

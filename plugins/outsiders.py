"""Which plug-in's implementation of an extension hook is at fault: pluggy does not say it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    import pluggy


def plugins_behind(hook: pluggy.HookCaller, error: BaseException) -> list[str]:
    """Return the names of the plug-ins that a hook's error may have come from.

    The one whose implementation was called when it was raised; all that implement the hook, where
    that cannot be told, such as of one written in C.
    """
    implementing = hook.get_hookimpls()
    codes = set(_codes_on_the_way(error))
    called = [one for one in implementing if _code_of(one.function) in codes]
    # Wrappers come last: what a wrapper only passes on is the fault of whom it wraps.
    return [one.plugin_name for one in called[:1] or implementing]


def _codes_on_the_way(error: BaseException) -> Iterator[CodeType]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame.f_code
        trace = trace.tb_next


def _code_of(function: object) -> CodeType | None:
    code: CodeType | None = getattr(function, "__code__", None)
    return code

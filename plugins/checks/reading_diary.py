"""From what the child wrote down to findings: imports, what they did besides, and hooks."""

from __future__ import annotations

from .finding import ERROR, OK, WARNING, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from plugreg import Project

_SLOW_MS = 500.0


def findings_of(
    project: Project, events: list[dict[str, Any]], end: str, host: str = ""
) -> Iterator[Finding]:
    """Yield what the child saw, in its order.

    Args:
        project: The project.
        events: The lines that the child wrote down.
        end: How it ended, "" where it came to its end.
        host: The host that the user named, whose absence is an error; "" for those that are known.
    """
    names = [entry.name for entry in project.entry_points]
    readers = {"imported": _imported, "raised": _raised, "hook": _hook, "hooks": _hooks}
    for event in events:
        kind = event["event"]
        if kind == "no-host":
            message = f"{event['host']} cannot be imported: {event['reason']}"
            hint = f"install the host of {event['group']} there, or pass --python ENV"
            if host:
                hint = f"check the spelling of --host, or {hint}"
            yield Finding("hooks", ERROR if host else WARNING, f"not checked: {message}", hint)
        elif kind in readers:
            name = event.get("plugin") or names[event["entry"]]
            yield from readers[kind](name, event)
    if not events or events[-1]["event"] != "end":
        yield _cut_short(events, end or "ended the process")


def _cut_short(events: list[dict[str, Any]], end: str) -> Finding:
    last = events[-1] if events else {}
    if last.get("event") == "begin":
        message = f"{last['name']}: its import {end}"
        hint = "a plug-in that ends or stops the process takes its host down: import less"
        return Finding("import", ERROR, message, hint)
    if last.get("event") == "register":
        return Finding("hooks", ERROR, f"{last['name']}: registering it {end}", "mend its hooks")
    if last.get("event") == "host":
        message = f"not checked: the import of {last['host']} {end}"
        return Finding("hooks", ERROR, message, "see that the host itself works")
    hint = "see that the environment works; it needs Python 3.8 or later"
    return Finding("import", ERROR, f"the check itself {end}", hint)


def _imported(name: str, event: dict[str, Any]) -> Iterator[Finding]:
    spent_ms = event["milliseconds"]
    if spent_ms > _SLOW_MS:
        message = f"{name}: imported in {spent_ms:.0f} ms, which each start of its host waits for"
        yield Finding("import", WARNING, message, "import what is costly where it is used")
    else:
        yield Finding("import", OK, f"{name}: imported in {spent_ms:.1f} ms")
    for what, message, hint in (
        (event["printed"], "prints when it is imported", "print when a hook is called, or log"),
        (event["threads"], "starts a thread when it is imported", "start it in a hook"),
        (event["path"], f"puts {', '.join(event['path'])} on sys.path", "leave sys.path alone"),
    ):
        if what:
            yield Finding("import", WARNING, f"{name}: {message}", hint)


def _raised(name: str, event: dict[str, Any]) -> Iterator[Finding]:
    hint = "mend it: no host can load it"
    yield Finding("import", ERROR, f"{name}: {event['reason']}", hint, **_place(event))


def _hook(name: str, event: dict[str, Any]) -> Iterator[Finding]:
    problem, place = event["problem"], _place(event)
    if problem == "unknown":
        close = event["close"]
        hint = f"did you mean {close[0]}?" if close else "mark it optionalhook=True, or remove it"
        message = f"{name}: {event['group']} has no hook {event['hook']}"
    elif problem == "arguments":
        wrong, takes = ", ".join(event["wrong"]), ", ".join(event["takes"])
        message = f"{name}: the hook {event['hook']} has no argument {wrong}"
        hint = f"it has {takes}" if takes else "it has none"
    else:
        message = f"{name}: {event['group']} does not take it: {event['reason']}"
        hint = "mend the hook that it names"
    yield Finding("hooks", ERROR, message, hint, **place)


def _hooks(name: str, event: dict[str, Any]) -> Iterator[Finding]:
    if event["problems"]:
        return
    if event["count"]:
        yield Finding("hooks", OK, f"{name}: {event['count']} fit {event['group']}")
    else:
        message = f"{name}: no hook of {event['group']} is implemented"
        yield Finding("hooks", WARNING, message, "mark them with the host's hookimpl")


def _place(event: dict[str, Any]) -> dict[str, Any]:
    return {"file": event.get("file") or "", "line": event.get("line")}

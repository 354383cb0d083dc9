"""What the child of a check runs: it imports the plug-ins, and writes down what happens.

A copy of this file runs in the environment that is checked, beside one of the program that tells of
an environment, and one of what says an error in a line: it imports nothing else of plugreg, and
pluggy only where a host has it. Each line that it writes is a JSON object with what happened; the
last one tells how far it got.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class Diary:
    """The file that the parent reads; every line is there at once."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "w", encoding="utf-8")  # noqa: SIM115 - kept until the end

    def write(self, event: str, **facts: object) -> None:
        """Write down what happened."""
        self._file.write(json.dumps({"event": event, **facts}) + "\n")
        self._file.flush()


def main(request_path: str, diary_path: str) -> None:
    """Do what the request says."""
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    diary = Diary(diary_path)
    diary.write("environment", **_environment(request))
    managers = {group: _found(diary, group, host) for group, host in request["hosts"].items()}
    objects = {}
    for number, (_group, name, value) in enumerate(request["entries"]):
        diary.write("begin", entry=number, name=name)
        try:
            objects[number] = _imported(diary, number, value)
        except BaseException as error:  # noqa: BLE001 - whatever it raises is what is looked for
            diary.write("raised", entry=number, **_fault(error, request["root"]))
    for number, plugin in objects.items():
        group, name, _ = request["entries"][number]
        if managers.get(group) is not None:
            diary.write("register", entry=number, name=name)
            _check_hooks(diary, managers[group], group, name, plugin)
    diary.write("end")
    os._exit(0)  # threads that a plug-in has started may never end


def _environment(request: dict[str, Any]) -> dict[str, object]:
    """Return what the requirements and names of the project are held against."""
    facts = _beside("facts")
    tops = request["tops"]
    return {
        **facts.environment(()),
        "stdlib": [top for top in tops if top in getattr(sys, "stdlib_module_names", ())],
        "owners": facts.owners(tops),
    }


def _reason_of(error: BaseException) -> str:
    """Return an error as hosts report it."""
    reason: str = _beside("importing").reason_of(error)
    return reason


def _beside(name: str) -> Any:
    """Return a module of plugreg of which a copy lies beside this file."""
    from importlib import util

    folder = os.path.dirname(os.path.abspath(__file__))
    spec = util.spec_from_file_location(f"_{name}", os.path.join(folder, f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _imported(diary: Diary, number: int, value: str) -> object:
    """Import what an entry point names, and write down what that did besides."""
    threads, path = set(threading.enumerate()), list(sys.path)
    said = _size_of_output()
    began = time.perf_counter()
    module, _, attributes = value.partition("[")[0].partition(":")
    found: object = importlib.import_module(module.strip())
    for attribute in attributes.strip().split(".") if attributes.strip() else ():
        found = getattr(found, attribute)
    diary.write(
        "imported",
        entry=number,
        milliseconds=(time.perf_counter() - began) * 1000,
        printed=_size_of_output() - said,
        threads=[thread.name for thread in set(threading.enumerate()) - threads],
        path=[repr(entry) for entry in sys.path if entry not in path],
    )
    return found


def _size_of_output() -> int:
    """Return how much was printed: stdout and stderr are one file."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    return os.fstat(1).st_size


def _fault(error: BaseException, root: str) -> dict[str, object]:
    """Return what an exception says, and the place in the project's code where it came from."""
    fault: dict[str, object] = {"reason": _reason_of(error)}
    if isinstance(error, SyntaxError) and error.filename:
        return {**fault, "file": os.path.realpath(error.filename), "line": error.lineno}
    inside = os.path.realpath(root) + os.sep if root else ""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = os.path.realpath(frame.filename)
        if inside and file.startswith(inside):
            return {**fault, "file": file, "line": frame.lineno}
    return fault


def _found(diary: Diary, group: str, host: str) -> Any:
    """Return the manager of a host, or None; it comes first, so that no plug-in pays for it."""
    diary.write("host", group=group, host=host)
    try:
        return _manager_of(host)
    except BaseException as error:  # noqa: BLE001 - a host can exit as well
        diary.write("no-host", group=group, host=host, reason=_reason_of(error))
        return None


def _check_hooks(diary: Diary, manager: Any, group: str, name: str, plugin: object) -> None:
    """Hold a plug-in's hooks against those of its host, and register it as the host would."""
    if hasattr(plugin, "pytest_addhooks"):  # hooks that a plug-in brings itself
        plugin.pytest_addhooks(pluginmanager=manager)
    problems = 0
    for problem in _problems(manager, plugin):
        problems += 1
        diary.write("hook", group=group, plugin=name, **problem)
    if problems == 0:
        problems = _register(diary, manager, group, name, plugin)
    count = sum(1 for _ in _implementations(manager, plugin))
    diary.write("hooks", group=group, plugin=name, count=count, problems=problems)


def _manager_of(host: str) -> Any:
    """Return a plug-in manager with the host's hooks; the installed plug-ins are not loaded."""
    import pluggy

    pluggy.PluginManager.load_setuptools_entrypoints = lambda *_args, **_named: 0  # type: ignore[method-assign]
    module, _, attributes = host.partition(":")
    found: Any = importlib.import_module(module)
    for attribute in attributes.split(".") if attributes else ():
        found = getattr(found, attribute)
    specs = isinstance(found, type) and not issubclass(found, pluggy.PluginManager)
    if callable(found) and not specs:
        found = found()
    found = getattr(found, "pluginmanager", found)
    if isinstance(found, pluggy.PluginManager):
        return found
    manager = pluggy.PluginManager(_project_of(found))
    manager.add_hookspecs(found)
    return manager


def _project_of(specs: object) -> str:
    """Return the project name of the marker that a module or class of hook specifications uses."""
    for name in dir(specs):
        for mark in getattr(getattr(specs, name), "__dict__", ()):
            if mark.endswith("_spec"):
                return str(mark[: -len("_spec")])
    raise LookupError(f"no function of {specs!r} is marked as a hook specification")


def _implementations(manager: Any, plugin: object) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, options and function of each hook that a plug-in implements."""
    for name in dir(plugin):
        options = manager.parse_hookimpl_opts(plugin, name)
        if options is not None:
            yield options.get("specname") or name, options, getattr(plugin, name)


def _problems(manager: Any, plugin: object) -> Iterator[dict[str, object]]:
    from difflib import get_close_matches

    from pluggy._hooks import varnames

    known = [name for name, hook in vars(manager.hook).items() if hook.has_spec()]
    for name, options, function in _implementations(manager, plugin):
        hook = getattr(manager.hook, name, None)
        if hook is None or not hook.has_spec():
            if not options.get("optionalhook"):
                close = get_close_matches(name, known, n=1)
                yield {"problem": "unknown", "hook": name, "close": close, **_place(function)}
            continue
        wrong = [one for one in varnames(function)[0] if one not in hook.spec.argnames]
        if wrong:
            takes = list(hook.spec.argnames)
            problem = {"problem": "arguments", "hook": name, "wrong": wrong, "takes": takes}
            yield {**problem, **_place(function)}


def _place(function: Any) -> dict[str, object]:
    import inspect

    code = getattr(inspect.unwrap(getattr(function, "__func__", function)), "__code__", None)
    if code is None:
        return {}
    return {"file": os.path.realpath(code.co_filename), "line": code.co_firstlineno}


def _register(diary: Diary, manager: Any, group: str, name: str, plugin: object) -> int:
    """Register a plug-in as the host would; returns the number of problems."""
    try:
        manager.register(plugin, name=f"{name} (checked)")
    except BaseException as error:  # noqa: BLE001 - hooks that are called by it can exit as well
        reason = _reason_of(error)
        diary.write("hook", group=group, plugin=name, problem="register", reason=reason)
        return 1
    return 0


if __name__ == "__main__":
    if sys.path[0] == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[0]  # that folder has nothing for anybody
    main(*sys.argv[1:])

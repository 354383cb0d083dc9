"""The rules of the house that a machine can check, beside those of the linter and of the floors."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Function = ast.FunctionDef | ast.AsyncFunctionDef

TOP = Path(__file__).parents[1]
FLOORS = ("backends", "registry", "plugins", "cli")
CLOCKS = re.compile(r"\b(?:monotonic|perf_counter|process_time)(?:_ns)?\(\)")
SKIPS = ("pytest.skip", "pytest.importorskip", "pytest.mark.skip")
MOST_LINES = 45  # of what a function does
# Rooms where everything fits are rooms where nothing is found.
NAMES_OF_NOTHING = {"base", "common", "helpers", "misc", "utils"}


def texts_in(*folders: str) -> dict[str, str]:
    """Return path and text of each module below the folders."""
    paths = sorted(path for folder in folders for path in (TOP / folder).rglob("*.py"))
    found = {path.relative_to(TOP): path for path in paths}
    return {
        place.as_posix(): path.read_text("utf-8")
        for place, path in found.items()
        if not {"corpus", "build"} & set(place.parts)
    }


CODE = texts_in(*FLOORS)
EVERYTHING = texts_in(*FLOORS, "tests", "examples", "benchmarks", "release", "docs")
TESTS = {
    path: text
    for path, text in EVERYTHING.items()
    if path.rpartition("/")[2].startswith("test_") or path.endswith("/testing.py")
}


def offenders(
    texts: dict[str, str], find: Callable[[str], Iterable[object]]
) -> dict[str, list[object]]:
    """Return what is found in each text, of those where anything is."""
    return {path: found for path, text in texts.items() if (found := list(find(text)))}


def functions_in(text: str) -> list[Function]:
    """Return every function and method of a module."""
    nodes = ast.walk(ast.parse(text))
    return [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def silent_tests(text: str) -> list[str]:
    """Return the names of the tests that do not say what is so."""
    tests = [each for each in functions_in(text) if each.name.startswith("test_")]
    return [each.name for each in tests if not (ast.get_docstring(each) or "").strip()]


def timed_assertions(text: str) -> list[str]:
    """Return the assertions that ask a clock, or compare with what a clock said."""
    nodes = list(ast.walk(ast.parse(text)))
    read = {
        target.id
        for node in nodes
        if isinstance(node, ast.Assign) and CLOCKS.search(ast.unparse(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    tests = [ast.unparse(node.test) for node in nodes if isinstance(node, ast.Assert)]
    return [test for test in tests if CLOCKS.search(test) or read & set(re.findall(r"\w+", test))]


def mocks(text: str) -> list[str]:
    """Return the imports of a library of mocks."""
    return re.findall(r"^\s*(?:from|import) (?:unittest\.)?mock\b.*", text, re.MULTILINE)


def plain_skips(text: str) -> list[str]:
    """Return the skips that CI does not turn into failures, but for those of other systems."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    named = {ast.unparse(call): ast.unparse(call.func) for call in calls}
    plain = [call for call, name in named.items() if name in SKIPS]
    conditional = [call for call, name in named.items() if name == "pytest.mark.skipif"]
    return plain + [call for call in conditional if not re.search(r"os\.name|platform|/bin", call)]


def unexplained_exceptions(text: str) -> list[str]:
    """Return the exceptions to the linter's rules without a reason behind the number."""
    return [each for each in re.findall(r"# noqa\b.*", text) if not re.search(r" - \S", each)]


def long_functions(text: str) -> list[str]:
    """Return the names of the functions that do something for too many lines."""
    return [each.name for each in functions_in(text) if lines_of(each) > MOST_LINES]


def lines_of(function: Function) -> int:
    """Return the number of lines in which a function does something."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_every_test_says_in_a_sentence_what_is_so() -> None:
    """Also those of the examples, and those that other packages inherit."""
    assert len(TESTS) > 100
    assert offenders(TESTS, silent_tests) == {}


def test_no_test_asserts_how_long_something_took() -> None:
    """A busy machine would fail it, and an idle one pass whatever it says."""
    assert offenders(TESTS, timed_assertions) == {}


def test_what_can_be_run_is_run() -> None:
    """No test puts something of `unittest.mock` in the place of what it tests."""
    assert offenders(TESTS, mocks) == {}


def test_a_test_is_skipped_only_where_ci_may_skip_it() -> None:
    """By `skip_or_fail`, which fails where CI says so; `skipif` is for other systems only."""
    assert offenders(TESTS, plain_skips) == {}


def test_an_exception_to_a_rule_has_its_reason() -> None:
    """Behind the rule's number, after a dash."""
    others = {
        path: text for path, text in EVERYTHING.items() if path != "tests/test_house_rules.py"
    }
    assert offenders(others, unexplained_exceptions) == {}


def test_functions_are_small() -> None:
    """About ten lines; past this many there is a second function in it."""
    assert offenders(CODE, long_functions) == {}


def test_a_module_is_called_after_what_lives_there() -> None:
    """None is a room for leftovers."""
    assert [path for path in EVERYTHING if Path(path).stem in NAMES_OF_NOTHING] == []


def test_what_the_environment_can_say_is_documented() -> None:
    """Each variable that plugreg reads is named on a page."""
    variable = re.compile(r"\bPLUGREG_[A-Z][A-Z_]*[A-Z]\b")
    named = {name for text in CODE.values() for name in variable.findall(text)}
    pages = [TOP / "README.md", *(TOP / "docs").rglob("*.md")]
    documented = {name for page in pages for name in variable.findall(page.read_text("utf-8"))}
    assert len(named) > 2
    assert named - documented == set()


def test_these_checks_would_notice() -> None:
    """What the rules forbid is found in whichever way it is written, and nothing else."""
    clock = "start = monotonic()\n"
    for find, text in (
        (silent_tests, "class A:\n    def test_it(self): pass"),
        (timed_assertions, "assert time.monotonic() - began < 1"),
        (timed_assertions, f"{clock}took = time.monotonic() - start\nassert 0.1 < took"),
        (mocks, "from unittest.mock import Mock"),
        (plain_skips, "def f():\n    pytest.skip('no')"),
        (
            plain_skips,
            "@pytest.mark.skipif(shutil.which('x') is None, reason='no x')\ndef f(): ...",
        ),
        (unexplained_exceptions, "x = 1  # noqa: E501"),
        (long_functions, "def f():\n    '''A\n    docstring.'''\n" + "    x = 1\n" * 46),
    ):
        assert find(text), text
    for find, text in (
        (timed_assertions, f"{clock}assert started == 5"),
        (plain_skips, "@pytest.mark.skipif(os.name == 'nt', reason='modes')\ndef f(): ..."),
        (unexplained_exceptions, "x = 1  # noqa: E501 - a long number"),
        (long_functions, "def f():\n    '''A\n    docstring.'''\n" + "    x = 1\n" * 45),
    ):
        assert not find(text), text

"""Each system call of each operation fails once: nothing is lost, and the error says it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.torture.length import LONG, ONCE
from tests.torture.shim import KINDS, run_under
from tests.torture.subjects import SUBJECTS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = ONCE
SUBJECT_NAMES = list(SUBJECTS) if LONG else ["store"]
LASTING = ["lasting"] if LONG else []


def fault_of(answer: dict[str, Any]) -> str:  # noqa: PLR0911 - a list of what must not be
    """Return what is wrong with what came of a failing call, or ""."""
    said, found = answer["expected"], answer["found"]
    if answer["error"]:
        return "an error that nobody explains"
    if found not in ("before", "after"):
        return "half of it is there"
    if not said and found != "after":
        return "it returned, and is not there"
    if "nothing was changed" in said and found != "before" and answer["operation"] != "create":
        return "it says that nothing was changed"
    if answer.get("held", found) != found:
        return "the open store held something else"
    if answer["left"]:
        return "something was left beside"
    return ""


@pytest.mark.parametrize("subject", SUBJECT_NAMES)
def test_every_call_may_fail(memory: Path, shim: Path, flavour: str, subject: str) -> None:
    """The change is there whole or not at all, what it says is true, and the store goes on."""
    module = "tests.torture.faulty"
    answers = json.loads(run_under(shim, memory, module, flavour, subject, *LASTING))
    wrong = [
        (fault, answer)
        for answer in answers
        if (fault := fault_of({"found": "", "left": [], "expected": "", **answer}))
    ]
    assert wrong == []
    kinds = {answer["kind"] for answer in answers}
    operations = {answer["operation"] for answer in answers}
    assert kinds | {"unlink", "ftruncate"} == set(KINDS)
    assert operations == {"create", "add", "update", "remove", "batch"}
    assert sum(bool(answer["expected"]) for answer in answers) > len(answers) / 2

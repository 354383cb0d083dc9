"""The files of other tools in `corpus/`: copied before use, as opening changes some of them."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
# What no case has of itself: its description and what to expect of it.
_ABOUT = ("case.json", "expected.jsonl", "expected-recovered.jsonl")


def case_names(*prefixes: str) -> list[str]:
    """Return the names of the cases that start with one of the prefixes, sorted."""
    return sorted(case.name for case in CORPUS.iterdir() if case.name.startswith(prefixes))


def copied_case(name: str, folder: Path) -> Path:
    """Copy the files of a case into `folder`; the path that a user would type."""
    for file in (CORPUS / name).iterdir():
        if file.name in _ABOUT:
            continue
        if file.is_dir():
            shutil.copytree(file, folder / file.name)
        else:
            shutil.copy(file, folder / file.name)
    return folder / str(about(name)["open_path"])


def about(name: str) -> dict[str, object]:
    """Return what the case's maker says of it."""
    found: dict[str, object] = json.loads((CORPUS / name / "case.json").read_text("utf-8"))
    return found


def expected_records(name: str) -> dict[bytes, bytes]:
    """Return the records that the original library reads from the case."""
    lines = (CORPUS / name / "expected.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    return {base64.b64decode(r["key"]): base64.b64decode(r["value"]) for r in records}

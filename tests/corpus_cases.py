"""The files of other tools in `corpus/`: copied before use, as opening changes some of them.

PLUGREG_CORPUS names a folder with more of them, too many to keep here.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
# What no case has of itself: its description and what to expect of it.
_ABOUT = ("case.json", "expected.jsonl", "expected-recovered.jsonl")


def case_names(*prefixes: str) -> list[str]:
    """Return the names of the cases that start with one of the prefixes, sorted."""
    return sorted(case.name for case in CORPUS.iterdir() if case.name.startswith(prefixes))


def every_case() -> list[str]:
    """Return the names of all cases, those of PLUGREG_CORPUS included, sorted."""
    return sorted({case.name for place in _places() for case in place.iterdir() if case.is_dir()})


def folder_of(name: str) -> Path:
    """Return the folder of a case."""
    return next(place / name for place in _places() if (place / name).is_dir())


def _places() -> list[Path]:
    more = os.environ.get("PLUGREG_CORPUS")
    return [CORPUS, *([Path(more)] if more else [])]


def copied_case(name: str, folder: Path) -> Path:
    """Copy the files of a case into `folder`; the path that a user would type."""
    for file in folder_of(name).iterdir():
        if file.name in _ABOUT:
            continue
        if file.is_dir():
            shutil.copytree(file, folder / file.name)
        else:
            shutil.copy(file, folder / file.name)
    return folder / str(about(name)["open_path"])


def about(name: str) -> dict[str, object]:
    """Return what the case's maker says of it."""
    found: dict[str, object] = json.loads((folder_of(name) / "case.json").read_text("utf-8"))
    return found


def expected_records(name: str) -> dict[bytes, bytes]:
    """Return the records that the original library reads from the case."""
    return dict(expected_pairs(name))


def expected_pairs(name: str) -> list[tuple[bytes, bytes]]:
    """Return them with every duplicate, those of all databases in the file, sorted."""
    lines = (folder_of(name) / "expected.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    return sorted((base64.b64decode(r["key"]), base64.b64decode(r["value"])) for r in records)

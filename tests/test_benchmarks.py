"""The figures in the pages come from the benchmarks: each has its place, and nothing else moves."""

from __future__ import annotations

import importlib.util
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def benchmark(name: str):
    """Return a module of the benchmarks, which are scripts beside each other."""
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def place(name: str, *lines: str) -> str:
    """Return a place of a page, with those lines in it."""
    return "\n".join([f"<!-- made by make bench: {name} -->", *lines, "<!-- end -->"])


def test_texts_get_into_their_places(tmp_path):
    """What is around them and other places stay as they were."""
    page = tmp_path / "README.md"
    kept = place("other", "kept")
    page.write_text("\n".join(["before", place("one", "old"), "between", kept, place("two")]))
    benchmark("pages").write_places({"one": r"new \1", "two": "| a |"}, page)
    now = ["before", place("one", r"new \1"), "between", kept, place("two", "| a |")]
    assert page.read_text() == "\n".join(now)


def test_a_text_without_a_place_is_an_error(tmp_path):
    """It is named, so that a mark that was lost is noticed, and nothing is written."""
    page = tmp_path / "README.md"
    page.write_text(place("one"))
    with pytest.raises(KeyError, match="no place for lost"):
        benchmark("pages").write_places({"one": "new", "lost": ""}, page)
    assert page.read_text() == place("one")


def test_every_place_of_the_readme_is_filled():
    """Its figures are those of the benchmarks that write them, one table each."""
    text = (BENCHMARKS.parent / "README.md").read_text("utf-8")
    found = dict(
        re.findall(r"<!-- made by make bench: ([\w-]+) -->\n(.*?)<!-- end -->", text, re.DOTALL)
    )
    scripts = "".join(script.read_text("utf-8") for script in BENCHMARKS.glob("*.py"))
    assert found.keys() == {"host-start", "start-parts", "stores"}
    for name, table in found.items():
        assert f'"{name}": ' in scripts
        assert table.startswith("| ")


def test_the_graph_has_a_line_and_a_name_for_each_case():
    """It is well-formed, and a name with a special character stands in it as it is."""
    lines = {"plug & reg": [(50, 30.0), (1000, 31.0)], "pluggy": [(50, 60.0), (1000, 99.0)]}
    root = ET.fromstring(benchmark("start_graph").drawn(lines, "20 plug-ins"))
    svg = "{http://www.w3.org/2000/svg}"
    drawn = [path for path in root.iter(f"{svg}path") if path.get("class") == "line"]
    assert len(drawn) == 2
    texts = [text.text for text in root.iter(f"{svg}text")]
    assert {"plug & reg", "pluggy", "0 ms", "100 ms", "1,000"} <= set(texts)

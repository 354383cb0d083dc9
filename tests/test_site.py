"""The site of the documentation: it is built without a warning, complete, and readable offline."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from docs import writing
from docs.writing import api, environment, errors, figures, fixtures, hooks, schemas, tree
from plugreg import backends
from plugreg.cli.app import COMMANDS, make_command
from tests.conditions import skip_or_fail
from tests.pages import TOP

DOCS = TOP / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
BUILT_ON = (3, 13)
# One build is enough; it is made on the newest Python, and wherever Sphinx is installed.
once = pytest.mark.only_where(
    importlib.util.find_spec("sphinx") is not None or sys.version_info[:2] == BUILT_ON,
    "the documentation is built on one Python",
)
# Attributes by which a browser loads something to show a page.
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` does."""
    if importlib.util.find_spec("sphinx") is None:
        skip_or_fail("sphinx is not installed: make docs")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "--builder", "html", "--fail-on-warning"]
    command += ["--keep-going", "--quiet", "--doctree-dir", str(folder / "doctrees")]
    done = subprocess.run(
        [*command, str(DOCS), str(folder / "html")], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
    return folder / "html"


class Elements(HTMLParser):
    """All elements of a page, as (tag, attributes)."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    @property
    def ids(self) -> set[str]:
        """What can stand behind a `#`."""
        return {attributes["id"] for _, attributes in self.found if "id" in attributes}


@once
def test_the_site_is_built_without_a_warning(site: Path) -> None:
    """Sphinx stops at one; each page of docs/ is there."""
    for page in PAGES:
        assert (site / page.relative_to(DOCS)).with_suffix(".html").is_file()


@once
def test_a_browser_loads_nothing_from_elsewhere(site: Path) -> None:
    """Scripts, styles, pictures and fonts are in the site's folder."""
    for page in site.rglob("*.html"):
        for tag, attributes in Elements(page).found:
            loaded = attributes.get(LOADED.get(tag, ""), "")
            assert not urlsplit(loaded).netloc, f"{page.name}: {loaded}"
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", text), style.name


@once
def test_every_link_within_the_site_leads_somewhere(site: Path) -> None:
    """To a file that is there, and to a place in it that is there."""
    pages = {page.resolve(): Elements(page) for page in site.rglob("*.html")}
    for page, elements in pages.items():
        for tag, attributes in elements.found:
            link = urlsplit(attributes.get("href", ""))
            if tag != "a" or link.scheme or link.netloc:
                continue
            target = (page.parent / unquote(link.path)).resolve() if link.path else page
            assert target.exists(), f"{page.name}: {link.path}"
            place = unquote(link.fragment)
            if place and target in pages:
                assert place in pages[target].ids, f"{page.name}: {link.path}#{place}"


@once
def test_the_site_has_every_public_name(site: Path) -> None:
    """Each of the faces' names has an entry of its own, and so has each method with a docstring."""
    for face, name in (("plugreg", "library"), ("plugreg.backends", "backends")):
        ids = Elements(site / "reference" / f"{name}.html").ids
        for names in api.names_by_kind(face).values():
            assert {f"{face}.{each}" for each in names} <= ids
    ids = Elements(site / "reference" / "library.html").ids
    assert {"plugreg.Registry.open", "plugreg.Registry.select", "plugreg.Project.replace"} <= ids


def test_what_pages_ask_for_is_written() -> None:
    """Everything that is written from the code is on one page, and is not empty."""
    asked = [part for page in PAGES for part in writing.asked_for(page.read_text("utf-8"))]
    assert sorted(asked) == sorted(writing.PARTS)
    for part in asked:
        assert writing.written(part).strip(), part


def test_every_command_and_option_is_told() -> None:
    """With its usage, and all that its `--help` has."""
    text = writing.written("commands")
    for name in COMMANDS:
        [section] = re.findall(
            rf"^## `plugreg {name}`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
        )
        for param in make_command(name).params:
            words = param.opts if param.param_type_name == "option" else [param.metavar or ""]
            assert any(word in section for word in words), (name, param.name)


def test_every_error_code_is_told() -> None:
    """Those of the classes, and those that the package's tests look for."""
    told = set(errors.codes()) | doctor_codes()
    assert {getattr(backends, name).code for name in backends.__all__ if is_error(name)} <= told
    looked_for = re.compile(r"""(?:\.code|"code"\]) == "([a-z-]+)\"""")
    for test in TOP.glob("tests/**/*.py"):
        for code in looked_for.findall(test.read_text(encoding="utf-8")):
            assert code in told, f"{test.name}: {code}"


def doctor_codes() -> set[str]:
    """Return the codes in the tables of the page on `plugreg doctor`."""
    page = (DOCS / "how-to" / "mend-a-catalog.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE))


def is_error(name: str) -> bool:
    """Tell whether a name of `plugreg.backends` is a class of errors."""
    thing = getattr(backends, name)
    return isinstance(thing, type) and issubclass(thing, backends.PlugregError)


def test_no_error_code_escapes() -> None:
    """What is given as a code is a text that can be found, or that of another error."""
    told = set(errors.codes())
    for node in tree.nodes():
        if isinstance(node, ast.keyword) and node.arg == "code":
            value = tree.value_of(node.value)
            if isinstance(value, ast.JoinedStr):
                form = tree.text_of(value).replace("KEY", "[a-z]+")
                assert any(re.fullmatch(form, code) for code in told), form
            else:
                assert isinstance(value, ast.Constant | ast.IfExp | ast.Attribute | ast.Name)


def test_every_variable_is_told() -> None:
    """Those that the code looks at, and no other."""
    assert environment.read_by_the_code() == set(environment.SAID)


def test_every_flavour_hook_fixture_and_shape_is_told() -> None:
    """As the code has them."""
    parts = {part: writing.written(part) for part in ("flavours", "hooks", "fixtures")}
    for flavour in backends.flavours():
        assert f"`{flavour.name}`" in parts["flavours"]
    for name in hooks.hooks():
        assert f"## `{name}(" in parts["hooks"]
    assert len(fixtures.fixtures()) == 3
    for name in fixtures.fixtures():
        assert f"## `{name}`" in parts["fixtures"]
    for name in ("envelope", "export"):
        sections = writing.written(name).count("\n### ")
        assert sections == len(schemas.schema_of(name)["$defs"])


def test_the_figures_are_those_that_the_benchmarks_wrote() -> None:
    """Each file of figures is on the page, with each of its rows."""
    text = writing.written("figures")
    files = {path.stem for path in Path(figures.FOLDER).glob("*.json")}
    assert files <= set(figures.TITLES)
    for path in Path(figures.FOLDER).glob("*.json"):
        for title, rows in json.loads(path.read_text(encoding="utf-8"))["tables"].items():
            assert f"### {title}" in text
            assert all(f"{row['median']:,.1f} {row['unit']}" in text for row in rows)


@pytest.mark.parametrize(
    "page", [TOP / "README.md", TOP / "examples" / "README.md", TOP / "CHANGELOG.md"], ids=str
)
def test_links_from_elsewhere_lead_into_the_pages(page: Path) -> None:
    """What the README and its like link to is a file, and the place in it is a heading."""
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, place = link.partition("#")
        if urlsplit(link).scheme:
            continue
        target = page.parent / path if path else page
        assert target.exists(), link
        if place:
            heads = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert place in [slug(head) for head in heads], link


def slug(heading: str) -> str:
    """Return what a code host calls the place of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_each_page_begins_with_what_it_is_for() -> None:
    """A title, and below it a sentence, not a heading or a list."""
    for page in PAGES:
        first, second, third = page.read_text(encoding="utf-8").split("\n")[:3]
        assert first.startswith("# "), page.name
        assert second == "", page.name
        assert re.match(r"[A-Z\[`]|plugreg ", third), page.name


def test_each_page_can_be_reached() -> None:
    """An index names it: the one of its folder."""
    for page in PAGES:
        if page.name != "index.md":
            index = (page.parent / "index.md").read_text(encoding="utf-8")
            assert f"\n{page.stem}\n" in index, os.fspath(page)

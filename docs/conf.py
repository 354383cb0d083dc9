"""How the site is built from this folder: `make docs`, into build/site."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version as installed_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sphinx.application import Sphinx

sys.path.insert(0, os.path.dirname(__file__))

from writing import filled  # noqa: E402 - beside this file, wherever Sphinx was started

project = "plugreg"
version = release = installed_version("plugreg")
copyright = "the plugreg maintainers"  # noqa: A001 - Sphinx reads this name

extensions = [
    "myst_parser",  # the pages are Markdown, which code hosts show as well
    "sphinx.ext.autodoc",  # the library, from its docstrings
    "sphinx.ext.napoleon",  # which have Args, Returns and Raises
]
exclude_patterns = ["writing"]
language = "en"
smartquotes = False  # `--` is an option, no dash
nitpicky = False
default_role = "code"  # `this` in docstrings is code

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
python_use_unqualified_type_names = True
add_module_names = False

# Everything that a reader's browser loads is in the site: it is readable from a folder, offline.
html_theme = "furo"
html_title = "plugreg"
html_static_path = ["static"]
html_css_files = ["plugreg.css"]
html_copy_source = False
html_show_sphinx = False


def _fill(_app: Sphinx, _page: str, source: list[str]) -> None:
    """Put into a page what it asks for from the code."""
    source[0] = filled(source[0])


# Docstrings of properties that napoleon is not shown, by name.
_kept: dict[str, list[str]] = {}


def _keep(
    _app: Sphinx, what: str, name: str, _thing: object, _how: object, lines: list[str]
) -> None:
    """Keep napoleon from reading a property's "What it is: more of it" as a type and a text."""
    if what == "property" and lines and ":" in lines[0]:
        _kept[name] = lines[:]
        lines[:] = ["Kept."]


def _restore(
    _app: Sphinx, _what: str, name: str, _thing: object, _how: object, lines: list[str]
) -> None:
    """Put back what was kept."""
    lines[:] = _kept.pop(name, lines)


def setup(app: Sphinx) -> None:
    """Tell Sphinx what it calls."""
    app.connect("source-read", _fill)
    app.connect("autodoc-process-docstring", _keep, priority=400)  # before napoleon's 500
    app.connect("autodoc-process-docstring", _restore, priority=600)

"""A source of another package: folders of plug-ins that declare themselves in a `plugin.json`.

`plugreg add FOLDER` takes them like any other project once this package is installed beside
plugreg. The file says what an application's plug-ins always had to say, and nothing of packaging:

    {"name": "wave", "version": "1.2", "host": "greeter", "main": "waving:Wave"}
"""

from __future__ import annotations

import json
import os

from plugreg import EntryPoint, Project, Source, SourceError, take_fingerprint
from plugreg.plugins import hookimpl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugreg.plugins import ReadRequest

FILE = "plugin.json"
FIELDS = ("name", "version", "host", "main")


@hookimpl
def plugreg_read_project(request: ReadRequest) -> Project | None:
    """Read a folder with a plugin.json; any other source is not of this kind."""
    if not request.path or not os.path.isfile(os.path.join(request.path, FILE)):
        return None  # without a path, it is a distribution's name
    said = _declared(os.path.join(request.path, FILE))
    module = said["main"].partition(":")[0].partition(".")[0]
    return Project(
        name=said["name"],
        version=said["version"],
        source=Source("plugin-json", request.path),
        entry_points=[EntryPoint(said["host"], said["name"], said["main"])],
        root=request.path,
        modules={module: _place(request.path, module)},
        fingerprint=take_fingerprint(request.path, [FILE]),
    )


def _declared(path: str) -> dict[str, str]:
    """Return the fields of the file; what is wrong with it is said in one line, with a hint."""
    try:
        with open(path, encoding="utf-8") as file:
            said = json.load(file)
    except ValueError as error:
        raise SourceError(f"{path} is no JSON: {error}", hint="mend it", path=path) from error
    if not isinstance(said, dict):
        said = {}
    missing = [field for field in FIELDS if not isinstance(said.get(field), str)]
    if missing:
        raise SourceError(
            f"{path} lacks {', '.join(missing)}",
            hint="each is a text",
            code="metadata-missing",
            path=path,
        )
    return {field: said[field] for field in FIELDS}


def _place(folder: str, module: str) -> str:
    """Return where the module lies: it is a package or a file, relative to the folder."""
    return module if os.path.isdir(os.path.join(folder, module)) else f"{module}.py"

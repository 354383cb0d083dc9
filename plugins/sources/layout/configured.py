"""The packages and modules that a project's own configuration names, for each build backend."""

from __future__ import annotations

from plugreg import SourceError
from plugreg.plugins.sources.metadata.setup_cfg import items, parse_setup_cfg, setting
from plugreg.plugins.sources.metadata.table import Table
from plugreg.printable import safe

from .discovery import everything_in, pick
from .package_map import find_packages, join, package_path, reduce

TYPE_CHECKING = False
if TYPE_CHECKING:
    import configparser
    from collections.abc import Iterable

    from plugreg.plugins.sources.folder import ProjectFolder


def configured_modules(folder: ProjectFolder, pyproject: Table) -> dict[str, str]:
    """Return import name to path as the configuration says it, empty where it says nothing.

    Raises:
        SourceError: It names a package that is not there (code "source-invalid").
    """
    readers = (_setuptools, _hatch, _flit, _poetry, _uv, _pdm)
    tool = pyproject.table("tool")
    for reader in readers:
        found = reader(folder, tool)
        if found:
            return found
    return _setup_cfg(folder)


def _setuptools(folder: ProjectFolder, tool: Table) -> dict[str, str]:
    table = tool.table("setuptools")
    package_dir = table.text_map("package-dir")
    modules = _modules(folder, table.texts("py-modules") or (), package_dir, table)
    packages = table.values.get("packages")
    if isinstance(packages, list):
        listed = {name: package_path(name, package_dir) for name in table.texts("packages") or ()}
        return {**reduce(folder, _present(folder, listed, table)), **modules}
    if packages is not None:
        find = table.table("packages.find")
        return {**_found(folder, find, package_dir), **modules}
    if package_dir.get("") and not modules:
        return everything_in(folder, join(package_dir[""]))
    return modules


def _found(folder: ProjectFolder, find: Table, package_dir: dict[str, str]) -> dict[str, str]:
    namespaces = find.values.get("namespaces", True) is not False
    found: dict[str, str] = {}
    for where in find.texts("where") or [package_dir.get("", "")]:
        found |= find_packages(
            folder,
            where,
            find.texts("include") or ("*",),
            find.texts("exclude") or (),
            namespaces=namespaces,
        )
    return reduce(folder, found)


def _hatch(folder: ProjectFolder, tool: Table) -> dict[str, str]:
    build = tool.table("hatch.build")
    wheel = build.table("targets.wheel")
    packages = wheel.texts("packages") or build.texts("packages")
    if packages:
        listed = {join(path).split("/")[-1]: join(path) for path in packages}
        return _present(folder, listed, wheel)
    only = wheel.texts("only-include") or build.texts("only-include") or ()
    shipped = dict(_shipped(join(path), wheel) for path in only)
    return reduce(folder, _present(folder, shipped, wheel))


def _shipped(path: str, wheel: Table) -> tuple[str, str]:
    """Return the import name and the path of what hatch ships, its `sources` rewritten."""
    sources = wheel.values.get("sources", [])
    rewritten = sources if isinstance(sources, dict) else dict.fromkeys(sources, "")
    shipped = path
    for old, new in rewritten.items():
        if path == join(old) or path.startswith(join(old) + "/"):
            shipped = join(f"{new}/{path[len(join(old)) :]}")
    return shipped.removesuffix(".py").replace("/", "."), path


def _flit(folder: ProjectFolder, tool: Table) -> dict[str, str]:
    flit = tool.table("flit")
    name = flit.table("module").text("name") or flit.table("metadata").text("module")
    return _named(folder, [name] if name else [], ("", "src"), flit)


def _poetry(folder: ProjectFolder, tool: Table) -> dict[str, str]:
    poetry = tool.table("poetry")
    packages: list[object] = poetry.values.get("packages") or []
    found: dict[str, str] = {}
    for value in packages:
        if not isinstance(value, dict):
            raise poetry.misfit("packages", value, "an array of tables")
        found |= _poetry_package(folder, Table(value, poetry.named("packages"), poetry.origin))
    return found


def _poetry_package(folder: ProjectFolder, package: Table) -> dict[str, str]:
    if package.values.get("format") == "sdist":
        return {}
    plain: list[str] = []
    for part in join(package.text("include") or "").split("/"):
        if "*" in part or "?" in part:
            break
        plain.append(part)
    root = join(package.text("from") or "")
    if not plain:
        return everything_in(folder, root)
    path = join(root, *plain)
    name = ".".join(plain).removesuffix(".py")
    return reduce(folder, _present(folder, {name: path}, package))


def _uv(folder: ProjectFolder, tool: Table) -> dict[str, str]:
    backend = tool.table("uv.build-backend")
    name = backend.values.get("module-name")
    names = [name] if isinstance(name, str) else backend.texts("module-name") or []
    return _named(folder, names, (join(backend.text("module-root") or "src"), ""), backend)


def _pdm(folder: ProjectFolder, tool: Table) -> dict[str, str]:
    build = tool.table("pdm.build")
    root = build.text("package-dir")
    return everything_in(folder, join(root)) if root else {}


def _setup_cfg(folder: ProjectFolder) -> dict[str, str]:
    parser = parse_setup_cfg(folder)
    package_dir = _package_dir(parser)
    table = Table({}, "options", folder.place("setup.cfg"))
    names = items(setting(parser, "options", "py_modules") or "")
    modules = _modules(folder, names, package_dir, table)
    packages = setting(parser, "options", "packages") or ""
    if packages.startswith("find"):
        find = "options.packages.find"
        found = find_packages(
            folder,
            setting(parser, find, "where") or package_dir.get("", ""),
            items(setting(parser, find, "include") or "*"),
            items(setting(parser, find, "exclude") or ""),
            namespaces=packages.startswith("find_namespace"),
        )
        return {**reduce(folder, found), **modules}
    listed = {name: package_path(name, package_dir) for name in items(packages)}
    return {**reduce(folder, _present(folder, listed, table)), **modules}


def _package_dir(parser: configparser.RawConfigParser) -> dict[str, str]:
    lines = items(setting(parser, "options", "package_dir") or "")
    pairs = (line.partition("=") for line in lines)
    return {name.strip(): path.strip() for name, _, path in pairs}


def _modules(
    folder: ProjectFolder, names: Iterable[str], package_dir: dict[str, str], table: Table
) -> dict[str, str]:
    paths = {name: f"{package_path(name, package_dir)}.py" for name in names}
    return _present(folder, paths, table)


def _named(
    folder: ProjectFolder, names: Iterable[str], roots: Iterable[str], table: Table
) -> dict[str, str]:
    """Return packages and modules by dotted name, from the first root that has them."""
    found: dict[str, str] = {}
    for name in names:
        top, _, rest = name.partition(".")
        here = pick(folder, [top], roots)
        path = join(here.get(top, top), *rest.split(".")) if rest else here.get(top, top)
        found |= reduce(folder, _present(folder, {name: path}, table))
    return found


def _present(folder: ProjectFolder, paths: dict[str, str], table: Table) -> dict[str, str]:
    for name, path in paths.items():
        if ".." in path.split("/") or not folder.holds(path):
            raise SourceError(
                f"{table.origin}: `{table.key}` names `{safe(name)}`, and the project has"
                f" no `{safe(path)}`",
                hint="correct the name, or where it lies",
                code="source-invalid",
                path=table.origin,
                field=table.key,
            )
    return paths

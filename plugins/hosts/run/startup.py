"""What a child of `plugreg run` starts with: a copy of this file is its `sitecustomize`.

The copy lies alone in a folder that comes first on PYTHONPATH; beside that folder lie the links of
the run and the file that says what is on and what is off. It serves whatever Python the child turns
out to be, in whatever environment: it imports nothing of plugreg, and its syntax is that of every
Python since 2.7. On those before 3.8 it does nothing but let the next `sitecustomize` run.

Modules are found by Python's own PathFinder, on two kinds of entries of `sys.path`. Metadata are
found by a finder that answers only where the default path is asked, so that `pip freeze` sees what
is installed and nothing else.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType
    from typing import Any

# The names of a run's parts; plugreg.plugins.hosts.run.overlay writes them.
MODULES, OWN, SITE, START, STATE = "modules", "own", "site", "start", "projects"
STARTS = "_plugreg_starts"  # a copy of plugreg.starts, beside the one of this file
FIELD_END, LINE_END = "\0", "\0\n"  # a path can hold a newline, but no NUL
_NAME, _OWN_NAME = "sitecustomize", "_plugreg_startup"
_SITE_FOLDERS = ("site-packages", "dist-packages")
_ENTRY_POINTS = "entry_points.txt"
_LIBRARIES = ("importlib.metadata", "importlib_metadata")


class State(object):
    """What a run says: the projects that are linked, those that are off, and whose is what.

    Attributes:
        linked: Normalised names of the projects that are on and found here.
        off: Normalised names of those that are known and off.
        owners: Path of a linked module, or value of an entry point, to its project's name.
        place: The folder for records of imports under way, or "".
        places: Normalised name to the folder for those of a project that is in another layer.
        quarantined: Normalised names of those that are left out in this environment.
    """

    def __init__(self, folder):
        # type: (str) -> None
        self.linked = []  # type: list[str]
        self.off = set()  # type: set[str]
        self.owners = {}  # type: dict[str, str]
        self.quarantined = set()  # type: set[str]
        self.places = {}  # type: dict[str, str]
        self.place = os.environ.get("PLUGREG_START", "").partition(" ")[2]
        with open(os.path.join(folder, STATE), "rb") as file:
            text = file.read().decode("utf-8", "surrogateescape")
        for line in text.split(LINE_END)[:-1]:
            kind, name, value = line.split(FIELD_END)
            if kind == "linked":
                self.linked.append(name)
            elif kind == "off":
                self.off.add(name)
            elif kind == "owner":
                self.owners[value] = name
            elif kind == "place":
                self.places[name] = value
            elif value == _starts().environment_name():
                self.quarantined.add(name)
                self.off.add(name)


class Finder(object):
    """The finder of the run's metadata, first on `sys.meta_path`; modules are not its business."""

    def __init__(self, folder, state):
        # type: (str, State) -> None
        self._site = os.path.join(folder, SITE)
        self._order = dict((name, place) for place, name in enumerate(state.linked))  # noqa: C402 - every Python
        self._state = state

    def find_spec(self, name, path=None, target=None):
        # type: (str, object, object) -> None
        """Find no module."""

    def find_distributions(self, context=None):
        # type: (Any) -> Any
        """Return the run's distributions, in load order, to whoever asks for the default path's.

        Whoever asks asks the other finders afterwards: they learn here what they have to leave out.
        importlib_metadata, the backport, brings one of its own when it is imported.
        """
        for finder in sys.meta_path:
            _filter_answers(finder, self._state)
        name = getattr(context, "name", None)
        unknown = name is not None and normalized(name) not in self._order
        if context is None or unknown or not _asks_for_default(context):
            return iter(())
        library = _library_of(context)
        _watch_loads(library, self._state)
        asked = library.DistributionFinder.Context(name=name, path=[self._site])
        return iter(self._ordered(library.MetadataPathFinder().find_distributions(asked)))

    def _ordered(self, found):
        # type: (Any) -> list[Any]
        named = [(_name_of(one), one) for one in found]
        named.sort(key=lambda pair: self._order.get(pair[0], -1))
        return [one for name, one in named if name not in self._state.quarantined]


class Filter(object):
    """Another finder's `find_distributions` without what the run overrules.

    An installed project that the run has itself is left out; one that is off has no entry points.
    """

    def __init__(self, find, state):
        # type: (Any, State) -> None
        self._find = find
        self._linked, self._off = set(state.linked), state.off

    def __call__(self, *args, **kwargs):
        # type: (*Any, **Any) -> Any
        """Return what the finder finds, filtered where the default path is asked."""
        found = self._find(*args, **kwargs)
        context = args[0] if args else kwargs.get("context")
        if context is not None and not _asks_for_default(context):
            return found
        return self._filtered(found)

    def _filtered(self, found):
        # type: (Any) -> Iterator[Any]
        for distribution in found:
            name = _name_of(distribution)
            if name not in self._linked:
                yield _without_entry_points(distribution) if name in self._off else distribution


def normalized(name):
    # type: (str) -> str
    """Return a name as PEP 503 normalises it, without importing `re`."""
    parts = name.lower().replace("_", "-").replace(".", "-").split("-")
    return "-".join(part for part in parts if part)


def start(folder):
    # type: (str) -> None
    """Show this process what the run in `folder` has."""
    state = State(folder)
    _enter_path(folder, state.linked)
    finder = Finder(folder, state)
    for other in sys.meta_path:
        _filter_answers(other, state)
    sys.meta_path.insert(0, finder)
    _name_culprits(state)
    _hold(os.path.join(folder, "manifest"))


def _enter_path(folder, linked):
    # type: (str, list[str]) -> None
    """Put links behind all else; those of projects that are installed, too, before those."""
    inside = folder + os.sep
    own = os.path.join(folder, START)
    kept = [entry for entry in sys.path if entry == own or not entry.startswith(inside)]
    sites = [entry for entry in kept if os.path.basename(entry) in _SITE_FOLDERS]
    installed = set(name for site in sites for name in _installed_in(site))  # noqa: C401 - every Python
    front = [os.path.join(folder, OWN, name) for name in linked if name in installed]
    place = kept.index(sites[0]) if sites else len(kept)
    sys.path[:] = kept[:place] + front + kept[place:] + [os.path.join(folder, MODULES)]


def _installed_in(site):
    # type: (str) -> list[str]
    try:
        names = os.listdir(site)
    except OSError:
        return []
    return [_distribution_name(name) for name in names if name.endswith(("-info", ".egg-link"))]


def _distribution_name(file):
    # type: (str) -> str
    """Return the normalised name that a `.dist-info`, `.egg-info` or `.egg-link` is of."""
    stem, suffix = os.path.splitext(file)
    return normalized(stem if suffix == ".egg-link" else stem.partition("-")[0])


def _asks_for_default(context):
    # type: (object) -> bool
    path = getattr(context, "path", None)
    return path is sys.path or path == sys.path


def _library_of(context):
    # type: (object) -> Any
    """Return the module whose query it is: importlib.metadata, or somebody's copy of it."""
    library = sys.modules.get(type(context).__module__)
    if hasattr(library, "MetadataPathFinder"):
        return library
    import importlib.metadata

    return importlib.metadata


def _filter_answers(finder, state):
    # type: (Any, State) -> None
    find = getattr(finder, "find_distributions", None)
    if find is None or isinstance(finder, Finder) or isinstance(find, Filter):
        return
    try:
        finder.find_distributions = Filter(find, state)
    except (AttributeError, TypeError):  # one that cannot be changed; nobody is known to have one
        return


def _name_of(distribution):
    # type: (Any) -> str
    file = os.path.basename(str(getattr(distribution, "_path", "")))
    if file.endswith((".dist-info", ".egg-info")):
        return _distribution_name(file)
    try:
        return normalized(distribution.metadata["Name"])
    except Exception:  # noqa: BLE001 - broken metadata are not ours to complain of
        return ""


def _without_entry_points(distribution):
    # type: (Any) -> Any
    """Return an installed distribution that keeps its version and files, and plugs into nothing."""
    read = distribution.read_text
    distribution.read_text = lambda file: None if file == _ENTRY_POINTS else read(file)
    return distribution


def _name_culprits(state):
    # type: (State) -> None
    """Let an error that ends the process be followed by the name of the project it came from."""
    former = sys.excepthook

    def hook(kind, error, trace):
        # type: (type[BaseException], BaseException, TracebackType | None) -> None
        former(kind, error, trace)
        if not isinstance(error, KeyboardInterrupt):
            _say(_culprit(error, trace, state))

    sys.excepthook = hook


def _watch_loads(library, state):
    # type: (Any, State) -> None
    """Notice a plug-in that exits while it is loaded: no hook is called for a SystemExit."""
    load = library.EntryPoint.load
    if load.__module__ == __name__:
        return

    def watched(self):
        # type: (Any) -> object
        record = _record_of(self, state)
        try:
            return load(self)
        except (Exception, KeyboardInterrupt):
            raise
        except BaseException:
            import atexit  # what the exit says comes first

            atexit.register(_say, state.owners.get(self.value))
            raise
        finally:
            if record is not None:
                record.end()

    library.EntryPoint.load = watched


def _starts():
    # type: () -> Any
    return __import__(STARTS)


def _record_of(entry, state):
    # type: (Any, State) -> Any
    """Return the record, begun, that an entry point of the catalog's is imported; else None."""
    owner = state.owners.get(entry.value)
    if not owner or not state.place:
        return None
    record = _starts().ImportRecord(state.place)
    record.note(owner, entry.name, state.places.get(owner, ""))
    return record


def _culprit(error, trace, state):
    # type: (BaseException | None, TracebackType | None, State) -> str | None
    """Return the project that an error, or the one it came from, went through deepest."""
    seen = set()  # type: set[int]
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = []  # type: list[FrameType]
        while trace is not None:
            frames.append(trace.tb_frame)
            trace = trace.tb_next
        found = [_owner_of_plugin(error, state)]
        found += [_owner_of_file(error.filename, state)] if isinstance(error, SyntaxError) else []
        found += [_owner_of(frame, state) for frame in reversed(frames)]
        for owner in filter(None, found):
            return owner
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        trace = error.__traceback__ if error is not None else None
    return None


def _owner_of(frame, state):
    # type: (FrameType, State) -> str | None
    """Return the project whose file a frame is in, or whose entry point it loads."""
    code = frame.f_code
    if code.co_name == "load" and frame.f_globals.get("__name__") in _LIBRARIES:
        return state.owners.get(getattr(frame.f_locals.get("self"), "value", ""))
    return _owner_of_file(code.co_filename, state)


def _owner_of_plugin(error, state):
    # type: (BaseException, State) -> str | None
    """Return the project whose plug-in pluggy refuses: none of its lines is in the traceback."""
    if type(error).__name__ != "PluginValidationError":
        return None
    plugin = getattr(error, "plugin", None)
    module = sys.modules.get(str(getattr(plugin, "__module__", "")), plugin)
    return _owner_of_file(getattr(module, "__file__", None), state)


def _owner_of_file(file, state):
    # type: (object, State) -> str | None
    if not isinstance(file, str):
        return None
    place = os.path.realpath(file)
    while place not in state.owners:
        place, below = os.path.dirname(place), place
        if place == below or not place:
            return None
    return state.owners[place]


_said = set()  # type: set[str]


def _say(name):
    # type: (str | None) -> None
    if name and name not in _said and sys.stderr is not None:
        _said.add(name)
        sys.stderr.write("plugreg: error: the plug-in `{0}` broke this; `plugreg disable {0}`"
                         " switches it off\n".format(name))  # fmt: skip


_held = []  # type: list[int]


def _hold(manifest):
    # type: (str) -> None
    """Keep the run's folder from being cleared away while this process lives."""
    try:
        import fcntl

        _held.append(os.open(manifest, os.O_RDONLY))
        fcntl.flock(_held[0], fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (ImportError, OSError):  # a system without locks: a month's age protects it
        return


def _let_the_next_one_run(folder):
    # type: (str) -> None
    """Import the `sitecustomize` that this one stands before, if there is one."""
    own = sys.modules[_OWN_NAME] = sys.modules.pop(_NAME)
    place = sys.path.index(folder) if folder in sys.path else None
    if place is not None:
        del sys.path[place]
    try:
        __import__(_NAME)
    except ImportError as error:
        if getattr(error, "name", _NAME) != _NAME or _NAME not in str(error):
            raise
    finally:
        sys.modules.setdefault(_NAME, own)
        if place is not None:
            sys.path.insert(place, folder)


def _main():
    # type: () -> None
    folder = os.path.dirname(os.path.abspath(__file__))
    try:
        if sys.version_info >= (3, 8):
            start(os.path.dirname(folder))
    except Exception as error:  # noqa: BLE001 - the host runs without plug-ins, and is told
        if sys.stderr is not None:
            sys.stderr.write("plugreg: error: no plug-in of the catalog is seen: %s\n" % (error,))
    _let_the_next_one_run(folder)


if __name__ == _NAME:
    _main()

"""The command line as a shell completes it: plain data, because importing typer would take longer.

A test holds it against the commands themselves.
"""

from __future__ import annotations

# What an argument or the value of an option is: a kind of `candidates.py`; "file" and "folder",
# which the shell knows; "command", another program's command line; "a|b", one of these; or "any".
# Of each command: its summary; the kinds of its arguments, the last with "..." where it repeats;
# its options, those that take a value with its kind.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "add": (
        "Record plug-in projects, so that their hosts load them.",
        "file...",
        (
            "--disabled --priority=any --tag=tag --build --python=folder --group=group"
            " --name=any --timeout=any --layer=layer"
        ),
    ),
    "list": (
        "List the projects.",
        "",
        (
            "--group=group --enabled --disabled --tag=tag --state=state --kind=kind"
            " --requires=any --match=any --sort=sort --columns=columns --timeout=any"
            " --python=folder --layer=layer"
        ),
    ),
    "show": (
        "Show all of one project, as it is now or as it was after a change of the history.",
        "project@",
        "--timeout=any --python=folder --layer=layer",
    ),
    "remove": (
        "Take projects out of the catalog; their sources stay.",
        "listed...",
        "--timeout=any --layer=layer",
    ),
    "enable": (
        "Switch projects on: their hosts load them at the next start.",
        "off...",
        "--timeout=any --layer=layer",
    ),
    "disable": (
        "Switch projects off: they stay known; no host loads them.",
        "on...",
        "--timeout=any --layer=layer",
    ),
    "set": (
        "Change how a project loads, and its tags.",
        "project",
        ("--priority=any --before=project --after=project --tag=tag --timeout=any --layer=layer"),
    ),
    "refresh": (
        "Read the sources of projects again; switches, order and tags stay.",
        "project...",
        "--build --timeout=any --layer=layer",
    ),
    "sync": (
        "Record what is installed for a host's group, and say what is gone.",
        "",
        "--group=group --python=folder --timeout=any --layer=layer",
    ),
    "history": (
        "List the changes of the catalog, the last one first.",
        "project",
        "--since=any --keep=any --forget-unreadable --timeout=any --layer=layer",
    ),
    "undo": (
        "Take the last change back, or change N; repeated, it goes further back.",
        "change",
        "--redo --timeout=any --layer=layer",
    ),
    "restore": (
        "Make a project again what it was after a change; the others stay as they are.",
        "revision",
        "--timeout=any --layer=layer",
    ),
    "export": (
        "Write all projects as JSON that can be read, compared and kept in git.",
        "file",
        "--root=folder --requirements --csv --timeout=any --layer=layer",
    ),
    "import": (
        "Make the catalog match an export: its projects, as they are there, and no others.",
        "file",
        "--root=folder --dry-run --timeout=any --layer=layer",
    ),
    "check": (
        "Check a plug-in: metadata, dependencies, names, imports, hooks.",
        "project-or-file",
        "--host=any --python=folder --group=group --format=text|github --timeout=any --layer=layer",
    ),
    "doctor": (
        "Tell everything that is wrong with the catalog and its projects, and the fix of each.",
        "",
        "--fix --timeout=any --python=folder --layer=layer",
    ),
    "run": (
        "Run a host as it is; it sees the projects that are on as installed.",
        "command",
        "--timeout=any --layer=layer",
    ),
    "bisect": (
        "Find the plug-in that makes a command fail, or those that do so together.",
        "command",
        "--timeout=any --layer=layer",
    ),
    "groups": (
        "List the hosts' groups, and how many projects each has.",
        "",
        "--timeout=any --layer=layer",
    ),
    "tags": (
        "List the tags, and how many projects each has.",
        "",
        "--timeout=any --layer=layer",
    ),
    "where": (
        "Show which catalog is in use, and why this one.",
        "",
        "--timeout=any --python=folder --layer=layer",
    ),
    "flavours": (
        "List the formats that a catalog or a DBM file can have.",
        "",
        "",
    ),
    "identify": (
        "Say which flavour DBM files have, from their bytes.",
        "file...",
        "",
    ),
    "migrate": (
        "Copy every record of a DBM file into another flavour, byte for byte.",
        "file file",
        (
            "--to=written-flavour --from=read-flavour --database=any --dry-run --salvage"
            " --no-backup --force --duplicates=first|last --upgrade-pickles --encoding=any"
            " --timeout=any"
        ),
    ),
    "dump": (
        "Print every record of a DBM file as text, one line of JSON each.",
        "file",
        (
            "--format=jsonl|gdbm|berkeley --from=read-flavour --database=any --salvage"
            " --duplicates=first|last --timeout=any"
        ),
    ),
    "load": (
        "Make a DBM file of what `plugreg dump`, gdbm_dump or db_dump printed.",
        "file file",
        (
            "--format=jsonl|gdbm|berkeley --to=written-flavour --force --no-backup"
            " --duplicates=first|last --allow-empty --timeout=any"
        ),
    ),
    "completion": (
        "Print what makes a shell complete commands, options and names.",
        "bash|zsh|fish",
        "",
    ),
}
OF_PLUGREG = "--version --help"
OF_ALL = "--catalog=file --json --help"
# These may be given again.
REPEATABLE = frozenset({"--tag", "--before", "--after"})


def options_of(command: str) -> dict[str, str]:
    """Return the options of a command, or of plugreg for "", each with the kind of its value."""
    text = f"{COMMANDS[command][2]} {OF_ALL}" if command else OF_PLUGREG
    return {option: kind for option, _, kind in (word.partition("=") for word in text.split())}


def kind_of_argument(command: str, place: int) -> str:
    """Return the kind of a command's argument, by its place from 0 on; "" where it takes none."""
    kinds = COMMANDS[command][1].split()
    if kinds and place >= len(kinds) and kinds[-1].endswith("..."):
        place = len(kinds) - 1
    return kinds[place].removesuffix("...") if place < len(kinds) else ""

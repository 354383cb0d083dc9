"""Everything that `--json` prints is as the schemas in the package say; they say no less."""

from __future__ import annotations

import copy
import json

import jsonschema
import pytest

from plugreg import PlugregError, Registry, backends
from plugreg.cli.app import COMMANDS
from plugreg.exchange import export_lines, read_export

from .conftest import damage, schema

# One line for each command, on a catalog with something in its history.
LINES = {
    "add": ["add", "{module}", "--group", "g", "--name", "n"],
    "list": ["list"],
    "show": ["show", "datasette-map"],
    "remove": ["remove", "datasette-map"],
    "enable": ["enable", "datasette-auth"],
    "disable": ["disable", "datasette-map"],
    "set": ["set", "datasette-map", "--priority", "3"],
    "refresh": ["refresh", "alone"],
    "check": ["check", "alone"],
    "doctor": ["doctor", "--catalog", "{dest}"],
    "sync": ["sync", "--group", "pytest11"],
    "history": ["history"],
    "undo": ["undo"],
    "restore": ["restore", "datasette-map@1"],
    "export": ["export"],
    "import": ["import", "{export}"],
    "groups": ["groups"],
    "tags": ["tags"],
    "where": ["where"],
    "flavours": ["flavours"],
    "identify": ["identify", "{catalog}"],
    "migrate": ["migrate", "{catalog}", "{dest}", "--to", "dumb"],
    "dump": ["dump", "{catalog}"],
    "load": ["load", "{dest}", "{dump}"],
    "completion": ["completion", "fish"],
}


def test_every_command_is_tried():
    """All of them but `run`, whose output is the host's, and `bisect`, which has its own tests."""
    assert set(LINES) == set(COMMANDS) - {"run", "bisect"}


@pytest.fixture
def places(plugreg, filled, tmp_path):
    """Files for the commands to work on."""
    module, export, dump = (tmp_path / name for name in ("alone.py", "export.json", "dump.jsonl"))
    module.write_text("")
    assert plugreg("add", str(module), "--group", "g", "--name", "n").status == 0
    export.write_text(plugreg("export").out)
    dump.write_text(plugreg("dump", filled).out)
    files = {"module": module, "export": export, "dump": dump, "dest": tmp_path / "dest"}
    return {"catalog": filled, **{name: str(path) for name, path in files.items()}}


@pytest.mark.parametrize("command", LINES)
def test_success(plugreg, places, command):
    """Each command's data has the shape that its part of the schema says, and not nothing."""
    outcome = plugreg(*(word.format(**places) for word in LINES[command]), "--json")
    assert outcome.status == 0, outcome.err
    whole = outcome.object
    assert (whole["command"], whole["status"]) == (command, "success")
    assert whole["data"]
    of_command = {"$ref": f"#/$defs/data_of_{command}", "$defs": schema("envelope").schema["$defs"]}
    jsonschema.validate(whole["data"], of_command)


@pytest.mark.parametrize(
    "line",
    [
        ["show", "nobody"],
        ["list", "--state", "odd"],
        ["nonsense"],
        ["add", "/nowhere"],
        ["disable", "datasette-map", "nobody"],
        ["undo", "77"],
        ["restore", "datasette-map"],
        ["history", "--since", "never"],
        ["import", "/nowhere"],
        ["identify", "/dev/null"],
        ["migrate", "/nowhere"],
        ["run", "--json", "--", "no-such-program"],
    ],
)
def test_failure(plugreg, filled, line):
    """What fails is in the same envelope."""
    words = line if "--json" in line else [*line, "--json"]
    outcome = plugreg(*words)
    assert outcome.status in (1, 2)
    assert outcome.object["errors"]


def test_damage(plugreg, filled):
    """A record that cannot be read has its own shape, in the list and in the history."""
    damage(filled, "broken")
    assert plugreg("list", "--json").object["data"]["projects"][0]["state"] == "unreadable"
    assert plugreg("remove", "broken", "--json").object["status"] == "success"
    change = plugreg("history", "broken", "--json").object["data"]["changes"][0]
    assert change["projects"][0]["before"]["state"] == "unreadable"
    with backends.open(filled, mode="w") as store:
        store[b"@history/0000000001"] = b"rubbish"
    outcome = plugreg("history", "--json")
    assert len(outcome.object["data"]["changes"]) == 3
    assert "change 1 of the history" in outcome.err


def test_a_migration_of_pickles(plugreg, filled, tmp_path):
    """Its count of pickles is in the schema, too."""
    dest = str(tmp_path / "new")
    outcome = plugreg("migrate", filled, dest, "--upgrade-pickles", "--json")
    assert "pickles" in outcome.object["data"]["migration"]


def test_the_schema_of_exports(plugreg, filled, tmp_path):
    """What is written to a file is as its own schema says, and so is an empty catalog."""
    plugreg("export", "out.json")
    schema("export").validate(json.loads((tmp_path / "out.json").read_text()))
    empty = plugreg("export", "--catalog", str(tmp_path / "none"))
    schema("export").validate(json.loads(empty.out))


def _places(value):
    """Yield the ways to all values in plain data, each as the container and the key in it."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(members):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def test_what_import_reads_is_as_the_schema_says(filled):
    """Whatever is put in place of a value, or beside it, is refused where the schema refuses it."""
    with Registry.open(filled) as registry:
        registry.set("datasette-map", before=["other"])
        whole = json.loads("\n".join(export_lines(registry, "/")))
    assert read_export(json.dumps(whole), "/")[1] == []
    refused = 0
    for number in range(len(list(_places(whole)))):
        for odd in (None, 5, True, "yesterday", "", [], [5], {}, {"x": 5}):
            spoilt = copy.deepcopy(whole)
            container, key = list(_places(spoilt))[number]
            if isinstance(container, dict) and odd == {"x": 5}:
                container["x"] = "more"
            else:
                container[key] = odd
            if not schema("export").is_valid(spoilt):
                refused += 1
                assert _is_refused(spoilt), (key, odd)
    assert refused > 500


def _is_refused(whole):
    try:
        return bool(read_export(json.dumps(whole), "/")[1])
    except PlugregError:
        return True


def test_the_schemas_refuse(plugreg, filled):
    """A member too few, one too many or one of another type is noticed anywhere."""
    whole = plugreg("list", "--json").object
    for spoil in (
        lambda it: it.pop("errors"),
        lambda it: it.update(more=1),
        lambda it: it.update(command="lists"),
        lambda it: it["data"].update(extra=[]),
        lambda it: it["data"].clear(),
        lambda it: it["data"]["projects"][0].pop("state"),
        lambda it: it["data"]["projects"][0].update(priority="5"),
        lambda it: it["data"]["projects"][0]["source"].update(kind=None),
        lambda it: it["errors"].append({"code": "x", "message": "y", "hint": ""}),
    ):
        spoilt = copy.deepcopy(whole)
        spoil(spoilt)
        assert not schema("envelope").is_valid(spoilt)

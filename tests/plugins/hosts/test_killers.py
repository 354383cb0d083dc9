"""Plug-ins that end or hang the process that imports them: seen, counted, left out, released."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plugreg import EntryPoint, PlugregError, Registry, Source, plugins
from plugreg.plugins.hosts.quarantining import seen_in
from plugreg.plugins.hosts.run.preparation import prepare_run
from plugreg.plugins.hosts.selection import select
from plugreg.starts import VARIABLE
from tests.interpreters import all_pythons

from .conftest import GROUP
from .run.test_running import install

HOST = """
import sys, pluggy
from plugreg import plugins
print(plugins.load(pluggy.PluginManager("testhost"), catalog=sys.argv[1]))
"""
LAZY = """
import sys, warnings
from plugreg import plugins
warnings.showwarning = lambda message, *rest, **more: print(message, flush=True)
for entry in plugins.discover("testhost", sys.argv[1]):
    print(entry.name, entry.load().__name__)
"""
READER = """
import sys, pluggy
from plugreg import Registry, plugins
with Registry.open(sys.argv[1], read_only=True) as registry:
    print(plugins.load(pluggy.PluginManager("testhost"), catalog=registry))
"""
RUN = """
import importlib.metadata as m
print([entry.load().__name__ for entry in m.entry_points(group="testhost")])
"""
EXIT = "import os; os._exit(7)"
SEGFAULT = "import ctypes; ctypes.string_at(0)"
HANG = "import time; print('hangs', flush=True); time.sleep(600)"


@pytest.fixture(autouse=True)
def _own_start(monkeypatch):
    """Forget which start this process belongs to."""
    monkeypatch.setenv(VARIABLE, "")


def host(catalog: str, program: str = HOST) -> subprocess.CompletedProcess[str]:
    """Start a host in a process of its own."""
    command = [sys.executable, "-c", program, catalog]
    return subprocess.run(command, capture_output=True, text=True)


def host_that_hangs(catalog: str) -> int:
    """Start a host, wait until it hangs, and kill it; returns its status."""
    command = [sys.executable, "-c", HOST, catalog]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "hangs\n"
        running.kill()
        return running.wait()


@pytest.mark.parametrize(
    ("code", "status"), [(EXIT, 7), (SEGFAULT, -signal.SIGSEGV), (HANG, -signal.SIGKILL)]
)
def test_one_that_ends_or_hangs_the_process_is_left_out_after_two_starts(
    catalog, add_project, code, status
):
    """The next start says so each time; the third gets the others, and `enable` gives a chance."""
    add_project("evil", code)
    add_project("good")
    start = host_that_hangs if code == HANG else lambda catalog: host(catalog).returncode
    for _ in range(2):
        assert start(catalog) == status
    third = host(catalog)
    assert third.returncode == 0
    loaded, skipped = third.stdout.splitlines()[1:]
    assert loaded.startswith("  loaded   good of good 1.0 (")
    assert skipped.startswith(
        "  skipped  evil of evil 1.0: quarantined: 2 starts ended while `evil` was imported, last"
    )
    assert skipped.endswith("Z; mend it, or plugreg enable evil")
    with Registry.open(catalog) as registry:
        registry.enable("evil")
    assert start(catalog) == status


def test_after_one_such_start_the_report_warns(pm, catalog, add_project):
    """Once can be anything, such as an operator's kill; the plug-in is tried again."""
    project = add_project("evil", "import os\nif 'GOOD' not in os.environ: os._exit(1)")
    assert host(catalog).returncode == 1
    os.environ["GOOD"] = "1"
    try:
        report = plugins.load(pm, catalog=catalog)
    finally:
        del os.environ["GOOD"]
    assert [outcome.project for outcome in report.loaded] == [project.name]
    [warning] = report.warnings
    assert warning.startswith("evil: a start ended while `evil` was imported, last at ")
    assert warning.endswith("; mend it, or plugreg disable evil")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise ValueError('no')", "ValueError: no"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("assert not 'true'", "AssertionError"),
    ],
)
def test_an_exception_never_quarantines(catalog, add_project, code, reason):
    """It is reported as a failure, as often as it happens."""
    add_project("bad", code)
    for _ in range(4):
        done = host(catalog)
        assert done.returncode == 0
        assert f"  failed   bad of bad 1.0: {reason}; mend the plug-in, or" in done.stdout
    assert os.listdir(f"{catalog}.starts") == []


def test_ctrl_c_never_quarantines(catalog, add_project):
    """The user ended the start, whatever was imported."""
    add_project("slow", HANG)
    for _ in range(3):
        command = [sys.executable, "-c", HOST, catalog]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as running:
            assert running.stdout is not None
            running.stdout.readline()
            running.send_signal(signal.SIGINT)
            assert "KeyboardInterrupt" in running.communicate()[1]
    assert os.listdir(f"{catalog}.starts") == []


def test_lazy_entries_leave_it_out_and_warn(catalog, add_project):
    """A host without pluggy has no report: it gets warnings that name the plug-in."""
    add_project("evil", EXIT)
    add_project("good")
    assert host(catalog, LAZY).returncode == 7
    second = host(catalog, LAZY)
    assert second.stdout.startswith("evil: a start ended while `evil` was imported, last at ")
    assert second.returncode == 7
    warning, *rest = host(catalog, LAZY).stdout.splitlines()
    assert warning.startswith("evil is quarantined: 2 starts ended while `evil` was imported, ")
    assert rest == ["good good"]


def test_an_unmodified_host_does_not_see_it(catalog, add_project):
    """`plugreg run` says so before the host starts; entry points of others stay."""
    add_project("evil", EXIT)
    add_project("good")

    def run():
        command = ["-m", "plugreg", "run", "--catalog", catalog, "--", sys.executable, "-c", RUN]
        return subprocess.run([sys.executable, *command], capture_output=True, text=True)

    assert run().returncode == 7
    assert "evil in " in run().stderr
    third = run()
    assert (third.returncode, third.stdout) == (0, "['good']\n")
    [warning] = third.stderr.splitlines()
    assert warning.startswith(f"plugreg: warning: evil is not seen in {sys.prefix} (Python ")
    assert warning.endswith("; mend it, or `plugreg enable evil`")
    assert str(host(catalog).stdout).count("quarantined") == 1


def test_every_python_here_records_and_leaves_out(catalog, add_project):
    """In the children of `plugreg run`, from 3.8 on, each with its own count."""
    add_project("evil", EXIT)
    program = RUN.replace('m.entry_points(group="testhost")', "found").replace(
        "print(",
        "found = [e for d in m.distributions() for e in d.entry_points if e.group == 'testhost']\n"
        "print(",
    )
    code = "import sys\nif sys.version_info < (3, 8): sys.exit(9)\n" + program
    old = 0
    for python in all_pythons():
        for expected in ((7, ""), (7, ""), (0, "[]\n")):
            environment = prepare_run(catalog).environment
            done = subprocess.run(
                [python, "-c", code], env=environment, capture_output=True, text=True
            )
            if done.returncode == 9:
                old += 1
                break
            assert (done.returncode, done.stdout) == expected, (python, done.stderr)
    assert (
        len([one for one in seen_in(select("", catalog)) if one.enough]) == len(all_pythons()) - old
    )


def test_a_registry_that_the_host_has_open_is_asked_itself(pm, catalog, add_project):
    """Its file may be locked for everybody else."""
    add_project("evil", EXIT)
    for _ in range(2):
        host(catalog)
    with Registry.open(catalog) as registry, registry.batch():
        [skipped] = plugins.load(pm, catalog=registry).skipped
    assert skipped.reason.startswith("quarantined: ")


def test_an_installed_one_keeps_its_version_in_an_unmodified_host(catalog, add_project, tmp_path):
    """It loses its entry points, as if it were off."""
    site = install(tmp_path / "site-packages", "evil", "1.0", EXIT)
    source = Source("distribution", str(site / "evil-1.0.dist-info"))
    entry = EntryPoint(GROUP, "evil", "evil:installed")
    add_project("evil", source=source, root="", modules={}, entry_points=[entry])
    add_project("good")

    def run(code=RUN):
        command = ["-m", "plugreg", "run", "--catalog", catalog, "--", sys.executable, "-c", code]
        environment = {**os.environ, "PYTHONPATH": str(site)}
        return subprocess.run(
            [sys.executable, *command], capture_output=True, text=True, env=environment
        )

    for _ in range(2):
        assert run().returncode == 7
    assert run().stdout == "['good']\n"
    assert run("import importlib.metadata as m; print(m.version('evil'))").stdout == "1.0\n"


def test_the_workers_of_one_run_are_one_start(catalog, add_project):
    """A host whose eight children all die in the import has started once."""
    add_project("evil", "import os\nif os.environ.get('WORKER'): os._exit(7)")
    code = HOST + (
        "import os, subprocess\n"
        "os.environ['WORKER'] = '1'\n"
        f"command = [sys.executable, '-c', {HOST!r}, sys.argv[1]]\n"
        "for wave in range(2):\n"
        "    workers = [subprocess.Popen(command) for _ in range(4)]\n"
        "    print([worker.wait() for worker in workers])\n"
    )
    done = host(catalog, code)
    assert done.stdout.count("[7, 7, 7, 7]") == 2
    assert "1 loaded" in host(catalog).stdout
    host(catalog, code)
    assert "quarantined: 2 starts ended" in host(catalog).stdout


def test_the_workers_of_pytest_are_one_start(catalog, add_project, hosts, tmp_path):
    """`pytest -n2` under `plugreg run`: xdist replaces workers that die, and starts are few."""
    code = (
        "import os\nif os.environ.get('PYTEST_XDIST_WORKER') and 'BAD' in os.environ: os._exit(7)"
    )
    add_project("evil", code, group="pytest11")
    (tmp_path / "test_one.py").write_text("def test_one(): pass\n")

    def run(*options: str, **extra: str) -> str:
        pytest_command = [hosts / "pytest", "-q", "-p", "no:cacheprovider", *options]
        command = ["-m", "plugreg", "run", "--catalog", catalog, "--", *pytest_command]
        words = [sys.executable, *map(str, command), str(tmp_path / "test_one.py")]
        environment = {**os.environ, **extra}
        environment.pop("PYTEST_ADDOPTS", None)
        done = subprocess.run(
            words, capture_output=True, text=True, env=environment, timeout=120, cwd=tmp_path
        )
        return done.stdout + done.stderr

    workers = ("-n2", "--max-worker-restart=2")
    run(*workers, BAD="1")
    said = run()
    assert "evil in " in said
    assert ": a start ended while `evil` was imported" in said
    run(*workers, BAD="1")
    assert "evil is not seen in " in run()


def test_safe_mode_imports_nothing_of_it(catalog, add_project, monkeypatch):
    """PLUGREG_DISABLE helps before anything was seen."""
    add_project("evil", EXIT)
    monkeypatch.setenv("PLUGREG_DISABLE", "evil")
    assert "switched off by PLUGREG_DISABLE" in host(catalog).stdout


def test_a_change_of_its_source_releases_it(catalog, add_project):
    """No command has to be remembered."""
    project = add_project("evil", EXIT)
    for _ in range(2):
        host(catalog)
    assert "1 skipped" in host(catalog).stdout
    Path(project.root, "evil.py").write_text("mended = True\n")
    assert "1 loaded" in host(catalog).stdout


@pytest.mark.parametrize("writable", [True, False])
@pytest.mark.parametrize(("before", "after"), [('= "evil"', '= "mended"'), ("1.0", "1.1")])
def test_a_change_of_its_metadata_releases_it(catalog, tmp_path, before, after, writable):
    """The code that ended the starts is what it was, and may not be what is imported now."""
    folder = tmp_path / "evil"
    folder.mkdir()
    text = '[project]\nname = "it"\nversion = "1.0"\n[project.entry-points.testhost]\nit = "evil"\n'
    (folder / "pyproject.toml").write_text(text)
    (folder / "evil.py").write_text(EXIT)
    (folder / "mended.py").write_text("mended = True")
    with Registry.open(catalog) as registry:
        registry.add(plugins.read_project(folder))
    for _ in range(2):
        assert host(catalog).returncode == 7
    assert "quarantined: 2 starts ended" in host(catalog).stdout
    (folder / "pyproject.toml").write_text(text.replace(before, after))
    program = HOST if writable else READER
    if "mended" in after:
        assert "1 loaded" in host(catalog, program).stdout
        return
    for _ in range(2):
        assert host(catalog, program).returncode == 7
    assert "quarantined: 2 starts ended" in host(catalog, program).stdout


def test_a_good_start_leaves_nothing_behind(pm, catalog, add_project):
    """Nor does one that fails in `strict`."""
    add_project("good")
    plugins.load(pm, catalog=catalog)
    add_project("bad", "1 / 0")
    with pytest.raises(PlugregError):
        plugins.load(pm, catalog=catalog, strict=True)
    assert os.listdir(f"{catalog}.starts") == []


def test_the_moment_is_that_of_the_import(catalog, add_project):
    """The record's time is when the import began, not when somebody looked."""
    add_project("evil", EXIT)
    host(catalog)
    [left] = Path(f"{catalog}.starts").iterdir()
    ended = time.time() + 3600
    os.utime(left, (ended, ended))
    [sighting] = seen_in(select("", catalog))
    assert sighting.last_at == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ended))

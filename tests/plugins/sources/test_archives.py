"""Wheels and source archives: unpacked once, and only when nothing about them is dangerous."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import tarfile
import tracemalloc
import zipfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugreg import Project, SourceError, state_of
from plugreg.plugins import read_project
from plugreg.plugins.sources import archive as archive_room
from plugreg.unpacked import unpacked_folder

from .conftest import METADATA, WHEEL_FILES, WHEEL_NAME, make_tar, make_zip

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

SDIST_FILES = {
    "demo-1.0/pyproject.toml": "[project]\nname='demo'\nversion='1.0'\n",
    "demo-1.0/src/demo/__init__.py": "",
}
DANGEROUS = ["../evil.py", "/evil.py", "a/../../evil.py", "C:/evil.py", "a\\evil.py", "a\x1b/b.py"]


def error_of(path: Path) -> SourceError:
    """Return the error that reading an archive raises, after a look that nothing was written."""
    with pytest.raises(SourceError) as raised:
        read_project(str(path))
    assert not os.path.exists(unpacked_folder())
    return raised.value


def test_a_wheel_is_unpacked_below_its_digest(tmp_path: Path) -> None:
    """The code lies in a private folder named by the digest, metadata beside it."""
    wheel = make_zip(tmp_path / WHEEL_NAME, WHEEL_FILES)
    project = read_project(str(wheel))
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()[:32]
    assert project.root == os.path.join(unpacked_folder(), digest, "code")
    assert (project.source.kind, project.source.location) == ("wheel", str(wheel))
    assert (project.modules, project.groups) == ({"demo": "demo"}, ("host",))
    assert sorted(os.listdir(project.root)) == ["demo", "demo-1.0.dist-info"]
    for folder in (unpacked_folder(), os.path.dirname(project.root)):
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    assert state_of(project) == "ok"


def test_code_in_data_folders_is_merged_in(tmp_path: Path) -> None:
    """`purelib` and `platlib` land beside the rest; scripts and data do not."""
    data = "demo-1.0.data"
    files = {
        **WHEEL_FILES,
        f"{data}/purelib/pure.py": "",
        f"{data}/platlib/_speed.abi3.so": "",
        f"{data}/scripts/run.py": "",
        f"{data}/data/share/x.py": "",
    }
    project = read_project(str(make_zip(tmp_path / WHEEL_NAME, files)))
    expected = {"_speed": "_speed.abi3.so", "demo": "demo", "pure": "pure.py"}
    assert project.modules == expected


def test_a_wheels_tests_folder_shadows_nothing(tmp_path: Path) -> None:
    """A top-level `tests` that slipped into a wheel is not made importable."""
    files = {**WHEEL_FILES, "tests/__init__.py": ""}
    assert read_project(str(make_zip(tmp_path / WHEEL_NAME, files))).modules == {"demo": "demo"}


def test_a_source_archive_is_read_by_the_ladder(tmp_path: Path) -> None:
    """Both forms of source archives give the same project, unpacked."""
    for path in (
        make_tar(tmp_path / "demo-1.0.tar.gz", SDIST_FILES),
        make_zip(tmp_path / "demo-1.0.zip", SDIST_FILES),
    ):
        project = read_project(str(path))
        assert (project.name, project.version, project.source.kind) == ("demo", "1.0", "sdist")
        assert project.source.location == str(path)
        assert project.modules == {"demo": "src/demo"}
        assert os.path.isfile(os.path.join(project.root, "src/demo/__init__.py"))
        assert state_of(project) == "ok"


@pytest.mark.parametrize("name", DANGEROUS)
def test_members_that_climb_out_are_refused(tmp_path: Path, name: str) -> None:
    """A member with a dangerous path is refused by name, before anything is written."""
    for path in (
        make_zip(tmp_path / WHEEL_NAME, {**WHEEL_FILES, name: ""}),
        make_tar(tmp_path / "demo-1.0.tar.gz", {**SDIST_FILES, name: ""}),
    ):
        error = error_of(path)
        assert (error.code, error.details["member"]) == ("archive-unsafe", name)
        assert "\x1b" not in str(error)


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
)
def test_tar_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    """Only regular files and folders are unpacked from a tar archive."""
    info = tarfile.TarInfo()
    info.type, info.linkname = kind, "/etc/passwd"
    path = make_tar(tmp_path / "demo-1.0.tar.gz", {**SDIST_FILES, "demo-1.0/x": info})
    assert error_of(path).code == "archive-unsafe"


def test_a_symlink_in_a_wheel_is_refused(tmp_path: Path) -> None:
    """A zip can hold links, too."""
    path = make_zip(tmp_path / WHEEL_NAME, WHEEL_FILES)
    info = zipfile.ZipInfo("demo/link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, "/etc/passwd")
    assert error_of(path).details["member"] == "demo/link"


@pytest.mark.parametrize("twice", ["demo/__init__.py", "./demo//__init__.py"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicate_members_are_refused(tmp_path: Path, twice: str) -> None:
    """Two members for one file would let a checker and an unpacker see different things."""
    path = make_zip(tmp_path / WHEEL_NAME, WHEEL_FILES)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(twice, "x")
    assert "twice" in error_of(path).message


def test_a_member_that_is_file_and_folder_is_refused(tmp_path: Path) -> None:
    """A file cannot also be the folder of another."""
    path = make_zip(tmp_path / WHEEL_NAME, {**WHEEL_FILES, "a": "", "a/b.py": ""})
    assert error_of(path).code == "archive-unsafe"


def test_two_members_that_would_be_merged_into_one_are_refused(tmp_path: Path) -> None:
    """A data folder cannot overwrite what the wheel holds itself."""
    files = {**WHEEL_FILES, "demo-1.0.data/purelib/demo/__init__.py": ""}
    assert error_of(make_zip(tmp_path / WHEEL_NAME, files)).code == "archive-unsafe"


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [
        ("MAX_FILES", 2, "2 files"),
        ("MAX_TOTAL_BYTES", 10**6, "MiB"),
        ("RATIO_COUNTS_FROM_BYTES", 10**6, "times its size"),
    ],
)
def test_bombs_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, said: str
) -> None:
    """Each limit is reached by a small archive once the limit itself is small."""
    monkeypatch.setattr(archive_room, limit, value)
    big = bytes(4 * 10**6)
    paths = (
        make_zip(tmp_path / WHEEL_NAME, {**WHEEL_FILES, "demo/big.bin": big}),
        make_tar(tmp_path / "demo-1.0.tar.gz", {**SDIST_FILES, "demo-1.0/big": big}),
    )
    for path in paths if limit != "MAX_FILES" else paths[:1]:
        error = error_of(path)
        assert error.code == "archive-unsafe"
        assert said in error.message


def test_a_giant_extended_header_is_refused(tmp_path: Path) -> None:
    """A tar header that states a giant length is not read into memory."""
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 10**9
    path = make_tar(tmp_path / "demo-1.0.tar.gz", {"x": info})
    assert (error := error_of(path)).code == "archive-invalid"
    assert "1000000000" in error.message or "1000000512" in error.message


@pytest.mark.parametrize(
    ("name", "files", "code"),
    [
        (WHEEL_NAME, b"no zip at all", "archive-invalid"),
        ("demo-1.0.tar.gz", b"no gzip at all", "archive-invalid"),
        ("demo-1.0.zip", {"pyproject.toml": ""}, "source-no-metadata"),
        (WHEEL_NAME, {"demo/__init__.py": ""}, "source-no-metadata"),
        ("other-1.0-py3-none-any.whl", WHEEL_FILES, "source-invalid"),
        ("demo-2.0-py3-none-any.whl", WHEEL_FILES, "source-invalid"),
        ("demo.whl", WHEEL_FILES, "source-invalid"),
        (WHEEL_NAME, {**WHEEL_FILES, "b-1.dist-info/METADATA": METADATA}, "source-invalid"),
        (WHEEL_NAME, {"demo-1.0.dist-info/METADATA": "Name: demo\n"}, "source-invalid"),
        (
            WHEEL_NAME,
            {**WHEEL_FILES, "demo-1.0.dist-info/entry_points.txt": "x = y"},
            "source-invalid",
        ),
        (
            WHEEL_NAME,
            {"demo-1.0.dist-info/METADATA": "Name: demo\nVersion: x\n"},
            "version-invalid",
        ),
    ],
)
def test_bad_archives(
    tmp_path: Path, name: str, files: bytes | dict[str, str | bytes], code: str
) -> None:
    """Each fault has its code, names the archive, and leaves nothing behind."""
    path = tmp_path / name
    if isinstance(files, bytes):
        path.write_bytes(files)
    else:
        make_zip(path, files)
    error = error_of(path)
    assert error.code == code
    assert str(path) in error.message


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_an_archive_that_is_cut_short_leaves_nothing(
    tmp_path: Path, make: Callable[..., Path]
) -> None:
    """Damage is an error that names the archive, whatever the format says of it."""
    files = {**SDIST_FILES, "demo-1.0/noise": os.urandom(50_000)}
    path = make(tmp_path / ("demo-1.0.zip" if make is make_zip else "demo-1.0.tar.gz"), files)
    path.write_bytes(path.read_bytes()[:20_000])
    assert error_of(path).code == "archive-invalid"


def test_flipped_bytes_are_noticed_and_not_kept(tmp_path: Path) -> None:
    """A wrong checksum is found while unpacking, and what was written by then is removed."""
    noise = os.urandom(50_000)
    path = make_zip(tmp_path / WHEEL_NAME, {**WHEEL_FILES, "demo/noise": noise})
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(SourceError) as raised:
        read_project(str(path))
    assert raised.value.code == "archive-invalid"
    assert os.listdir(unpacked_folder()) == []


def test_reading_twice_unpacks_once(tmp_path: Path) -> None:
    """Whole code is used as it is; code that lost a file is unpacked again."""
    wheel = make_zip(tmp_path / WHEEL_NAME, {**WHEEL_FILES, "demo/data.txt": "here"})
    root = read_project(str(wheel)).root
    before = os.stat(root).st_ino
    assert read_project(str(wheel)).root == root
    assert os.stat(root).st_ino == before
    os.unlink(os.path.join(root, "demo", "data.txt"))
    assert read_project(str(wheel)).root == root
    with open(os.path.join(root, "demo", "data.txt"), encoding="utf-8") as file:
        assert file.read() == "here"
    assert os.listdir(unpacked_folder()) == [os.path.basename(os.path.dirname(root))]


def test_two_processes_may_unpack_at_once(tmp_path: Path) -> None:
    """All of them get the same whole folder, and no temporary one stays."""
    files = {f"demo/file{number}.txt": "x" * number for number in range(200)}
    wheel = make_zip(tmp_path / WHEEL_NAME, {**WHEEL_FILES, **files})
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        projects: list[Project] = list(pool.map(read_project, [str(wheel)] * 8))
    assert len({project.root for project in projects}) == 1
    assert len(os.listdir(os.path.join(projects[0].root, "demo"))) == len(files) + 1
    assert len(os.listdir(unpacked_folder())) == 1


def test_a_changed_wheel_is_noticed(tmp_path: Path) -> None:
    """The fingerprint is the archive's own."""
    wheel = make_zip(tmp_path / WHEEL_NAME, WHEEL_FILES)
    project = read_project(str(wheel))
    make_zip(wheel, {**WHEEL_FILES, "demo/more.py": ""})
    assert state_of(project) == "changed"
    os.unlink(wheel)
    assert state_of(project) == "missing"


@pytest.mark.parametrize("pair", [("Demo/a.py", "demo/A.py"), ("caf\xe9.py", "cafe\u0301.py")])
def test_names_that_are_one_to_other_systems_are_refused(
    tmp_path: Path, pair: tuple[str, str]
) -> None:
    """MacOS and Windows would write the second over the first."""
    more = dict.fromkeys(pair, "")
    for path in (
        make_zip(tmp_path / WHEEL_NAME, {**WHEEL_FILES, **more}),
        make_tar(tmp_path / "demo-1.0.tar.gz", {**SDIST_FILES, **more}),
    ):
        error = error_of(path)
        assert (error.code, "other spelling" in error.message) == ("archive-unsafe", True)


def test_a_link_as_a_parent_is_refused(tmp_path: Path) -> None:
    """Also below a link, and also below a link to a link."""
    links: dict[str, str | bytes | tarfile.TarInfo] = {}
    for name, target in (("demo-1.0/a", "/tmp"), ("demo-1.0/a/b", "..")):
        info = tarfile.TarInfo()
        info.type, info.linkname = tarfile.SYMTYPE, target
        links[name] = info
    path = make_tar(tmp_path / "demo-1.0.tar.gz", {**SDIST_FILES, **links, "demo-1.0/a/b/c": "x"})
    assert error_of(path).details["member"] == "demo-1.0/a"


def folders(count: int) -> dict[str, tarfile.TarInfo]:
    """Return so many folders for a tar archive."""
    found = {}
    for number in range(count):
        info = tarfile.TarInfo()
        info.type = tarfile.DIRTYPE
        found[f"demo-1.0/{number}"] = info
    return found


def test_folders_count_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million names of folders fit in a few kilobytes."""
    monkeypatch.setattr(archive_room, "MAX_FILES", 100)
    path = make_tar(tmp_path / "demo-1.0.tar.gz", {**SDIST_FILES, **folders(200)})
    assert "100 files" in error_of(path).message


def test_a_giant_list_in_a_zip_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of members is read as a whole, so what is read is looked at first."""
    path = make_zip(tmp_path / WHEEL_NAME, {**WHEEL_FILES, **{f"demo/{n}": "" for n in range(99)}})
    monkeypatch.setattr(archive_room, "MAX_FILES", 50)
    error = error_of(path)
    assert (error.code, "50 files" in error.message) == ("archive-unsafe", True)


@pytest.mark.parametrize("count", [20, 5000])
def test_headers_without_end_are_refused(tmp_path: Path, count: int) -> None:
    """A long name before a long name before a long name, each of megabytes that pack to nothing."""
    size = 4 * 1024**2 - 512 if count == 20 else 512
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, size
    header = info.tobuf(tarfile.GNU_FORMAT)
    path = tmp_path / "demo-1.0.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(count):
            file.write(header + b"x" * size)
    assert error_of(path).code == "archive-invalid"


def test_a_stream_without_end_is_refused(tmp_path: Path) -> None:
    """A gigabyte of empty members packs to a megabyte; it is left after the first thousands."""
    header = tarfile.TarInfo("demo-1.0/x").tobuf()
    path = tmp_path / "demo-1.0.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for number in range(60_000):
            file.write(header if not number else tarfile.TarInfo(f"d/{number}").tobuf())
    assert "50000 files" in error_of(path).message


@pytest.mark.parametrize("stated", [10, 200])
def test_a_wheel_that_lies_about_a_size(tmp_path: Path, stated: int) -> None:
    """Metadata that say they are small and are a bomb are not unpacked into memory."""
    path = make_zip(tmp_path / WHEEL_NAME, {**WHEEL_FILES, METADATA_NAME: METADATA + "x" * 10**8})
    data = bytearray(path.read_bytes())
    true = (len(METADATA) + 10**8).to_bytes(4, "little")
    assert data.count(true) == 2
    path.write_bytes(bytes(data).replace(true, stated.to_bytes(4, "little")))
    tracemalloc.start()
    try:
        assert error_of(path).code == "archive-invalid"
        assert tracemalloc.get_traced_memory()[1] < 10**7
    finally:
        tracemalloc.stop()


METADATA_NAME = "demo-1.0.dist-info/METADATA"


@given(st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_of_any_kind_is_one_error(
    tmp_path: Path, random_: random.Random, as_tar: bool
) -> None:
    """Whatever is flipped, cut or overwritten: it is read, or the error is one of plugreg's."""
    made = make_tar(tmp_path / "a.tar.gz", SDIST_FILES) if as_tar else None
    whole = gzip.decompress(made.read_bytes()) if made else make_zip(
        tmp_path / WHEEL_NAME, WHEEL_FILES
    ).read_bytes()  # fmt: skip
    data = bytearray(whole)
    for _ in range(random_.randrange(1, 5)):
        at = random_.randrange(len(data))
        if random_.random() < 0.2:
            del data[at : at + 20]
        else:
            data[at : at + 4] = random_.choice(
                [b"\xff" * 4, b"\0" * 4, b"9999", b"\xff\xff\xff\x7f"]
            )
    path = tmp_path / ("damaged.tar.gz" if as_tar else "damaged.whl")
    path.write_bytes(gzip.compress(bytes(data), 1) if as_tar else bytes(data))
    with suppress(SourceError), archive_room.open_archive(str(path)) as members:
        for member in members.values():
            with member.open() as stream:
                assert len(stream.read(member.size)) <= member.size


@pytest.mark.parametrize(
    ("entry_points", "fault"),
    [
        (b"[host]\nx = q\xed\xa0\x80q\n", r"entry_points\.txt is not UTF-8 \(byte 12\)"),
        (b"[host]\nx\0 = demo\n", r"entry_points\.txt: entry point of host 'x\\x00' holds control"),
        (b"[ho\x1b[31mst]\nx = demo\n", r"entry_points\.txt: entry-point group .* holds control"),
    ],
)
def test_entry_points_that_no_host_could_read(
    tmp_path: Path, entry_points: bytes, fault: str
) -> None:
    """The error names the file that is to be corrected, and nothing is unpacked."""
    files = {**WHEEL_FILES, "demo-1.0.dist-info/entry_points.txt": entry_points}
    with pytest.raises(SourceError, match=fault) as caught:
        read_project(make_zip(tmp_path / WHEEL_NAME, files))
    assert caught.value.code == "source-invalid"


def test_a_name_that_no_file_system_takes(tmp_path: Path) -> None:
    """The error names it, and does not speak of room."""
    files = {**WHEEL_FILES, "demo/" + "a" * 300 + ".py": ""}
    with pytest.raises(SourceError, match=r"'aaaa.*shorter name in the project") as caught:
        read_project(make_zip(tmp_path / WHEEL_NAME, files))
    assert "make room" not in str(caught.value)

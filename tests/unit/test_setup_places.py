"""Folders, sockets, ports and programs of one clone."""

import os
import socket
import stat
from pathlib import Path

import pytest

from tools.setup import places, postgres, server
from tools.setup.places import Problem

OURSELVES = (os.getuid(), os.getgid())


def test_the_build_folder_can_be_named(tmp_path):
    assert places.build_folder({}) == places.CLONE / ".build"
    assert places.build_folder({"NKA_BUILD": str(tmp_path)}) == tmp_path.resolve()


def test_two_clones_have_two_keys():
    assert places.clone_key(Path("/a/.build")) != places.clone_key(Path("/b/.build"))


def test_short_socket_folder_is_kept_and_private(tmp_path):
    preferred = Path("/tmp") / f"nka-test-{os.getpid()}"
    try:
        assert places.socket_folder(preferred, OURSELVES) == preferred
        assert stat.S_IMODE(preferred.stat().st_mode) == 0o700
    finally:
        preferred.rmdir()


def test_deep_clone_gets_a_short_socket_folder(tmp_path):
    deep = tmp_path / ("d" * 100)
    folder = places.socket_folder(deep, OURSELVES, temporary="/tmp")
    try:
        assert folder.parent == Path("/tmp")
        assert places.fits_socket(folder)
        assert not places.fits_socket(deep)
        assert places.socket_folder(deep, OURSELVES, temporary="/tmp") == folder
    finally:
        folder.rmdir()


def test_symlinked_socket_folder_is_refused(tmp_path):
    deep = tmp_path / ("d" * 100)
    (tmp_path / f"nka-{places.clone_key(deep)}").symlink_to(tmp_path)
    with pytest.raises(Problem, match="belongs to somebody else"):
        places.socket_folder(deep, OURSELVES, temporary=tmp_path)


def test_full_disk_is_reported_with_the_sizes(tmp_path):
    with pytest.raises(Problem, match="GB are free"):
        places.require_space(tmp_path, needed=1 << 60)


def test_used_port_is_reported():
    with socket.socket() as taken:
        taken.bind((server.LOOPBACK, 0))
        taken.listen()
        number = taken.getsockname()[1]
        assert not server.is_free(number)
        with pytest.raises(Problem, match="is in use"):
            server.demo_port(str(number))


def test_next_free_port_is_used_by_default(monkeypatch):
    monkeypatch.setattr(server, "is_free", lambda port: port == 8071)
    assert server.demo_port("") == 8071
    monkeypatch.setattr(server, "is_free", lambda port: False)
    with pytest.raises(Problem, match="PORT="):
        server.demo_port("")


@pytest.mark.parametrize("text", ["abc", "0", "70000", "-1"])
def test_invalid_port_number(text):
    with pytest.raises(Problem, match="no port number"):
        server.demo_port(text)


def programs_in(folder):
    folder.mkdir(parents=True)
    for name in postgres.PROGRAMS:
        (folder / name).touch(mode=0o755)
    return folder


def test_newest_complete_postgresql_is_preferred(tmp_path):
    programs_in(tmp_path / "9" / "bin")
    wanted = programs_in(tmp_path / "15" / "bin")
    (tmp_path / "17" / "bin").mkdir(parents=True)
    assert postgres.newest_installed(tmp_path) == wanted


def test_old_postgresql_is_not_used(tmp_path):
    programs_in(tmp_path / "12" / "bin")
    assert postgres.newest_installed(tmp_path) is None


def test_named_folder_without_programs_is_reported(tmp_path):
    with pytest.raises(Problem, match="PG_BIN"):
        postgres.programs(tmp_path, {"PG_BIN": str(tmp_path)})


class Archive:
    """An apt with a few known dependencies."""

    KNOWN = {
        "server": ["libc6", "libicu72", "libpq5", "libllvm14", "locales"],
        "libpq5": ["libldap-2.5-0", "libc6"],
        "libldap-2.5-0": ["libpq5"],
    }

    def depends(self, package):
        return self.KNOWN.get(package, [])


def test_libraries_are_followed_and_base_packages_excluded():
    assert postgres.libraries_of(Archive(), "server") == [
        "libicu72",
        "libldap-2.5-0",
        "libpq5",
    ]


def test_clone_serves_one_demo(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "BUILD", tmp_path)
    with server.only_server():
        with pytest.raises(Problem, match="make stop"), server.only_server():
            pass
    with server.only_server():
        pass


def test_cluster_never_runs_as_root():
    account = postgres.cluster_account({"SUDO_USER": "root"})
    assert account.pw_uid
    assert bool(postgres.as_account(account)) == (os.getuid() == 0)

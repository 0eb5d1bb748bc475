"""Debian packages come from the archive configured on this machine, whatever other
sources apt has, and are signed by Debian.
"""

import pytest

from tools.setup import debian
from tools.setup.places import Problem

URIS = """\
'http://mirror.example/debian-security/dists/bookworm-security/main/binary-amd64/Packages.xz' a 0
'https://third.example/apt/dists/bookworm/main/binary-amd64/Packages.xz' b 0
'http://mirror.example/debian/dists/bookworm/InRelease' c 0
'http://mirror.example/debian/dists/bookworm/main/binary-amd64/Packages.xz' d 0
'http://mirror.example/debian/dists/bookworm/main/binary-all/Packages.xz' e 0
'http://mirror.example/debian/dists/bookworm-updates/main/binary-amd64/Packages.xz' f 0
'http://old.example/debian/dists/bookworm/updates/main/binary-amd64/Packages.xz' g 0
'http://free.example/debian/dists/bookworm/contrib/binary-amd64/Packages.xz' h 0
"""
THIRD, DEBIAN = "https://third.example/apt", "http://mirror.example/debian"


@pytest.fixture
def apt(tmp_path, monkeypatch):
    """Return an apt of sid on a machine with these sources, one of them signed by
    Debian.
    """
    read = []

    def update(label, command, **options):
        source = (apt.home / "sources.list").read_text()
        read.append(source)
        if DEBIAN not in source:
            raise Problem("the signature can't be verified")

    monkeypatch.setattr(debian, "BUILD", tmp_path)
    monkeypatch.setattr(debian, "mirrors", lambda: [THIRD, DEBIAN])
    monkeypatch.setattr(debian, "watched", update)
    apt = debian.Apt("sid")
    apt.read = read
    return apt


def test_archives_of_whole_releases_with_a_main_part():
    assert debian.mirrors(URIS) == [THIRD, DEBIAN]


def test_machine_without_sources_has_none():
    assert debian.mirrors("") == []


def test_archive_without_debian_signature_is_skipped(apt):
    apt.refresh()
    assert len(apt.read) == 2
    assert f"{DEBIAN} sid main" in apt.read[-1]
    assert 'Check-Valid-Until "false"' in apt.settings.read_text()
    assert "AllowInsecure" not in apt.settings.read_text()


def test_missing_archive_is_reported(apt, monkeypatch):
    monkeypatch.setattr(debian, "mirrors", lambda: [THIRD])
    with pytest.raises(debian.NoArchive, match="ODOO_PATH"):
        apt.refresh()


def test_sources_use_the_debian_key_file_if_it_exists(tmp_path):
    assert debian.signed_by(tmp_path) == ""
    (tmp_path / debian.KEYRINGS[1]).touch()
    assert debian.signed_by(tmp_path) == f"[signed-by={tmp_path / debian.KEYRINGS[1]}] "


def test_release_of_this_machine(tmp_path):
    release = tmp_path / "os-release"
    assert debian.release_codename(release) == "sid"
    release.write_text('ID=debian\nVERSION_CODENAME="trixie"\n')
    assert debian.release_codename(release) == "trixie"

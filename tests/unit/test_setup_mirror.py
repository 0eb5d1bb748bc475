"""The Debian mirror is the machine's own main archive, whatever else apt knows."""

from tools.setup.mirror import mirror_in_sources, mirror_in_targets

TARGETS = """\
http://mirror.example/debian-security/|Debian|Debian-Security|main|bookworm-security
https://packages.example/apt|cloud-sdk|cloud-sdk|main|cloud-sdk-bookworm
http://mirror.example/debian/|Debian|Debian|contrib|bookworm
http://mirror.example/debian/|Debian|Debian|main|bookworm
"""
DEB822 = """\
# a comment
Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
 contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
THIRD_PARTY = """\
Types: deb
URIs: https://third.example/repo
Suites: bookworm
Components: main
Signed-By: /usr/share/keyrings/third.gpg
"""
ONE_LINE = """\
# deb http://commented.example/debian bookworm main
deb http://security.example/debian-security bookworm-security main
deb [arch=amd64 signed-by=/usr/share/keyrings/third.gpg] https://third.example bookworm main
deb [arch=amd64] http://one.example/debian bookworm main contrib # all of it
"""


def test_targets_skip_security_third_parties_and_other_components():
    assert mirror_in_targets(TARGETS) == "http://mirror.example/debian/"


def test_targets_without_debian_give_nothing():
    assert mirror_in_targets("") is None
    assert mirror_in_targets(TARGETS.splitlines()[1]) is None


def test_deb822_takes_the_release_itself():
    assert mirror_in_sources([DEB822], "bookworm") == "http://mirror.example/debian"


def test_deb822_skips_disabled_and_source_only_stanzas():
    disabled = DEB822.replace(
        "Suites: bookworm bookworm-updates", "Suites: bookworm\nEnabled: no"
    )
    assert mirror_in_sources([disabled], "bookworm") is None
    sources = DEB822.replace("deb deb-src", "deb-src")
    assert mirror_in_sources([sources], "bookworm") is None


def test_keys_of_third_parties_are_not_debians():
    assert mirror_in_sources([THIRD_PARTY], "bookworm") is None


def test_one_line_sources():
    assert mirror_in_sources([ONE_LINE], "bookworm") == "http://one.example/debian"


def test_first_fitting_file_wins():
    assert (
        mirror_in_sources([THIRD_PARTY, ONE_LINE, DEB822], "bookworm")
        == "http://one.example/debian"
    )


def test_another_release_is_not_this_machines():
    assert mirror_in_sources([DEB822, ONE_LINE], "trixie") is None

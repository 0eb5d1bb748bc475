"""Which changes cause a rebuild, and which don't."""

from tools.setup.databases import manifest_of
from tools.setup.places import digest_of, digest_of_files
from tools.setup.terminal import log_name, message_of


def test_key_order_does_not_matter():
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
    assert digest_of("a") != digest_of("b")


def test_content_and_names_count_and_times_and_caches_do_not(tmp_path):
    (tmp_path / "a.py").write_text("1")
    before = digest_of_files(tmp_path)
    (tmp_path / "a.py").touch()
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("x")
    assert digest_of_files(tmp_path) == before
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert digest_of_files(tmp_path) != before


def test_content_moved_between_files_is_a_change(tmp_path):
    (tmp_path / "a").write_text("xy")
    (tmp_path / "b").write_text("")
    before = digest_of_files(tmp_path)
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").write_text("y")
    assert digest_of_files(tmp_path) != before


def test_manifest_is_read_without_running_it(tmp_path):
    (tmp_path / "__manifest__.py").write_text("# note\n{'depends': ['crm']}\n")
    assert manifest_of(tmp_path) == {"depends": ["crm"]}


def test_heartbeat_shows_the_message_only():
    line = "2026-11-23 11:28:18,632 5629 INFO deps odoo.modules.loading: Loading module base (1/1)"
    assert message_of(line) == "Loading module base (1/1)"
    assert message_of("Collecting babel") == "Collecting babel"


def test_log_files_are_named_after_the_step():
    assert (
        log_name("making a cluster (/usr/lib, as nobody)")
        == "making-a-cluster-usr-lib-as-nobody"
    )

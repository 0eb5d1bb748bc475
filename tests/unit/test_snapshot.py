"""Two snapshots of a database are compared, with readable differences."""

import pytest

from tools.checks import snapshot

OLD = {
    "index t a": "CREATE INDEX a",
    "ir.rule r": {"domain_force": "[]", "groups": ["x"]},
    "ir.ui.view v": {"arch_db": {"en_US": "<a>\n  <b/>\n</a>", "ru_RU": "<a/>"}},
    "attribution sale.field_x": "ir.model.fields",
    "mixin nka.x": {"name": "X"},
}


def test_equal_snapshots_have_no_differences():
    assert snapshot.differences(OLD, dict(OLD)) == {}


def test_new_and_removed_items_are_named():
    new = {**OLD, "index t b": OLD["index t a"]}
    del new["index t a"]
    assert list(snapshot.differences(OLD, new)) == ["gone index t a", "new index t b"]


def test_changed_values_are_shown_side_by_side():
    new = {**OLD, "ir.rule r": {"domain_force": "[1]", "groups": ["x"]}}
    changed = snapshot.differences(OLD, new)
    assert changed == {"changed ir.rule r: domain_force": "-[]\n+[1]"}


def test_views_are_shown_by_language_and_changed_line():
    arch = {"en_US": "<a>\n  <c/>\n</a>", "ru_RU": "<a/>"}
    changed = snapshot.differences(OLD, {**OLD, "ir.ui.view v": {"arch_db": arch}})
    (headline,) = changed
    assert headline == "changed ir.ui.view v: arch_db@en_US"
    assert "-  <b/>\n+  <c/>" in changed[headline]


def test_attribution_and_mixins_are_shown_and_not_counted():
    new = {key: OLD[key] for key in ("index t a", "ir.rule r", "ir.ui.view v")}
    counted, uncounted = snapshot.compare("baseline", OLD, new)
    assert not counted
    assert set(uncounted) == {"gone attribution sale.field_x", "gone mixin nka.x"}


def test_expected_differences_have_a_place_and_a_reason():
    text = (
        "# why\n\nbaseline: gone index * -- no query needs it\nupgrade: new x -- kept\n"
    )
    assert snapshot.expected("baseline", text) == ["gone index *"]
    assert snapshot.expected("upgrade", text) == ["new x"]
    for line in ("baseline: gone index a", "gone index a -- why", "upgrade: a -- "):
        with pytest.raises(ValueError, match="reason"):
            snapshot.expected("baseline", line)

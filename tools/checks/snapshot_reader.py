"""Read what the addon stores in a database.

It covers schema, models, fields, records and views, without ids and dates.
"""

import re

from lxml import etree

ADDON = "nka_key_accounts"
OWN_MODEL = r"(^|\.)nka[._]"
# Models in which Odoo reflects the code.
REFLECTED = ["ir.model", "ir.model.constraint", "ir.model.inherit"]
REFLECTED += ["ir.model.fields", "ir.model.fields.selection"]
# Not compared: authors, file paths, long texts, progress of jobs, the other end of
# relations.
UNTOLD = {"id", "create_uid", "write_uid", "arch_fs", "arch_prev", "arch_updated"}
UNTOLD |= {"parent_path", "help", "info", "number_next", "failure_count", "user_ids"}
UNTOLD |= {"implied_by_ids", "menu_access", "rule_groups", "view_access"}
# Fields whose values may be wrapped anywhere.
WRAPPED = {"context", "domain", "domain_force"}
# Table, name and definition.
SCHEMA = {
    "column": """
        SELECT relname, attname, concat_ws(' ', format_type(atttypid, atttypmod),
               CASE WHEN attnotnull THEN 'NOT NULL' END, pg_get_expr(adbin, adrelid))
          FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
          LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')
           AND attnum > 0 AND NOT attisdropped""",
    "constraint": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
          FROM pg_constraint WHERE conrelid != 0 AND contype != 'n'""",
    "index": "SELECT tablename, indexname, indexdef FROM pg_indexes",
    "trigger": """
        SELECT tgrelid::regclass::text, tgname,
               concat(tgenabled, ' ', pg_get_triggerdef(oid))
          FROM pg_trigger WHERE NOT tgisinternal""",
    "function": """
        SELECT '-', oid::regprocedure::text, pg_get_functiondef(oid) FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace AND proname ~ '^nka_'""",
}


class Reader:
    """Read a database through its registry.

    :param env: an environment of the superuser
    """

    def __init__(self, env):
        context = {"active_test": False, "ir.ui.menu.full_list": True}
        self.env = env(context=context)
        rows = self._rows(
            "SELECT model, res_id, module, name, noupdate FROM ir_model_data"
            " ORDER BY module != %s, module DESC, name DESC",
            ADDON,
        )
        self.named = [row for row in rows if row[2] == ADDON or "_nka_" in row[3]]
        self.names = {row[:2]: f"{row[2]}.{row[3]}" for row in rows}
        booked = {row[1] for row in self.named if row[0] == "ir.model.fields"}
        self.fields = self.env["ir.model.fields"].search(
            [("name", "not in", ("id", "display_name"))]
        )
        self.fields = self.fields.filtered(
            lambda field: field.id in booked or re.search(OWN_MODEL, field.model)
        )

    def snapshot(self):
        """Return all parts as ``{"section name": value}``."""
        return {
            **dict(self._schema()),
            **dict(self._models_and_fields()),
            **dict(self._records()),
            **dict(self._screens()),
            **dict(self._settings()),
        }

    def _rows(self, query, *params):
        self.env.cr.execute(query, params or None)
        return self.env.cr.fetchall()

    def _schema(self):
        columns = {(self.env[f.model]._table, f.name) for f in self.fields}
        for section, query in SCHEMA.items():
            for table, name, definition in self._rows(query):
                words = [name, *re.findall(r"\w+", definition)]
                if "nka_" in f"{table} {name} {definition}" or not columns.isdisjoint(
                    (table, word) for word in words
                ):
                    yield f"{section} {table} {name}", definition

    def _models_and_fields(self):
        for model in self.env["ir.model"].search([]):
            if re.search(OWN_MODEL, model.model):
                section = "mixin" if model.abstract else "model"
                yield f"{section} {model.model}", self._values(model)
        for field in self.fields:
            defined = self.env[field.model]._fields.get(field.name)
            told = self._values(field)
            told["groups"] = getattr(defined, "groups", "no such field in the code")
            told["has default"] = bool(getattr(defined, "default", None))
            told["selection"] = field.selection_ids.mapped("value")
            for option in field.selection_ids:
                told[f"option {option.value}"] = self._values(option)["name"]
            section = "mixin" if self.env[field.model]._abstract else "field"
            yield f"{section} {field.model}.{field.name}", told

    def _records(self):
        for model, res_id, module, name, noupdate in self.named:
            if model in REFLECTED:
                yield f"attribution {module}.{name}", model
            elif module == ADDON and not name.startswith("demo_"):
                values = self._values(self.env[model].browse(res_id))
                yield f"{model} {name}", {"noupdate": noupdate, **values}

    def _values(self, record):
        """Return the stored values with names for ids.

        Translations are returned as ``{language: text}``.
        """
        query = f'SELECT to_jsonb(rec) FROM "{record._table}" rec WHERE id = %s'
        ((row,),) = self._rows(query, record.id) or [({},)]
        told = {}
        for name, field in record._fields.items():
            if name in UNTOLD or not field.store or field.type in ("date", "datetime"):
                continue
            if field.type == "many2many":
                told[name] = sorted(map(self._name, record[name]))
            elif name in row:
                told[name] = self._told(field, row[name])
        return told

    def _told(self, field, value):
        if field.type == "many2one" and isinstance(value, int):
            return self._name(self.env[field.comodel_name].browse(value))
        if field.name == "arch_db":
            return {lang: self._arch(arch) for lang, arch in value.items()}
        if isinstance(value, str) and re.fullmatch(r"[a-z_.]+,\d+", value):
            model, _comma, res_id = value.partition(",")
            return self._name(self.env[model].browse(int(res_id)))
        return _plain(value) if field.name in WRAPPED else value

    def _name(self, record):
        """Return the external id of a record, or its display name if there is none."""
        named = self.names.get((record._name, record.id))
        return named or f"{record._name} {record.display_name}"

    def _screens(self):
        """Yield the combined views that the addon extends, and the order of records.

        The order is that of views of one model and type, and of menus of one parent.
        """
        views = self.env["ir.ui.view"]
        extending = views.browse(
            i for model, i, *_ in self.named if model == views._name
        )
        shown = extending = extending.filtered(lambda view: view.mode == "extension")
        while extending:
            shown = shown - extending | extending.inherit_id
            extending = shown.filtered(lambda view: view.mode == "extension")
        for view in shown:
            arch = etree.tostring(view._get_combined_arch())
            yield f"screen {self._name(view)}", self._arch(arch)
        # Among equal priorities the id decides, and ids follow the order of the data
        # files.
        ordered = [
            ("mode", "=", "primary"),
            ("active", "=", True),
            ("model", "!=", False),
        ]
        primary = views.search(ordered, order="priority, id")
        menus = self.env["ir.ui.menu"].search([("parent_id", "!=", False)])
        for place, records in [
            *primary.grouped(lambda view: f"{view.model} {view.type}").items(),
            *menus.grouped(lambda menu: self._name(menu.parent_id)).items(),
        ]:
            names = [*map(self._name, records)]
            if ADDON in str(names):
                yield f"order {place}", names

    def _arch(self, arch):
        """Return a view with one tag per line and external ids of its actions."""
        parser = etree.XMLParser(remove_blank_text=True, remove_comments=True)
        root = etree.fromstring(arch, parser)
        for node in root.iter(etree.Element):
            node.text, node.tail = _plain(node.text), _plain(node.tail)
            values = {name: _plain(node.attrib[name]) for name in sorted(node.attrib)}
            if values.get("type") == "action" and values["name"].isdigit():
                action = self.env["ir.actions.actions"].browse(int(values["name"]))
                values["name"] = self._name(self.env[action.type].browse(action.id))
            node.attrib.clear()
            node.attrib.update(values)
        etree.indent(root)
        return etree.tostring(root, encoding="unicode")

    def _settings(self):
        for field, *whom, value in self._rows(
            "SELECT model || '.' || name, company_id > 0, user_id > 0, json_value"
            "  FROM ir_default JOIN ir_model_fields field ON field.id = field_id"
        ):
            if "nka" in field:
                yield f"default {field} {whom}", value
        yield from self._rows(
            "SELECT 'parameter ' || key, value FROM ir_config_parameter WHERE key ~ 'nka'"
        )


def _plain(text):
    return " ".join((text or "").split())

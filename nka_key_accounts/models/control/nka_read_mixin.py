"""Doors through which a client reads, counted where they lead to key accounts."""

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import LazyTranslate

from ..trail.roles import ADMIN, SUPERVISOR

_lt = LazyTranslate(__name__)

_COUNTED = object()


class ReadMixin(models.AbstractModel):
    """Counts what a person reads at the public methods and guards the export.

    The outermost method counts, so that one answer counts once. These methods
    write a row, hence no cursor of a read-only replica for them.
    """

    _name = "nka.read.mixin"
    _description = "Reading of key-account data, counted"
    _audit_kinds = {"export": _lt("Export")}

    #: Who may export, and always on record.
    _export_groups = (SUPERVISOR, ADMIN)

    def _key_records(self):
        """Hook: those of these records that are data of key accounts."""
        return self

    @api.model
    def _is_inside(self):
        """Whether a method further out has counted, and guarded, already."""
        return self.env.context.get("nka_counted") is _COUNTED

    @api.model
    def _is_reading(self):
        """Whether this is the outermost read of a client."""
        return not self.env.su and not self._is_inside()

    @api.model
    def _inside(self):
        return self.with_context(nka_counted=_COUNTED)

    def _count_reading(self):
        self.env["nka.reading"]._count(len(self.sudo()._key_records()))

    # ------------------------------------------------------------ records
    def read(self, fields=None, load="_classic_read"):
        if not self._is_reading():
            return super().read(fields, load)
        self._count_reading()
        return super(ReadMixin, self._inside()).read(fields, load)

    def web_read(self, specification):
        if not self._is_reading():
            return super().web_read(specification)
        self._count_reading()
        rows = super(ReadMixin, self._inside()).web_read(specification)
        self._count_below(rows, specification)
        return rows

    # ------------------------------------------------------------ searches
    @api.model
    def search_read(self, *args, **kwargs):
        if not self._is_reading():
            return super().search_read(*args, **kwargs)
        rows = super(ReadMixin, self._inside()).search_read(*args, **kwargs)
        self._count_rows(rows)
        return rows

    @api.model
    def web_search_read(self, *args, **kwargs):
        if not self._is_reading():
            return super().web_search_read(*args, **kwargs)
        answer = super(ReadMixin, self._inside()).web_search_read(*args, **kwargs)
        self._count_rows(answer["records"])
        asked = kwargs.get("specification") or (args[1] if len(args) > 1 else {})
        self._count_below(answer["records"], asked)
        return answer

    @api.model
    def name_search(self, *args, **kwargs):
        if not self._is_reading():
            return super().name_search(*args, **kwargs)
        pairs = super(ReadMixin, self._inside()).name_search(*args, **kwargs)
        self.browse(pair[0] for pair in pairs)._count_reading()
        return pairs

    @api.model
    def _count_rows(self, rows):
        self.browse(row["id"] for row in rows)._count_reading()

    @api.model
    def _count_below(self, rows, specification):
        """Lines read along with a record, as the contacts of an account, count too."""
        for name, asked in (specification or {}).items():
            field = self._fields.get(name)
            if not field or field.type not in ("one2many", "many2many"):
                continue
            below = self.env[field.comodel_name]
            counts = (asked or {}).get("fields") and hasattr(below, "_key_records")
            lines = [line for row in rows for line in row[name]] if counts else []
            if lines:
                below.browse({line["id"] for line in lines})._count_reading()
                below._count_below(lines, asked["fields"])

    # ------------------------------------------------------------ groups
    @api.model
    def web_read_group(self, *args, **kwargs):
        if not self._is_reading():
            return super().web_read_group(*args, **kwargs)
        answer = super(ReadMixin, self._inside()).web_read_group(*args, **kwargs)
        self._count_groups(answer["groups"])
        return answer

    @api.model
    def formatted_read_group(self, *args, **kwargs):
        if not self._is_reading():
            return super().formatted_read_group(*args, **kwargs)
        groups = super(ReadMixin, self._inside()).formatted_read_group(*args, **kwargs)
        self._count_groups(groups)
        return groups

    @api.model
    def formatted_read_grouping_sets(self, *args, **kwargs):
        if not self._is_reading():
            return super().formatted_read_grouping_sets(*args, **kwargs)
        inside = super(ReadMixin, self._inside())
        answers = inside.formatted_read_grouping_sets(*args, **kwargs)
        # The coarser sets are sums of the finest: one pivot is one answer.
        self._count_groups(max(answers, key=len, default=[]))
        return answers

    @api.model
    def _count_groups(self, groups):
        """A group tells of its records together: it counts as one of them."""
        rows = [row for group in groups for row in group.get("__records", ())]
        self._count_rows(rows)
        self.env["nka.reading"]._count(len(groups))

    # Read by the dispatcher of requests, from each class that has the method.
    read._readonly = False
    web_read._readonly = False
    search_read._readonly = False
    web_search_read._readonly = False
    name_search._readonly = False
    web_read_group._readonly = False
    formatted_read_group._readonly = False
    formatted_read_grouping_sets._readonly = False

    # ------------------------------------------------------------ export
    def export_data(self, fields_to_export):
        if self.env.su:
            return super().export_data(fields_to_export)
        self.check_access("read")
        exported = self.sudo()._key_records().sudo(False)
        if exported:
            exported._check_export()
            exported._record_export(fields_to_export)
        else:
            self._check_export_below(fields_to_export)
        # What was looked at as superuser must not be exported from the cache.
        self.env.invalidate_all()
        return super(ReadMixin, self._inside()).export_data(fields_to_export)

    def _check_export(self):
        if self.env.user.has_groups(",".join(self._export_groups)):
            return
        self.env["nka.audit.event"]._append_refusal(
            self.env.user, "export", new=self._export_name(), note=self._refused_word()
        )
        raise AccessError(
            self.env._(
                "Data of key accounts is exported by a supervisor only, and that is "
                "kept in the audit trail. Ask yours for the list you need."
            )
        )

    def _refused_word(self):
        return self.env._("Refused")

    def _export_name(self):
        return self.env._(
            "%(model)s: %(count)s records",
            model=self.env["ir.model"]._get(self._name).sudo().name,
            count=len(self),
        )

    def _record_export(self, names):
        events = self.env["nka.audit.event"]
        events._append(
            [
                events._prepare_entry(
                    self.env.user,
                    "export",
                    new=self._export_name(),
                    note=", ".join(map(str, names)),
                )
            ]
        )

"""Doors through which a client reads, counted where they lead to key accounts."""

import warnings
from collections import defaultdict

from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from ..trail.roles import ADMIN, MANAGER, ROLES, SUPERVISOR

_lt = LazyTranslate(__name__)

_COUNTED = object()


def _quietly(deprecated, *args, **kwargs):
    """Call what Odoo keeps for clients of before: they ask for it, we don't."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return deprecated(*args, **kwargs)


class ReadMixin(models.AbstractModel):
    """Counts what a person reads at the public methods and guards the export.

    The outermost method counts, so that one answer counts once. These methods
    write a row, hence no cursor of a read-only replica for them.
    """

    _name = "nka.read.mixin"
    _description = "Counted reads of key account data"
    _audit_kinds = {"export": _lt("Export")}

    #: Who may export, and always on record.
    _export_groups = (SUPERVISOR, ADMIN)
    #: Whether people without a role export these records by Odoo's right, on record too.
    _exported_by_colleagues = False

    def _key_records(self):
        """Hook: those of these records that are data of key accounts."""
        return self

    @api.model
    def _key_domain(self):
        """Hook: the same as a condition, where not all records are."""
        return Domain.TRUE

    @api.model
    def _is_inside(self):
        """Whether a method further out has counted, and guarded, already."""
        return self.env.context.get("nka_counted") is _COUNTED

    @api.model
    def _is_reading(self):
        """Whether this is the outermost read of a client."""
        return not (self._is_inside() or self.env["nka.reading"]._is_silent())

    @api.model
    def _inside(self):
        return self.with_context(nka_counted=_COUNTED)

    def _count_reading(self):
        self.env["nka.reading"]._count(self._reading_size())

    def _reading_size(self):
        """Hook: as how many records these count when they are read.

        :rtype: int
        """
        return len(self.sudo()._key_records())

    # ------------------------------------------------------------ records
    def read(self, fields=None, load="_classic_read"):
        if not self._is_reading():
            return super().read(fields, load)
        self._count_reading()
        return super(ReadMixin, self._inside()).read(fields, load)

    def web_read(self, specification):
        if not self._is_reading():
            return super().web_read(specification)
        rows = super(ReadMixin, self._inside()).web_read(specification)
        self._count_answer(rows, specification)
        return rows

    def copy_data(self, default=None):
        """Values for copies are all that a record tells."""
        if not self._is_reading():
            return super().copy_data(default)
        # Asked before: what is looked at as superuser is in the cache for all.
        self.check_access("read")
        self._count_reading()
        return super(ReadMixin, self._inside()).copy_data(default)

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
        asked = kwargs.get("specification") or (args[1] if len(args) > 1 else {})
        self._count_answer(answer["records"], asked)
        return answer

    @api.model
    def name_search(self, *args, **kwargs):
        if not self._is_reading():
            return super().name_search(*args, **kwargs)
        pairs = super(ReadMixin, self._inside()).name_search(*args, **kwargs)
        self.browse(pair[0] for pair in pairs)._count_reading()
        return pairs

    @api.model
    def web_name_search(self, *args, **kwargs):
        if not self._is_reading():
            return super().web_name_search(*args, **kwargs)
        rows = super(ReadMixin, self._inside()).web_name_search(*args, **kwargs)
        self._count_rows(rows)
        return rows

    @api.model
    def _count_rows(self, rows):
        self.browse(row["id"] for row in rows)._count_reading()

    @api.model
    def _count_answer(self, rows, specification):
        """Count the records of an answer at once. Lines read along with a record, as the
        contacts of an account, count too, on every level and through whatever record
        leads to them.

        :param list[dict] rows: as ``web_read`` answers them
        :param dict specification: what was asked of them
        """
        ids_by_model = defaultdict(set)
        ids_by_model[self._name].update(row["id"] for row in rows)
        self._gather_below(rows, specification, self, ids_by_model)
        sizes = (
            self.env[name].browse(ids)._reading_size()
            for name, ids in ids_by_model.items()
        )
        self.env["nka.reading"]._count(sum(sizes))

    @api.model
    def _gather_below(self, rows, specification, model, ids_by_model):
        """Add what is told of lines to the ids of each model that is counted."""
        for name, asked in (specification or {}).items():
            field = model._fields.get(name)
            wanted = (asked or {}).get("fields")
            if not wanted or not field or not field.comodel_name:
                continue
            below = self.env[field.comodel_name]
            lines = self._lines_told(rows, name)
            is_list = field.type in ("one2many", "many2many")
            if is_list and hasattr(below, "_key_records"):
                ids_by_model[below._name].update(line["id"] for line in lines)
            if lines:
                self._gather_below(lines, wanted, below, ids_by_model)

    @api.model
    def _lines_told(self, rows, name):
        """What rows tell of the records that a field links."""
        lines = []
        for row in rows:
            told = row.get(name) or ()
            lines += [told] if isinstance(told, dict) else told
        return [line for line in lines if isinstance(line, dict)]

    # ------------------------------------------------------------ groups
    @api.model
    def web_read_group(self, domain, *args, **kwargs):
        if not self._is_reading():
            return super().web_read_group(domain, *args, **kwargs)
        answer = super(ReadMixin, self._inside()).web_read_group(
            domain, *args, **kwargs
        )
        self._count_groups(domain, answer["groups"])
        return answer

    @api.model
    def formatted_read_group(self, domain, *args, **kwargs):
        if not self._is_reading():
            return super().formatted_read_group(domain, *args, **kwargs)
        groups = super(ReadMixin, self._inside()).formatted_read_group(
            domain, *args, **kwargs
        )
        self._count_groups(domain, groups)
        return groups

    @api.model
    def formatted_read_grouping_sets(self, domain, *args, **kwargs):
        if not self._is_reading():
            return super().formatted_read_grouping_sets(domain, *args, **kwargs)
        inside = super(ReadMixin, self._inside())
        answers = inside.formatted_read_grouping_sets(domain, *args, **kwargs)
        # The coarser sets are sums of the finest: one pivot is one answer.
        self._count_groups(domain, max(answers, key=self._told_by, default=[]))
        return answers

    @api.model
    def read_group(self, domain, *args, **kwargs):
        if not self._is_reading():
            return _quietly(super().read_group, domain, *args, **kwargs)
        inside = super(ReadMixin, self._inside())
        groups = _quietly(inside.read_group, domain, *args, **kwargs)
        self._count_groups(domain, groups)
        return groups

    @api.model
    def read_progress_bar(self, domain, *args, **kwargs):
        if not self._is_reading():
            return super().read_progress_bar(domain, *args, **kwargs)
        bars = super(ReadMixin, self._inside()).read_progress_bar(
            domain, *args, **kwargs
        )
        self._count_told(domain, len(bars))
        return bars

    @api.model
    def _count_groups(self, domain, groups):
        """A group tells of its records together and counts as one of them; one that
        lists their values or ids tells each of them.

        :param domain: what was searched
        :param list[dict] groups: as Odoo answers them
        """
        opened = self._opened_in(groups)
        if opened:
            self._count_rows(opened)
        self._count_told(domain, self._told_by(groups))

    @api.model
    def _opened_in(self, groups):
        """Rows of the groups that were opened, on every level."""
        rows = []
        for group in groups:
            rows += group.get("__records", ())
            rows += self._opened_in((group.get("__groups") or {}).get("groups", ()))
        return rows

    @api.model
    def _told_by(self, groups):
        """How many records groups tell of.

        :rtype: int
        """
        return sum(map(self._told_by_group, groups))

    @api.model
    def _told_by_group(self, group):
        lists = [
            len(value)
            for name, value in group.items()
            if isinstance(value, list | models.BaseModel) and name[:2] != "__"
        ]
        below = (group.get("__groups") or {}).get("groups", ())
        return max([1, *lists]) + self._told_by(below)

    @api.model
    def _count_told(self, domain, told):
        """Count what groups told, at most the records of key accounts among them."""
        condition = self._key_domain()
        if told and not condition.is_true():
            if not self.env["nka.reading"]._is_counted():
                return
            searched = self.sudo().with_context(active_test=False)
            told = searched.search_count(Domain(domain) & condition, limit=told)
        self.env["nka.reading"]._count(told)

    # Read by the dispatcher of requests, from each class that has the method.
    read._readonly = False
    web_read._readonly = False
    search_read._readonly = False
    web_search_read._readonly = False
    name_search._readonly = False
    web_name_search._readonly = False
    web_read_group._readonly = False
    formatted_read_group._readonly = False
    formatted_read_grouping_sets._readonly = False
    read_group._readonly = False
    read_progress_bar._readonly = False

    # ------------------------------------------------------------ export
    @api.model
    def _may_export(self):
        """Supervisors and administrators, of key accounts or of Odoo; no manager who has
        the latter's rights as well. Of contacts and files also whoever has no role: an
        accountant's list of invoices names clients.
        """
        user = self.env.user
        if user.has_groups(",".join(self._export_groups)):
            return True
        if self.env.uid == SUPERUSER_ID:
            return True
        if self._exported_by_colleagues and self._is_colleague():
            return True
        return user.has_group("base.group_system") and not user.has_group(MANAGER)

    @api.model
    def _is_colleague(self):
        """Whether the acting person has no role of key accounts."""
        return not self.env.user.has_groups(",".join(ROLES))

    def _check_export(self):
        if not self._may_export():
            self._refuse_export()

    def _record_export(self, names):
        self._record_bulk(", ".join(map(str, names)))

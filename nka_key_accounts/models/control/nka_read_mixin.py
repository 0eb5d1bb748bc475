"""Count reads of key account data through public ORM methods."""

import warnings
from collections import Counter, defaultdict

from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from ..trail.roles import ADMIN, DIRECTOR, MANAGER, ROLES, SUPERVISOR

_lt = LazyTranslate(__name__)

_COUNTED = object()


def _quietly(deprecated, *args, **kwargs):
    """Call a method kept for old RPC clients without its deprecation warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return deprecated(*args, **kwargs)


class ReadMixin(models.AbstractModel):
    """Count records read through public methods and check exports.

    Only the outermost method counts, so that a response is counted once. These methods
    stay on the read-only replica of Odoo's own: ``nka.reading`` counts with a cursor of
    its own, and only users with a key account role.
    """

    _name = "nka.read.mixin"
    _description = "Counted reads of key account data"
    _audit_kinds = {"export": _lt("Export")}

    #: Groups that can export; every export is logged.
    _export_groups = (SUPERVISOR, ADMIN)
    #: Whether users without a role can export these records with Odoo's export right.
    #: These exports are logged too.
    _exported_by_colleagues = False
    #: What these records count as, a key of ``nka.reading.kind``.
    _reading_kind = "account"

    def _key_records(self):
        """Hook: return those of these records that are key account data."""
        return self

    @api.model
    def _key_domain(self):
        """Hook: return the same as a domain, for models with other records too."""
        return Domain.TRUE

    @api.model
    def _is_inside(self):
        """Return whether an outer public method has counted and checked this read."""
        return self.env.context.get("nka_counted") is _COUNTED

    @api.model
    def _is_reading(self):
        """Return whether this is the outermost read of a user who is counted."""
        return self._is_outermost() and self.env["nka.reading"]._is_counted()

    @api.model
    def _is_outermost(self):
        """Return whether this is the outermost call of a client."""
        return not (self._is_inside() or self.env["nka.reading"]._is_silent())

    @api.model
    def _inside(self):
        return self.with_context(nka_counted=_COUNTED)

    def _count_reading(self):
        readings = self.env["nka.reading"]
        if readings._is_counted():
            readings._count(self._reading_size(), self._reading_kind)
            readings._note(self)

    def _reading_size(self):
        """Hook: return how many records count as read when these are read.

        :rtype: int
        """
        return len(self.sudo()._key_records())

    @api.model
    def _only_reads(self):
        """Return whether the current user is a director without a deciding role."""
        user = self.env.user
        return user.has_group(DIRECTOR) and not user.has_groups(f"{SUPERVISOR},{ADMIN}")

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
        """Count copied records as read: a copy contains all their data."""
        if not self._is_reading():
            return super().copy_data(default)
        # Checked first: counting as superuser also fills the user's cache.
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
        """Count all records of a response at once.

        Nested lines, such as the contacts of an account, are counted too, at every
        level and through any model.

        :param list[dict] rows: result of ``web_read``
        :param dict specification: the fields that were requested
        """
        ids_by_model = defaultdict(set)
        ids_by_model[self._name].update(row["id"] for row in rows)
        self._gather_below(rows, specification, self, ids_by_model)
        sizes, told = Counter(), []
        for name, ids in ids_by_model.items():
            told.append(records := self.env[name].browse(ids))
            sizes[records._reading_kind] += records._reading_size()
        self.env["nka.reading"]._count_kinds(sizes)
        for records in told:
            self.env["nka.reading"]._note(records)

    @api.model
    def _gather_below(self, rows, specification, model, ids_by_model):
        """Add the ids of nested lines to those of each counted model."""
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
        """Return the nested records that rows contain in a field."""
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
        # Coarser sets are totals of the finest one: a pivot is one response.
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
        """Count a group as one record, or each record whose values or ids it lists.

        :param domain: search domain
        :param list[dict] groups: groups as returned by Odoo
        """
        opened = self._opened_in(groups)
        if opened:
            self._count_rows(opened)
        self._count_told(domain, self._told_by(groups))

    @api.model
    def _opened_in(self, groups):
        """Return the records of expanded groups, at every level."""
        rows = []
        for group in groups:
            rows += group.get("__records", ())
            rows += self._opened_in((group.get("__groups") or {}).get("groups", ()))
        return rows

    @api.model
    def _told_by(self, groups):
        """Return how many records groups disclose.

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
        """Count what groups disclose, at most the matching key account records.

        :param domain: search domain
        :param int told: number of records that the groups disclose
        """
        condition = self._key_domain()
        if told and not condition.is_true():
            searched = self.sudo().with_context(active_test=False)
            told = searched.search_count(Domain(domain) & condition, limit=told)
        self.env["nka.reading"]._count(told, self._reading_kind)

    # ------------------------------------------------------------ export
    @api.model
    def _may_export(self):
        """Return whether the current user can export these records.

        Supervisors and key account administrators can, and so can Odoo administrators
        unless they are key account managers. Contacts and files can also be exported by
        users without a role: for example, an accountant's list of invoices contains
        client names.

        :rtype: bool
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
        """Return whether the current user has no key account role."""
        return not self.env.user.has_groups(",".join(ROLES))

    def _check_export(self):
        if not self._may_export():
            self._refuse_export()

    def _record_export(self, names):
        self._record_bulk(", ".join(map(str, names)))

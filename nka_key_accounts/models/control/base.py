"""The export of any model is one of key accounts where its columns lead to them, and so
is what is printed of their orders and invoices.
"""

from psycopg2.errors import (
    CheckViolation,
    ExclusionViolation,
    ForeignKeyViolation,
    NotNullViolation,
    RestrictViolation,
    UniqueViolation,
)

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.orm.models import get_columns_from_sql_diagnostics

from ..accounts.asking import tell
from ..trail.base import is_ours
from ..trail.roles import SUPERVISOR


class Base(models.AbstractModel):
    _inherit = "base"

    def export_data(self, fields_to_export):
        """Export as Odoo does; whoever may not export data of key accounts exports the
        other rows, and reads how many were left out and whom to ask.

        :raise AccessError: when nothing else is left
        """
        mixin = self.env["nka.read.mixin"]
        if not mixin._is_reading():
            return super().export_data(fields_to_export)
        # What is left out anyway may well be closed to who exports the others.
        (self - self._kept_from_export() or self).check_access("read")
        exported = self._guard_export(fields_to_export)
        # What was looked at as superuser must not be exported from the cache.
        self.env.invalidate_all()
        inside = exported.with_env(mixin._inside().env)
        return super(Base, inside).export_data(fields_to_export)

    @api.model
    def _read_group(self, domain, groupby=(), *args, **kwargs):
        rows = super()._read_group(domain, groupby, *args, **kwargs)
        self._count_groups_through(domain, groupby, len(rows))
        return rows

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, *args, **kwargs):
        answers = super()._read_grouping_sets(domain, grouping_sets, *args, **kwargs)
        for groupby, rows in zip(grouping_sets, answers, strict=True):
            self._count_groups_through(domain, groupby, len(rows))
        return answers

    @api.model
    def _count_groups_through(self, domain, groupby, told):
        """Orders grouped by the e-mail address of their client tell the addresses.

        :param domain: what was searched
        :param groupby: what it was grouped by
        :param int told: number of groups
        """
        paths = [spec.split(".")[:-1] for spec in groupby if "." in spec]
        mixin = self.env["nka.read.mixin"].with_env(self.env)
        if not (paths and told and mixin._is_reading()):
            return
        readings = self.env["nka.reading"]
        searched = self.sudo().with_context(active_test=False)
        for path in paths:
            condition = self._key_domain_through(path)
            if condition and readings._is_counted():
                among = Domain(domain) & condition
                readings._count(searched.search_count(among, limit=told))

    @api.model
    def _key_domain_through(self, path):
        """Condition for records that lead to one of a key account by a path of fields, or
        nothing where it leads to no records that are counted.
        """
        model, condition = self, None
        for name in path:
            field = model._fields.get(name)
            if not field or not field.comodel_name:
                return None
            model = self.env[field.comodel_name]
        if hasattr(model, "_key_records"):
            condition = model._key_domain()
            for name in reversed(path):
                condition = Domain(name, "any", condition)
        return condition

    def _record_bulk(self, note):
        """Keep that many records were taken along: an event of the acting person.

        :param str note: columns, or how it was done
        """
        events = self.env["nka.audit.event"]
        entry = events._prepare_entry(
            self.env.user, "export", new=self._name_in_bulk(), note=note
        )
        events._append([entry])

    def _guard_export(self, names):
        """Record an export that tells of key accounts, and leave out the rows by which it
        would tell them to somebody who may not export them.

        :param names: columns
        :return: the records that are exported
        :raise AccessError: when none is
        """
        if not self.env["nka.reading"]._is_counted():
            return self
        if self._name.startswith("nka.") and not hasattr(self, "_key_records"):
            self._record_bulk(", ".join(map(str, names)))
        kept = self.browse()
        for told, rows, may_export in self._told_in_export(names):
            if may_export:
                told._record_export(names)
            else:
                kept |= rows
        if not kept:
            return self
        if kept >= self:
            self._refuse_export()
        kept._tell_kept(len(self))
        return self - kept

    def _told_in_export(self, names):
        """Records of key accounts that an export tells of: these themselves, and those
        that columns of the others lead to.

        :return: such records, the rows that tell of them, whether they may be exported
        :rtype: list[tuple]
        """
        own = self._key_records_apart()
        told = [(own, own, own._may_export())] if own else []
        rest = self - own
        for path in rest._relations_in(names):
            reached = rest.sudo().mapped(path).sudo(False)._key_records_apart()
            is_colleague = reached and reached._is_colleague()
            if is_colleague:
                # Their own lists, as of orders, name what they read anyway.
                reached = reached._filtered_access("read")
            if reached:
                numbers = set(reached._ids)
                rows = rest.filtered(
                    lambda row, path=path, numbers=numbers: (
                        not numbers.isdisjoint(row.sudo().mapped(path)._ids)
                    )
                )
                told.append((reached, rows, is_colleague or reached._may_export()))
        return told

    def _kept_from_export(self):
        """Those of these records that the acting person doesn't export themselves."""
        own = self._key_records_apart()
        return self.browse() if own and own._may_export() else own

    def _key_records_apart(self):
        """Those of these records that are data of key accounts, of whatever model."""
        if not hasattr(self, "_key_records"):
            return self.browse()
        return self.sudo()._key_records().sudo(False)

    def _tell_kept(self, total):
        """Say how many records an export leaves out, and whom to ask; kept on record."""
        events = self.env["nka.audit.event"]
        note = self.env._("Excluded from the export")
        new = self._name_in_bulk()
        events._append(
            [events._prepare_entry(self.env.user, "export", new=new, note=note)]
        )
        message = self.env._(
            "%(count)s of %(all)s records belong to key accounts and were not "
            "exported. Ask a supervisor for them: %(people)s.",
            count=len(self),
            all=total,
            people=self._name_exporters(),
        )
        tell(self.env, message)

    def _refuse_export(self):
        """Refuse that these records are taken along.

        :raise AccessError: names who may
        """
        self.env["nka.audit.event"]._append_refusal(
            self.env.user,
            "export",
            new=self._name_in_bulk(),
            note=self.env._("Refused"),
        )
        raise AccessError(
            self.env._(
                "Data of key accounts is exported by a supervisor only, and that is "
                "kept in the audit trail. Ask a supervisor for the list you need: %s.",
                self._name_exporters(),
            )
        )

    @api.model
    def _name_exporters(self):
        users = self.env["res.users"]
        return users._nka_name_holders(SUPERVISOR, self.env.company)

    def _printed_of_clients(self):
        """Those of these records that tell of key accounts when they are printed."""
        if hasattr(self, "_key_records"):
            return self.sudo()._key_records()
        if self._name.startswith("nka."):
            return self
        client = self._fields.get("partner_id")
        if not client or client.comodel_name != "res.partner":
            return self.browse()
        keys = self.sudo().partner_id._key_records()
        return self.filtered(lambda record: record.sudo().partner_id in keys)

    def _name_in_bulk(self):
        return self.env._(
            "%(model)s: %(count)s records",
            model=self.env["ir.model"]._get(self._name).sudo().name,
            count=len(self),
        )

    # ------------------------------------------------------------ database errors
    @api.model
    def _sql_error_to_message_generic(self, exc):
        """Say in a sentence what a constraint of one of our tables refused, for whoever met
        it. Odoo's words name tables, keys and models.
        """
        field = self._field_refused(exc.diag)
        if (exc.diag.table_name or "").startswith("nka_") or (field and is_ours(field)):
            if sentence := self._say_refused(exc, field):
                return sentence
        return super()._sql_error_to_message_generic(exc)

    @api.model
    def _field_refused(self, diag):
        """The one field a violated constraint is about, if it is about one."""
        if not diag.table_name or diag.table_name != self._table:
            return None
        columns = get_columns_from_sql_diagnostics(
            self.env.cr, diag, check_registry=True
        )
        return self._fields.get(columns[0]) if len(columns) == 1 else None

    @api.model
    def _say_refused(self, exc, field):
        name = self.env["ir.model"]._get(self._name).sudo().name
        words = {
            "model": name
            if self._table == exc.diag.table_name
            else self.env._("another list"),
            "field": field._description_string(self.env) if field else "…",
        }
        if isinstance(exc, NotNullViolation):
            return self.env._(
                "“%(field)s” of “%(model)s” is empty. Enter it and save again.",
                **words,
            )
        if isinstance(exc, ForeignKeyViolation | RestrictViolation):
            if (exc.diag.message_primary or "").startswith("insert"):
                return self.env._(
                    "The record selected as “%(field)s” of “%(model)s” has been "
                    "deleted in the meantime. Select another one.",
                    **words,
                )
            if exc.diag.constraint_name:
                return self.env._(
                    "This record can't be deleted because a record of “%(model)s” "
                    "refers to it in “%(field)s”. Archive it instead.",
                    **words,
                )
        if isinstance(exc, UniqueViolation | ExclusionViolation):
            return self.env._(
                "A record like this already exists in “%(model)s”; it may have just "
                "been created. Reload the page and use it.",
                **words,
            )
        if isinstance(exc, CheckViolation):
            return self.env._(
                "The values entered in “%(model)s” contradict each other or are out of "
                "range. Check dates, shares and amounts.",
                **words,
            )
        return None

    def _relations_in(self, names):
        """Dotted paths of the relations that columns go through or end in."""
        paths = set()
        for name in names:
            model, path = self, []
            for part in str(name).split("/"):
                field = model._fields.get(part)
                if not field or not field.comodel_name:
                    break
                path.append(part)
                paths.add(".".join(path))
                model = self.env[field.comodel_name]
        return sorted(paths)

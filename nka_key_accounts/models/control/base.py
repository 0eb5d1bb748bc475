"""Checks for exports and prints of any model that contain key account data, and
readable messages for violated constraints of the addon.
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
        """Export as Odoo does, without key account data that the user can't export.

        Rows with such data are excluded. The user is shown how many, and whom to ask.

        :raise AccessError: when no row remains
        """
        mixin = self.env["nka.read.mixin"]
        if not mixin._is_outermost():
            return super().export_data(fields_to_export)
        # Users may lack read access to rows that are excluded anyway.
        (self - self._kept_from_export() or self).check_access("read")
        exported = self._guard_export(fields_to_export)
        # Values read as superuser for the check must not be exported from the cache.
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
        """Count groups by a related field, such as orders grouped by the email of their
        client, which disclose the related values.

        :param domain: search domain
        :param groupby: groupby specifications
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
            if condition:
                among = Domain(domain) & condition
                readings._count(searched.search_count(among, limit=told))

    @api.model
    def _key_domain_through(self, path):
        """Return a domain of the records from which a path of fields leads to key
        account data.

        :param list[str] path: names of relational fields
        :return: None if the path doesn't lead to a counted model
        :rtype: Domain or None
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
        """Log that the current user exported these records.

        :param str note: exported columns, or the kind of export
        """
        events = self.env["nka.audit.event"]
        entry = events._prepare_entry(
            self.env.user, "export", new=self._name_in_bulk(), note=note
        )
        events._append([entry])

    def _guard_export(self, names):
        """Log an export of key account data; exclude rows that the user can't export.

        :param names: exported columns
        :return: the records to export
        :raise AccessError: when no record remains
        """
        if not self.env["nka.reading"]._is_watched():
            return self
        if self._name.startswith("nka.") and not hasattr(self, "_key_records"):
            self._record_bulk(", ".join(map(str, names)))
        kept = self.browse()
        for told, rows, may_export in self._told_in_export(names):
            if may_export:
                told._record_export(names)
                self.env["nka.reading"]._count(len(told), "export")
                self.env["nka.reading"]._note(told, "export")
            else:
                kept |= rows
        if not kept:
            return self
        if kept >= self:
            self._refuse_export()
        kept._tell_kept(len(self))
        return self - kept

    def _told_in_export(self, names):
        """Return the key account data that an export discloses: the exported records,
        and those that columns of other records lead to.

        :param names: exported columns
        :return: tuples of such records, the exported rows that disclose them, and
            whether the user can export them
        :rtype: list[tuple]
        """
        own = self._key_records_apart()
        told = [(own, own, own._may_export())] if own else []
        rest = self - own
        for path in rest._relations_in(names):
            reached = rest.sudo().mapped(path).sudo(False)._key_records_apart()
            is_colleague = reached and reached._is_colleague()
            if is_colleague:
                # Users without a role can export lists with names that they can read.
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
        """Return those of these records that the user can't export themselves."""
        own = self._key_records_apart()
        return self.browse() if own and own._may_export() else own

    def _key_records_apart(self):
        """Return those of these records that are key account data, for any model."""
        if not hasattr(self, "_key_records"):
            return self.browse()
        return self.sudo()._key_records().sudo(False)

    def _tell_kept(self, total):
        """Show how many records an export excludes and whom to ask, and log it.

        :param int total: number of records selected for the export
        """
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
        """Refuse the export of these records and log the attempt.

        :raise AccessError: names users who can export them
        """
        self.env["nka.audit.event"]._append_refusal(
            self.env.user,
            "export",
            new=self._name_in_bulk(),
            note=self.env._("Refused"),
        )
        raise AccessError(
            self.env._(
                "Only a supervisor can export key account data, and every export is "
                "recorded in the audit trail. Ask a supervisor for the list you need: "
                "%s.",
                self._name_exporters(),
            )
        )

    @api.model
    def _name_exporters(self):
        users = self.env["res.users"]
        return users._nka_name_holders(SUPERVISOR, self.env.company)

    def _printed_of_clients(self):
        """Return those of these records that contain key account data when printed."""
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
        """Return a readable message for violated constraints of the addon.

        Odoo's own message names tables, keys and models.
        """
        field = self._field_refused(exc.diag)
        if (exc.diag.table_name or "").startswith("nka_") or (field and is_ours(field)):
            if sentence := self._say_refused(exc, field):
                return sentence
        return super()._sql_error_to_message_generic(exc)

    @api.model
    def _field_refused(self, diag):
        """Return the field of a violated constraint, or None if it has several."""
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
        """Return the dotted paths of the relational fields that columns go through or
        end in.
        """
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

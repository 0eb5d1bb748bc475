from odoo import models
from odoo.exceptions import UserError


class MonthCloseChecklist(models.Model):
    """Goes through the checklist: every item says which records it is about."""

    _inherit = "nka.month.close"

    # ------------------------------------------------------------ business
    def _run_checks(self):
        """Go through all items anew; a query or two each, whatever the size."""
        self.env.flush_all()
        close = self.sudo()
        rows = [
            close._prepare_check(rule, *close._find(rule))
            for rule in self.env["nka.month.close.rule"].sudo().search([])
        ]
        close.check_ids.unlink()
        self.env["nka.month.close.check"].sudo()._unlocked().create(rows)
        self.invalidate_recordset(["check_ids"])

    def _find(self, rule):
        """Model and ids of what isn't in order.

        :return: ``(model, ids)``; ids are None while nobody can tell yet
        """
        return getattr(self, f"_find_{rule.code}")(rule)

    def _prepare_check(self, rule, model, ids):
        result = rule.severity if ids else "ok"
        return {
            "close_id": self.id,
            "sequence": rule.sequence,
            "code": rule.code,
            "severity": rule.severity,
            "count": len(ids or ()),
            "result": "pending" if ids is None else result,
            "res_model": model,
            "res_ids": sorted(ids or ()),
        }

    # ------------------------------------------------------------ checks
    def _check_unblocked(self):
        """Refuse while a blocking item is open; names them.

        :raise UserError: with everything that is to be settled
        """
        names = self._names_of("block")
        if names:
            raise UserError(
                self.env._(
                    "%(month)s can't go on yet. To be settled:\n%(items)s\nNothing was "
                    "changed.",
                    month=self.display_name,
                    items="\n".join(f"– {name}" for name in names),
                )
            )

    def _names_of(self, result):
        # The env's language, not the trail's: whoever is refused reads it.
        labels = dict(
            self.env["nka.month.close.check"]
            ._fields["code"]
            ._description_selection(self.env)
        )
        return [
            f"{labels[check.code]}: {check.count}"
            for check in self.sudo().check_ids
            if check.result == result
        ]

    def _say_warnings(self):
        """Warnings somebody approved in spite of, for the trail."""
        return "; ".join(self._names_of("warn")) or False

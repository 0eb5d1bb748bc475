"""What is refused about key accounts, and what the person may do instead."""

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..trail.roles import MANAGER, SUPERVISOR

#: Set by a supervisor or by a handover, never by the manager of the account.
SUPERVISED_FIELDS = (
    "deputy_id",
    "supervisor_id",
    "tier_id",
    "date_start",
    "cadence_days",
)


class KeyAccountChecks(models.Model):
    _inherit = "nka.key.account"

    @api.constrains("cadence_days")
    def _check_cadence(self):
        for account in self:
            if account.cadence_days < 1:
                raise ValidationError(
                    self.env._("Give the contact cadence in days, one or more.")
                )

    @api.constrains("partner_id")
    def _check_commercial_partner(self):
        for account in self:
            if account.partner_id != account.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(client)s: make the client "
                        "the key account.",
                        contact=account.partner_id.display_name,
                        client=account.partner_id.commercial_partner_id.display_name,
                    )
                )

    def _check_clients_stay(self):
        """A key account stays the head of its own group of contacts."""
        for account in self.sudo():
            if account.partner_id != account.partner_id.commercial_partner_id:
                raise UserError(
                    self.env._(
                        "%(account)s is a key account with a history of its own, so it "
                        "can't become a contact of %(client)s. Keep it a company; "
                        "nothing was changed.",
                        account=account.display_name,
                        client=account.partner_id.commercial_partner_id.display_name,
                    )
                )

    @api.constrains("manager_id", "deputy_id")
    def _check_two_people(self):
        for account in self:
            if account.manager_id and account.manager_id == account.deputy_id:
                raise ValidationError(
                    self.env._(
                        "Manager and deputy of %s must be two people: nobody is the "
                        "only one who knows an account.",
                        account.display_name,
                    )
                )

    @api.model
    def _may_supervise(self):
        """Whether the acting person decides on accounts that aren't his own.

        The system user loads data files and imports; ``env.su`` alone is no licence,
        because code runs as superuser on behalf of anybody.
        """
        return self.env.uid == SUPERUSER_ID or self.env.user.has_group(SUPERVISOR)

    @api.model
    def _check_new_manager(self, vals):
        """A manager nominates for himself; only a supervisor names somebody else."""
        manager_id = vals.get("manager_id")
        if manager_id and manager_id != self.env.uid and not self._may_supervise():
            raise AccessError(
                self.env._(
                    "You can nominate an account for yourself only. Leave the "
                    "manager empty and your supervisor will name one."
                )
            )

    def _check_ownership_write(self, vals):
        """Who owns a confirmed account changes by a handover only."""
        if {"partner_id", "company_id"} & vals.keys():
            raise UserError(
                self.env._(
                    "Client and company of a key account never change. Retire this "
                    "one and nominate the other client."
                )
            )
        if "manager_id" in vals:
            self._check_manager_write(vals)
        if not vals.keys().isdisjoint(SUPERVISED_FIELDS):
            self._check_supervised_write()

    def _check_manager_write(self, vals):
        if any(account.state in ("key", "former") for account in self):
            raise UserError(
                self.env._(
                    "A key account changes hands by a handover only, so that its "
                    "leads, files and credit go along. Use “Hand over”."
                )
            )
        self._check_new_manager(vals)

    def _check_supervised_write(self):
        if self._may_supervise():
            return
        if any(account.state != "candidate" for account in self):
            raise AccessError(
                self.env._(
                    "Tier, cadence, deputy, supervisor and start of a key account "
                    "are set by a supervisor. Ask yours; nothing was changed."
                )
            )

    def _check_confirmable(self):
        """Hook: what a candidate still needs before it may become a key account."""
        for account in self:
            if not account.manager_id:
                raise UserError(
                    self.env._(
                        "Name the key account manager of %s first.",
                        account.display_name,
                    )
                )
            self._check_manager_group(account.manager_id)

    @api.model
    def _check_manager_group(self, user):
        if not user.has_group(MANAGER):
            raise UserError(
                self.env._(
                    "%s isn't a key account manager yet. Give the user that role "
                    "under Settings ‣ Users first.",
                    user.name,
                )
            )

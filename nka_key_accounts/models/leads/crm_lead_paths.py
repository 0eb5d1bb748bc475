"""How leads come in, are converted and merged: Odoo's own ways, key leads apart."""

from odoo import api, models


class CrmLeadPaths(models.Model):
    _inherit = "crm.lead"

    @api.model
    def default_get(self, fields):
        return super(CrmLeadPaths, self._without_foreign_defaults()).default_get(fields)

    @api.model_create_multi
    def create(self, vals_list):
        return super(CrmLeadPaths, self._without_foreign_defaults()).create(vals_list)

    @api.model
    def _without_foreign_defaults(self):
        """Drop defaults that were meant for other models.

        Sales orders have a free-text ``origin``, and documents a key account of
        their own: their contexts reach a lead created on the way.
        """
        context = self.env.context
        foreign = {"default_key_account_id"} & context.keys()
        origins = self._fields["origin"].get_values(self.env)
        if context.get("default_origin") not in (None, False, *origins):
            foreign.add("default_origin")
        if not foreign:
            return self
        kept = {key: value for key, value in context.items() if key not in foreign}
        return self.with_env(self.env(context=kept))

    # ------------------------------------------------------------ incoming
    def _assign_userless_lead_in_team(self, creation_source):
        """A lead that comes in for a key account goes to the account's manager."""
        key_leads = self._of_key_accounts()
        key_leads._assign_to_account_manager()
        return super(CrmLeadPaths, self - key_leads)._assign_userless_lead_in_team(
            creation_source
        )

    def _assign_to_account_manager(self):
        for lead in self.sudo().filtered(lambda lead: not lead.user_id):
            lead.user_id = lead.key_account_id.manager_id

    # ------------------------------------------------------------ merging
    def _get_lead_duplicates(self, partner=None, email=None, include_lost=False):
        """Leave key leads out: conversion and assignment merge what is found here."""
        found = super()._get_lead_duplicates(partner, email, include_lost)
        return found if self._may_part() else found - found._of_key_accounts()

    def _merge_get_fields_specific(self):
        """Keep what is known of the origin; a claim is decided anew by then."""
        return {
            **super()._merge_get_fields_specific(),
            "is_vip": lambda fname, leads: any(leads.mapped("is_vip")),
            "origin": lambda fname, leads: leads._first_with_origin().origin,
            "referrer_id": lambda fname, leads: (
                leads._first_with_origin().sudo().referrer_id.id
            ),
        }

    def _first_with_origin(self):
        return self.filtered("origin")[:1]

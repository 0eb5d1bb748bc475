from odoo import api, models


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    @api.model
    def _of_client(self, client, company):
        """Return a client's account in a company or its parents, the nearest one first.

        Former accounts count: what was ordered before is still credited.

        :param client: res.partner, the commercial partner
        :param company: res.company
        :rtype: nka.key.account
        """
        companies = company.sudo().parent_ids.ids
        found = self.sudo().search(
            [
                ("partner_id", "=", client.id),
                ("company_id", "in", companies),
                ("state", "in", ("key", "former")),
            ]
        )
        return found.sorted(lambda one: -companies.index(one.company_id.id))[:1]

"""What plans, whitespace and offers tell of a client is counted and exported like him."""

from odoo import models


class AccountPlan(models.Model):
    _name = "nka.account.plan"
    _inherit = ["nka.account.plan", "nka.read.mixin"]


class WhitespaceLine(models.Model):
    _name = "nka.whitespace.line"
    _inherit = ["nka.whitespace.line", "nka.read.mixin"]


class GrowthSuggestion(models.Model):
    _name = "nka.growth.suggestion"
    _inherit = ["nka.growth.suggestion", "nka.read.mixin"]


class Concession(models.Model):
    _name = "nka.concession"
    _inherit = ["nka.concession", "nka.read.mixin"]


class OfferContribution(models.Model):
    _name = "nka.offer.contribution"
    _inherit = ["nka.offer.contribution", "nka.read.mixin"]

"""What else tells of a client is counted and exported like him: people, promises, plans, offers."""

from odoo import models


class AccountNote(models.Model):
    _name = "nka.account.note"
    _inherit = ["nka.account.note", "nka.read.mixin"]


class Assignment(models.Model):
    _name = "nka.assignment"
    _inherit = ["nka.assignment", "nka.read.mixin"]


class Commitment(models.Model):
    _name = "nka.commitment"
    _inherit = ["nka.commitment", "nka.read.mixin"]


class CompetitorPresence(models.Model):
    _name = "nka.competitor.presence"
    _inherit = ["nka.competitor.presence", "nka.read.mixin"]


class CreditRating(models.Model):
    _name = "nka.credit.rating"
    _inherit = ["nka.credit.rating", "nka.read.mixin"]


class DocumentFinding(models.Model):
    _name = "nka.document.finding"
    _inherit = ["nka.document.finding", "nka.read.mixin"]


class Qualification(models.Model):
    _name = "nka.qualification"
    _inherit = ["nka.qualification", "nka.read.mixin"]


class Stakeholder(models.Model):
    _name = "nka.stakeholder"
    _inherit = ["nka.stakeholder", "nka.read.mixin"]


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

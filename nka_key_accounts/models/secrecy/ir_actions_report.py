from typing import NamedTuple

import lxml.html

from odoo import fields, models
from odoo.tools import LazyTranslate, format_date, format_datetime

from ..trail.base import ADDON
from .stamp import stamp

_lt = LazyTranslate(__name__)

CONTEXT = "nka_secrecy_mark"
BLOCKS = "//div[contains(concat(' ', normalize-space(@class), ' '), ' {} ')]"
STYLE = (
    "font-size: 8px; line-height: 1.25; text-align: center; color: #444; "
    "border-top: 1px solid #999; padding-top: 2px; margin-bottom: 2px"
)


class Mark(NamedTuple):
    """What stands on each page. RPC clients can't put one into a context."""

    text: str


class IrActionsReport(models.Model):
    """Mark every page of the addon's reports while a secrecy regime is in force.

    Each print leaves an event in the audit trail first; its number is on the page.
    """

    _inherit = "ir.actions.report"
    _audit_kinds = {"print": _lt("Printed")}

    def _render_qweb_html(self, report_ref, docids, data=None):
        printing = self._mark_printing(report_ref, docids)
        content, kind = super(IrActionsReport, printing)._render_qweb_html(
            report_ref, docids, data=data
        )
        return self._put_mark(printing, content, kind), kind

    def _render_qweb_text(self, report_ref, docids, data=None):
        printing = self._mark_printing(report_ref, docids)
        content, kind = super(IrActionsReport, printing)._render_qweb_text(
            report_ref, docids, data=data
        )
        return self._put_mark(printing, content, kind), kind

    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        printing = self._mark_printing(report_ref, res_ids)
        content, kind = super(IrActionsReport, printing)._render_qweb_pdf(
            report_ref, res_ids=res_ids, data=data
        )
        return self._put_mark(printing, content, kind), kind

    # ------------------------------------------------------------ printing
    def _mark_printing(self, report_ref, docids):
        """Record the print if its pages are to be marked.

        Odoo also prints as superuser on behalf of users.

        :return: this model, with the mark in its context
        """
        if isinstance(self.env.context.get(CONTEXT), Mark):
            return self
        report = self._get_report(report_ref)
        if not report._is_marked():
            return self
        numbers = [docids] if isinstance(docids, int) else list(docids or ())
        records = self.env[report.model].sudo().browse(numbers).exists()
        regime = self._regime_of(records)
        if not regime:
            return self
        events = self.sudo(False).env["nka.audit.event"]
        printed = records if records else self.env.user.sudo()
        number = events._append_print(printed.sudo(False), report.sudo().name)
        return self.with_context(**{CONTEXT: self._prepare_mark(regime, number)})

    def _is_marked(self):
        """Return whether a report is one of the addon's."""
        name = self.sudo().report_name or ""
        return name.startswith(ADDON) or (self.model or "").startswith("nka.")

    def _regime_of(self, records):
        """Return the regime to name: that of the printed records' companies.

        Records without a company are marked for any company of the user, not for the
        current one: users choose that themselves.
        """
        companies = self.env["res.company"]
        if "company_id" in records._fields:
            companies = records.company_id
        companies = companies or self.env.user.sudo().company_ids | self.env.company
        return self.env["nka.secrecy.regime"]._in_force(companies)[:1]

    def _prepare_mark(self, regime, number):
        company = regime.company_id
        address = company.partner_id._display_address(without_company=True)
        holder = [company.name, *filter(None, map(str.strip, address.splitlines()))]
        return Mark(
            self.env._(
                "Trade secret of %(holder)s · Order %(order)s of %(day)s\n"
                "Printed by %(reader)s on %(moment)s · Print no. %(number)s",
                holder=", ".join(holder),
                order=regime.order_number,
                day=format_date(self.env, regime.date),
                reader=self.env.user.sudo().name,
                # The font of the mark has no narrow space.
                moment=format_datetime(
                    self.env, fields.Datetime.now(), dt_format="short"
                ).replace("\N{NARROW NO-BREAK SPACE}", " "),
                number=number,
            )
        )

    # ------------------------------------------------------------ page
    def _put_mark(self, printing, content, kind):
        """Return a rendered report with the mark on each page.

        Pages of HTML get it in the footer, or a footer with it.

        :param printing: result of :meth:`_mark_printing`; without a mark of its own,
            an outer method puts it
        """
        mark = printing.env.context.get(CONTEXT)
        if printing is self or not isinstance(mark, Mark):
            return content
        if kind == "pdf":
            return stamp(content, mark.text.split("\n"))
        parser = lxml.html.HTMLParser(encoding="utf-8")
        root = lxml.html.fromstring(content, parser=parser)
        footers = root.xpath(BLOCKS.format("footer"))
        for footer in footers or self._add_footers(root):
            footer.insert(0, self._draw_mark(mark))
        return lxml.html.tostring(root, encoding="utf-8", doctype="<!DOCTYPE html>")

    def _add_footers(self, root):
        footers = []
        for page in root.xpath(BLOCKS.format("article")) or root.xpath("//main"):
            footer = lxml.html.Element("div", {"class": "footer"})
            if page.tag == "main":
                page.append(footer)
            else:
                page.addnext(footer)
            footers.append(footer)
        return footers

    def _draw_mark(self, mark):
        box = lxml.html.Element("div", {"class": "nka_secrecy_mark", "style": STYLE})
        first, *lines = mark.text.split("\n")
        box.text = first
        for line in lines:
            box.append(lxml.html.Element("br"))
            box[-1].tail = line
        return box

"""Actions in accounting, HR, payroll and administration, and on portal pages."""

from lxml import etree

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form

from .hand import (
    BOOKS,
    PAYERS,
    action,
    attach,
    mention,
    schedule,
    specification,
)
from .world import OUTSIDE


@action("accounting", "make an invoice by the form", BOOKS)
def invoice_by_form(hand):
    context = {"default_move_type": "out_invoice"}
    with Form(hand.env["account.move"].with_context(**context)) as form:
        form.partner_id = hand.side.client.with_env(hand.env)
        with form.invoice_line_ids.new() as line:
            line.name, line.price_unit = "Film", 100
    hand.open(form.record)


@action("accounting", "open an invoice", BOOKS)
def open_invoice(hand):
    hand.open(hand.side.invoice)


@action("accounting", "post an invoice", BOOKS)
def post_invoice(hand):
    hand.call(hand.side.draft_invoice, "action_post")


@action("accounting", "change a draft invoice", BOOKS)
def change_invoice(hand):
    hand.save(hand.side.draft_invoice, ref="PO 1", invoice_user_id=hand.user.id)


@action("accounting", "delete a draft invoice", BOOKS)
def delete_invoice(hand):
    hand.call(hand.side.draft_invoice, "unlink")


@action("accounting", "reset an invoice to draft", BOOKS)
def reset_invoice(hand):
    hand.call(hand.side.invoice, "button_draft")


@action("accounting", "register a payment", BOOKS)
def pay_invoice(hand):
    hand.wizard("account.payment.register", hand.side.invoice, "action_create_payments")


@action("accounting", "credit an invoice", BOOKS)
def credit_invoice(hand):
    journal = hand.side.invoice.journal_id.id
    hand.wizard(
        "account.move.reversal", hand.side.invoice, "reverse_moves", journal_id=journal
    )


@action("accounting", "preview an invoice", BOOKS)
def preview_invoice(hand):
    hand.call(hand.side.invoice, "preview_invoice")


@action("accounting", "write on an invoice", BOOKS)
def message_invoice(hand):
    mention(hand, hand.side.invoice)


@action("accounting", "give a colleague an activity on an invoice", BOOKS)
def give_on_invoice(hand):
    schedule(hand, hand.side.invoice, hand.world.mate)


@action("accounting", "attach a file to an invoice", BOOKS)
def attach_to_invoice(hand):
    attach(hand, hand.side.invoice)


@action("accounting", "export invoices", BOOKS)
def export_invoices(hand):
    hand.call(
        hand.side.invoice, "export_data", ["name", "partner_id/name", "amount_total"]
    )


@action("accounting", "follow up: list what is due", BOOKS)
def list_due(hand):
    hand.find(hand.side.invoice)


@action("accounting", "make the client's bank account", BOOKS)
def bank_account(hand):
    hand.make("res.partner.bank", acc_number="DE1", partner_id=hand.side.client.id)


@action("accounting", "set the client's terms", BOOKS)
def payment_terms(hand):
    term = hand.world.env["account.payment.term"].search([], limit=1)
    hand.save(hand.side.client, property_payment_term_id=term.id)


@action("employees", "open an employee", PAYERS)
def open_employee(hand):
    hand.open(hand.side.employee)


@action("employees", "change an employee's phone", PAYERS)
def change_employee(hand):
    hand.save(hand.side.employee, work_phone="+1 555 0166")


@action("employees", "raise a wage", PAYERS)
def raise_wage(hand):
    hand.save(hand.side.employee, wage=3500)


@action("employees", "archive an employee", PAYERS)
def archive_employee(hand):
    hand.call(hand.side.employee, "action_archive")


@action("employees", "find colleagues", PAYERS)
def find_colleagues(hand):
    domain = [("id", "in", hand.side.employee.ids)]
    hand.ask("hr.employee", "web_search_read", domain, {"name": {}, "work_email": {}})


@action("employees", "open a leave", PAYERS)
def open_leave(hand):
    hand.open(hand.side.leave)


@action("employees", "approve a leave", PAYERS)
def approve_leave(hand):
    hand.call(hand.side.leave, "action_approve")


@action("employees", "refuse a leave", PAYERS)
def refuse_leave(hand):
    hand.call(hand.side.leave, "action_refuse")


@action("employees", "enter a leave for an employee", PAYERS)
def enter_leave(hand):
    hand.make(
        "hr.leave",
        employee_id=hand.side.employee.id,
        holiday_status_id=hand.side.leave_type.id,
        request_date_from="2025-04-07",
        request_date_to="2025-04-08",
    )


@action("employees", "enter a holiday for all", PAYERS)
def enter_holiday(hand):
    hand.make(
        "resource.calendar.leaves",
        name="Holiday",
        date_from="2025-05-01 00:00:00",
        date_to="2025-05-01 23:59:59",
    )


@action("payroll", "open a payslip", PAYERS)
def open_slip(hand):
    hand.open(hand.side.slip)


@action("payroll", "list payslips", PAYERS)
def list_slips(hand):
    hand.find(hand.side.slip)
    view = hand.ask("hr.payslip", "get_views", [(False, "list")])
    arch = etree.fromstring(view["views"]["list"]["arch"])
    asked = specification(arch, view["models"], "hr.payslip")
    hand.ask("hr.payslip", "web_search_read", [], asked)


@action("payroll", "make a payslip", PAYERS)
def make_slip(hand):
    slip = hand.make(
        "hr.payslip",
        name="April",
        employee_id=hand.side.employee.id,
        date_from="2025-04-01",
        date_to="2025-04-30",
        struct_id=hand.side.structure.id,
    )
    hand.open(slip)


@action("payroll", "compute a payslip", PAYERS)
def compute_slip(hand):
    hand.call(hand.side.slip, "compute_sheet")
    hand.open(hand.side.slip)


@action("payroll", "confirm a payslip", PAYERS)
def confirm_slip(hand):
    hand.call(hand.side.slip, "compute_sheet")
    hand.call(hand.side.slip, "action_payslip_done")


@action("payroll", "cancel a payslip", PAYERS)
def cancel_slip(hand):
    hand.call(hand.side.slip, "action_payslip_cancel")


@action("payroll", "change a payslip's period", PAYERS)
def change_slip(hand):
    hand.save(hand.side.slip, date_to="2025-03-20", note="Leaves on the 20th")


@action("payroll", "refund a payslip", PAYERS)
def refund_slip(hand):
    hand.call(hand.side.slip, "refund_sheet")


@action("payroll", "delete a payslip", PAYERS)
def delete_slip(hand):
    hand.call(hand.side.slip, "unlink")


@action("payroll", "open a batch", PAYERS)
def open_run(hand):
    hand.open(hand.side.run)


@action("payroll", "make a batch", PAYERS)
def make_run(hand):
    dates = {"date_start": "2025-04-01", "date_end": "2025-04-30"}
    hand.open(hand.make("hr.payslip.run", name="April", **dates))


@action("payroll", "make payslips of a batch", PAYERS)
def fill_run(hand):
    hand.wizard(
        "hr.payslip.employees",
        hand.side.run,
        "compute_sheet",
        employee_ids=[Command.set(hand.side.employee.ids)],
    )


@action("payroll", "close a batch", PAYERS)
def close_run(hand):
    hand.call(hand.side.run, "close_payslip_run")


@action("payroll", "open a salary rule", PAYERS)
def open_rules(hand):
    hand.open(hand.world.rule)


ADMINS = ("sales admin", "odoo admin")


@action("administration", "rename a colleague", ADMINS)
def rename_colleague(hand):
    hand.save(hand.world.mate, name="Renamed")


@action("administration", "open a user", ADMINS)
def open_user(hand):
    hand.open(hand.world.maria if hand.side is hand.world.key else hand.world.mate)


@action("administration", "give a colleague the group of sales", ADMINS)
def give_group(hand):
    group = hand.env.ref("sales_team.group_sale_manager").id
    hand.save(hand.world.mate, group_ids=[Command.link(group)])


@action("administration", "archive a user", ADMINS)
def archive_user(hand):
    user = hand.world.maria if hand.side is hand.world.key else hand.world.mate
    hand.call(user, "action_archive")


@action("administration", "make a user", ADMINS)
def make_user(hand):
    hand.make("res.users", name="Newcomer", login="newcomer@we.example")


@action("administration", "save the company", ADMINS)
def save_company(hand):
    hand.save(hand.env.company, phone="+1 555 0001")


@action("administration", "save general settings", ADMINS)
def save_settings(hand):
    settings = hand.make("res.config.settings")
    hand.call(settings, "execute")


@action("administration", "change a sales team", ADMINS)
def change_team(hand):
    hand.save(hand.world.team, name="Field sales")


@action("administration", "share a filter", ADMINS)
def share_filter(hand):
    vals = {"model_id": "crm.lead", "domain": "[]", "user_ids": []}
    hand.make("ir.filters", name="Hot deals", **vals)


@action("administration", "make a lost reason", ADMINS)
def make_reason(hand):
    hand.make("crm.lost.reason", name="No budget")


@action("administration", "let a person of the client into the portal", ADMINS)
def let_in(hand):
    person = hand.side.person
    answer = hand.wizard(
        "portal.wizard",
        person,
        "read",
        context={"default_partner_ids": person.ids},
        partner_ids=[Command.set(person.ids)],
    )
    rows = hand.env["portal.wizard.user"].browse(answer[0]["user_ids"])
    hand.call(
        rows.filtered(lambda row: row.partner_id == person), "action_grant_access"
    )


def page(words, url, roles=OUTSIDE, words_on_page=""):
    """Register an action that opens a page by its URL."""

    def visit(hand):
        text = hand.open_url(url(hand.side))
        if words_on_page and words_on_page not in text:
            raise UserError(f"The page doesn't say “{words_on_page}”")

    action("portal", words, roles)(visit)


page("open the home of the portal", lambda side: "/my/home")
page("open the list of quotations", lambda side: "/my/quotes")
page("open the list of orders", lambda side: "/my/orders")
page("open the list of invoices", lambda side: "/my/invoices")
page("open the own account", lambda side: "/my/account")
page("open a quotation", lambda side: f"/my/orders/{side.offer.id}")
page("open an invoice", lambda side: f"/my/invoices/{side.invoice.id}")
page(
    "open a quotation by its link",
    lambda side: f"/my/orders/{side.offer.id}?access_token={side.tokens['order']}",
)
page(
    "open an invoice by its link",
    lambda side: (
        f"/my/invoices/{side.invoice.id}?access_token={side.tokens['invoice']}"
    ),
)
page("open the login page", lambda side: "/web/login")


@action("portal", "read the own contact", ("portal",))
def read_own_contact(hand):
    hand.call(hand.side.guest.partner_id, "read", ["name", "email"])


@action("portal", "read the own orders", ("portal",))
def read_own_orders(hand):
    hand.call(hand.side.offer, "read", ["name", "amount_total"])


@action("portal", "read the own invoices", ("portal",))
def read_own_invoices(hand):
    hand.call(hand.side.invoice, "read", ["name", "amount_total"])


@action("portal", "read a deal", ("portal",))
def read_deal(hand):
    hand.call(hand.side.theirs, "read", ["name"])


@action("portal", "write on the own quotation", ("portal",))
def write_on_offer(hand):
    hand.call(hand.side.offer, "message_post", body="Fine")

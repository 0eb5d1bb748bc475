"""Actions of colleagues on meetings, quotations and orders."""

from odoo import Command, fields
from odoo.service.model import call_kw
from odoo.tests import Form

from .hand import BOOKS, action, mention, schedule
from .world import SELLERS

MEETERS = (
    "salesperson",
    "all documents",
    "sales admin",
    "hr",
    "internal",
    "odoo admin",
)


@action("calendar", "open a colleague's meeting with the client", MEETERS)
def open_meeting(hand):
    names = {
        "display_name": {},
        "start": {},
        "user_id": {"fields": {"display_name": {}}},
    }
    hand.call(hand.side.meeting, "web_read", names)


@action("calendar", "list the week", MEETERS)
def list_week(hand):
    hand.find(hand.side.meeting | hand.side.my_meeting[hand.role])


@action("calendar", "open one's own meeting", MEETERS)
def open_own_meeting(hand):
    hand.open(hand.side.my_meeting[hand.role])


@action("calendar", "move one's own meeting", MEETERS)
def move_own_meeting(hand):
    moment = fields.Datetime.to_string(
        fields.Datetime.add(fields.Datetime.now(), days=3)
    )
    hand.save(hand.side.my_meeting[hand.role], start=moment, stop=moment)


@action("calendar", "delete one's own meeting", MEETERS)
def delete_own_meeting(hand):
    hand.call(hand.side.my_meeting[hand.role], "unlink")


@action("calendar", "invite a colleague to one's own meeting", MEETERS)
def invite(hand):
    mate = hand.world.mate.partner_id.id
    hand.save(hand.side.my_meeting[hand.role], partner_ids=[Command.link(mate)])


@action("calendar", "meet a person of the client", MEETERS)
def meet_person(hand):
    now = fields.Datetime.to_string(fields.Datetime.now())
    people = (hand.user.partner_id | hand.side.person).ids
    meeting = hand.make(
        "calendar.event",
        name="Lunch",
        start=now,
        stop=now,
        partner_ids=[Command.set(people)],
    )
    hand.open(meeting)


@action("calendar", "move a colleague's meeting with the client", MEETERS)
def move_meeting(hand):
    hand.save(hand.side.meeting, location="Room 2")


@action("calendar", "accept one's own meeting", MEETERS)
def accept_meeting(hand):
    meeting = hand.side.my_meeting[hand.role]
    attendee = meeting.attendee_ids.filtered(
        lambda row: row.partner_id == hand.user.partner_id
    )
    hand.call(attendee, "do_accept")


@action("calendar", "repeat one's own meeting", MEETERS)
def repeat_meeting(hand):
    series = {"recurrency": True, "rrule_type": "weekly", "count": 3, "mon": True}
    hand.save(hand.side.my_meeting[hand.role], **series, end_type="count")


@action("calendar", "archive one's own meeting", MEETERS)
def archive_meeting(hand):
    hand.call(hand.side.my_meeting[hand.role], "action_archive")


@action("calendar", "write a note on one's own meeting", MEETERS)
def note_on_meeting(hand):
    meeting = hand.side.my_meeting[hand.role]
    hand.call(meeting, "message_post", body="Bring the film")


def on_quotation(words, roles=SELLERS):
    def register(function):
        action("sales", f"quotation: {words}", roles)(
            lambda hand: function(hand, hand.side.quotation[hand.role])
        )
        return function

    return register


def on_order(words, roles=SELLERS):
    def register(function):
        action("sales", f"order: {words}", roles)(
            lambda hand: function(hand, hand.side.order[hand.role])
        )
        return function

    return register


@action("sales", "enter a quotation by the form", SELLERS)
def quote_by_form(hand):
    with Form(hand.env["sale.order"]) as form:
        form.partner_id = hand.side.client.with_env(hand.env)
        with form.order_line.new() as line:
            line.product_id = hand.world.product.with_env(hand.env)
    hand.open(form.record)


@on_quotation("open it")
def open_quotation(hand, order):
    hand.open(order)


@on_quotation("add a line")
def add_line(hand, order):
    row = {"product_id": hand.world.product.id, "price_unit": 100}
    hand.save(order, order_line=[Command.create(row)])


@on_quotation("send it")
def send_quotation(hand, order):
    answer = hand.call(order, "action_quotation_send")
    composer = call_kw(
        hand.env["mail.compose.message"],
        "create",
        [{"body": "Please", "subject": "Offer"}],
        {"context": answer["context"]},
    )
    call_kw(
        hand.env["mail.compose.message"],
        "action_send_mail",
        [[composer]],
        {"context": answer["context"]},
    )


@on_quotation("mark it as sent")
def mark_sent(hand, order):
    hand.call(order, "action_quotation_sent")


@on_quotation("confirm it")
def confirm(hand, order):
    hand.call(order, "action_confirm")
    hand.open(order)


@on_quotation("cancel it")
def cancel(hand, order):
    hand.call(order, "action_cancel")


@on_quotation("delete it")
def delete_quotation(hand, order):
    hand.call(order, "action_cancel")
    hand.call(order, "unlink")


@on_quotation("duplicate it")
def copy_quotation(hand, order):
    hand.call(order, "copy")


@on_quotation("give 2 % discount and confirm")
def little_discount(hand, order):
    hand.save(order, order_line=[Command.update(order.order_line.id, {"discount": 2})])
    hand.call(order, "action_confirm")


@on_quotation("give 60 % discount and confirm")
def big_discount(hand, order):
    hand.save(order, order_line=[Command.update(order.order_line.id, {"discount": 60})])
    hand.call(order, "action_confirm")


@on_quotation("take the contract price list and confirm")
def contract_prices(hand, order):
    hand.save(order, pricelist_id=hand.world.pricelist.id)
    hand.call(order, "action_update_prices")
    hand.call(order, "action_confirm")


@on_quotation("add a free part and confirm")
def free_part(hand, order):
    row = {"product_id": hand.world.product.id, "price_unit": 0, "name": "Sample"}
    hand.save(order, order_line=[Command.create(row)])
    hand.call(order, "action_confirm")


@on_quotation("change its client")
def client_of_quotation(hand, order):
    hand.save(order, partner_id=hand.world.free.id)


@on_quotation("share its link")
def share_quotation(hand, order):
    hand.wizard(
        "portal.share",
        order,
        "action_send_mail",
        context={"default_res_model": "sale.order", "default_res_id": order.id},
        res_model="sale.order",
        res_id=order.id,
        partner_ids=[Command.set(hand.side.person.ids)],
    )


@on_quotation("mention a colleague")
def mention_on_quotation(hand, order):
    mention(hand, order)


@on_quotation("give a colleague an activity")
def give_on_quotation(hand, order):
    schedule(hand, order, hand.world.mate)


@on_order("open it")
def open_order(hand, order):
    hand.open(order)


@on_order("invoice it")
def invoice_order(hand, order):
    kind = {"advance_payment_method": "delivered"}
    hand.save(
        order, order_line=[Command.update(order.order_line.id, {"qty_delivered": 1})]
    )
    hand.wizard("sale.advance.payment.inv", order, "create_invoices", **kind)


@on_order("cancel it")
def cancel_order(hand, order):
    hand.call(order, "action_cancel")


@on_order("lock it")
def lock_order(hand, order):
    hand.call(order, "action_lock")


@on_order("add a line")
def add_to_order(hand, order):
    row = {"product_id": hand.world.product.id, "price_unit": 100}
    hand.save(order, order_line=[Command.create(row)])


@on_order("export it with its opportunity")
def export_orders(hand, order):
    rows = order | hand.world.other.order[hand.role]
    hand.call(rows, "export_data", ["name", "opportunity_id/name", "amount_total"])


@on_order("open its opportunity")
def deal_of_order(hand, order):
    hand.open(hand.mine)


@on_order("preview it")
def preview_order(hand, order):
    hand.call(order, "action_preview_sale_order")


@on_order("ask for a down payment")
def down_payment(hand, order):
    kind = {"advance_payment_method": "percentage", "amount": 10}
    hand.wizard("sale.advance.payment.inv", order, "create_invoices", **kind)


@on_order("write a message")
def message_order(hand, order):
    hand.call(order, "message_post", body="Hello", message_type="comment")


@action("sales", "list all orders with their opportunities", (*SELLERS, *BOOKS[1:]))
def list_orders(hand):
    orders = hand.world.env["sale.order"].concat(*hand.side.order.values())
    names = {"name": {}, "opportunity_id": {"fields": {"display_name": {}}}}
    hand.ask("sale.order", "web_search_read", [("id", "in", orders.ids)], names)


@action("sales", "export orders of colleagues", (*SELLERS, *BOOKS[1:]))
def export_all_orders(hand):
    orders = hand.world.env["sale.order"].concat(*hand.side.order.values())
    hand.call(orders, "export_data", ["name", "partner_id/name", "opportunity_id"])


@action("sales", "look at the sales analysis", SELLERS)
def sales_analysis(hand):
    groups = ["partner_id", "user_id"]
    hand.ask("sale.report", "formatted_read_group", [], groups, ["price_total:sum"])

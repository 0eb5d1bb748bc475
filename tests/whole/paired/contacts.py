"""Actions of colleagues on contacts."""

from odoo import Command

from .hand import (
    BATCH,
    OFFICE,
    STAFF,
    action,
    attach,
    follow,
    mention,
    read_files,
    schedule,
)
from .world import SELLERS


@action("contacts", "open the client", STAFF)
def open_client(hand):
    hand.open(hand.side.client)


@action("contacts", "open a person", OFFICE)
def open_person(hand):
    hand.open(hand.side.person)


@action("contacts", "list the contacts", STAFF)
def list_contacts(hand):
    hand.find(hand.side.client | hand.side.person)


@action("contacts", "look a client up by name", OFFICE)
def look_up(hand):
    hand.ask("res.partner", "name_search", hand.side.name)


@action("contacts", "group contacts by salesperson", OFFICE)
def group_contacts(hand):
    domain = [("id", "in", hand.side.client.ids)]
    hand.ask("res.partner", "formatted_read_group", domain, ["user_id"], ["__count"])


@action("contacts", "save the client's phone", STAFF)
def save_phone(hand):
    hand.save(hand.side.client, phone="+1 555 0199")


@action("contacts", "save a person's address", OFFICE)
def save_mail(hand):
    hand.save(hand.side.person, email="ann.new@we.example", street="Main street 1")


@action("contacts", "rename the client", OFFICE)
def rename_client(hand):
    hand.save(hand.side.client, name=f"{hand.side.name} Group")


@action("contacts", "change the client's salesperson and tags", OFFICE)
def tag_client(hand):
    tag = hand.world.env["res.partner.category"].create({"name": "Paired"})
    hand.save(
        hand.side.client, user_id=hand.user.id, category_id=[Command.link(tag.id)]
    )


@action("contacts", "add a person to the client", OFFICE)
def add_person(hand):
    hand.make("res.partner", name="New person", parent_id=hand.side.client.id)


@action("contacts", "add an address on the client's form", OFFICE)
def add_address(hand):
    row = {"name": "Store", "type": "delivery", "street": "Side street"}
    hand.save(hand.side.client, child_ids=[Command.create(row)])


@action("contacts", "archive the client", OFFICE)
def archive_client(hand):
    hand.call(hand.side.client, "action_archive")


@action("contacts", "archive a person", OFFICE)
def archive_person(hand):
    hand.call(hand.side.spare, "action_archive")


@action("contacts", "delete a person without documents", OFFICE)
def delete_person(hand):
    hand.call(hand.side.spare, "unlink")


@action("contacts", "delete the client", OFFICE)
def delete_client(hand):
    hand.call(hand.side.twin_client, "unlink")


@action("contacts", "merge two persons of the client", OFFICE)
def merge_persons(hand):
    two = hand.side.spare | hand.side.twin
    merge_contacts(hand, two, hand.side.twin)


@action("contacts", "merge the duplicate of a person with deals", OFFICE)
def merge_person_with_deals(hand):
    two = hand.side.person | hand.side.twin
    merge_contacts(hand, two, hand.side.person)


@action("contacts", "merge the client with its duplicate", OFFICE)
def merge_clients(hand):
    two = hand.side.client | hand.side.twin_client
    merge_contacts(hand, two, hand.side.client)


def merge_contacts(hand, two, kept):
    hand.wizard(
        "base.partner.merge.automatic.wizard",
        two,
        "action_merge",
        partner_ids=[Command.set(two.ids)],
        dst_partner_id=kept.id,
        state="selection",
    )


@action("contacts", "move a person to another client", OFFICE)
def move_person(hand):
    hand.save(hand.side.spare, parent_id=hand.world.free.id)


@action("contacts", "export contacts", OFFICE)
def export_contacts(hand):
    rows = hand.side.person | hand.world.free
    hand.call(rows, "export_data", ["name", "email"])


@action("contacts", "import a contact's phone", OFFICE)
def import_contact(hand):
    hand.load("res.partner", [".id", "phone"], (hand.side.person.id, "+1 555 0123"))


@action("contacts", "import new persons of the client", OFFICE)
def import_persons(hand):
    names = ["name", "parent_id/.id"]
    client = hand.side.client.id
    hand.load("res.partner", names, ("One", client), ("Two", client))


@action("contacts", "write a message on the client", OFFICE)
def message_client(hand):
    hand.call(hand.side.client, "message_post", body="Hello", message_type="comment")


@action("contacts", "mention a colleague on the client", OFFICE)
def mention_on_client(hand):
    mention(hand, hand.side.client)


@action("contacts", "plan a call with the client", OFFICE)
def plan_call(hand):
    schedule(hand, hand.side.client, hand.user)


@action("contacts", "give a colleague an activity on the client", OFFICE)
def give_call(hand):
    schedule(hand, hand.side.client, hand.world.mate)


@action("contacts", "attach a file to the client", OFFICE)
def attach_to_client(hand):
    attach(hand, hand.side.client)


@action("contacts", "follow the client", OFFICE)
def follow_client(hand):
    follow(hand, hand.side.client)


@action("contacts", "duplicate a person", OFFICE)
def copy_person(hand):
    hand.call(hand.side.person, "copy")


@action("contacts", "open the files of the client", OFFICE)
def files_of_client(hand):
    read_files(hand, hand.side.client)


@action("contacts", "open the client's deals", SELLERS)
def deals_of_client(hand):
    opened = hand.call(hand.side.client, "action_view_opportunity")
    hand.ask("crm.lead", "web_search_read", opened["domain"], {"name": {}})


@action("contacts", "open the client's meetings", OFFICE)
def meetings_of_client(hand):
    hand.call(hand.side.client, "schedule_meeting")


@action("contacts", "open the client's invoices", ("accountant", "invoicing"))
def invoices_of_client(hand):
    hand.call(hand.side.client, "action_view_partner_invoices")


@action("contacts", "set the client's price list", SELLERS)
def pricelist_of_client(hand):
    hand.save(hand.side.client, property_product_pricelist=hand.world.pricelist.id)


@action("contacts", "archive several contacts", BATCH)
def archive_contacts(hand):
    hand.call(hand.world.free | hand.side.client, "action_archive")

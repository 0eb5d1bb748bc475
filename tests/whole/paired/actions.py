"""What colleagues do in plain Odoo, as a browser asks for it.

An action is a function of a :class:`Hand`; ``@action`` gives it its application, its words
and the roles that are tried. Which of them plain Odoo lets through stands in
``outcomes.csv``.
"""

import base64
from typing import NamedTuple

from lxml import etree

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import Form

from .world import OUTSIDE, ROLES, SELLERS

STAFF = tuple(role for role in ROLES if role not in OUTSIDE)
OFFICE = ("salesperson", "all documents", "sales admin", "accountant", "hr", "odoo admin")
PEOPLE = (*SELLERS, "internal", "odoo admin")
BOOKS = ("sales admin", "accountant", "invoicing")
PAYERS = ("hr", "payroll", "payroll manager", "internal")
#: Whose list holds both a protected record and others.
BATCH = (*SELLERS, "odoo admin")


class Action(NamedTuple):
    """One thing that a colleague does."""

    app: str
    words: str
    roles: tuple
    do: object


ACTIONS = []


def action(app, words, roles):
    """Register a function as what these roles try."""

    def register(function):
        ACTIONS.append(Action(app, words, roles, function))
        return function

    return register


class Hand:
    """A role at work on one side of the world."""

    def __init__(self, env, world, side, role, open_url):
        self.env, self.world, self.side, self.role = env, world, side, role
        self.user = world.users[role]
        self.open_url = open_url

    # ------------------------------------------------------------ calls
    def call(self, records, method, *args, **kwargs):
        """Call a public method of records as a browser does."""
        model = self.env[records._name]
        return call_kw(model, method, [records.ids, *args], kwargs)

    def ask(self, model, method, *args, **kwargs):
        """Call a public method of a model."""
        return call_kw(self.env[model], method, list(args), kwargs)

    def make(self, model, **vals):
        """Create one record; returns it as the role sees it."""
        return self.env[model].browse(self.ask(model, "create", vals))

    def save(self, records, **vals):
        """Save a form or a selection of a list."""
        return self.call(records, "web_save", vals, {"display_name": {}})

    def open(self, records):
        """Open the form with everything that its view asks for."""
        model = records._name
        view = self.ask(model, "get_views", [(False, "form")], options={"toolbar": True})
        arch = etree.fromstring(view["views"]["form"]["arch"])
        asked = specification(arch, view["models"], model)
        return self.call(records, "web_read", asked)

    def find(self, records, **domain):
        """Open the list: it has to answer, whatever it shows."""
        names = {"display_name": {}, "create_uid": {"fields": {}}}
        query = [("id", "in", records.ids)]
        return self.ask(records._name, "web_search_read", query, names)

    def wizard(self, model, records, method, context=None, **vals):
        """Fill in a wizard on records and press its button."""
        self.call(records, "web_read", {"display_name": {}})
        active = {
            "active_model": records._name,
            "active_ids": records.ids,
            "active_id": records.ids[:1] and records.ids[0],
            **(context or {}),
        }
        number = call_kw(self.env[model], "create", [vals], {"context": active})
        return call_kw(self.env[model], method, [[number]], {"context": active})

    def load(self, model, names, *rows):
        """Import rows; what an import tells as messages is a refusal, too."""
        answer = self.ask(model, "load", names, [list(map(str, row)) for row in rows])
        if not answer["ids"]:
            raise UserError(" / ".join(row["message"] for row in answer["messages"]))
        return answer

    # ------------------------------------------------------------ records
    @property
    def mine(self):
        return self.side.mine[self.role]

    @property
    def deal(self):
        """Somebody else's deal."""
        return self.side.theirs


def specification(node, models, model):
    """What a view asks of a model, as the web client derives it from the arch."""
    asked = {}
    for child in node:
        if not isinstance(child.tag, str):
            continue
        if child.tag != "field":
            asked.update(specification(child, models, model))
            continue
        name = child.get("name")
        field = models.get(model, {}).get("fields", {}).get(name)
        if not field:
            continue
        asked[name] = {}
        if field["type"] == "many2one":
            asked[name] = {"fields": {"display_name": {}}}
        elif field["type"] in ("one2many", "many2many"):
            below = [sub for sub in child if sub.tag in ("list", "kanban", "form")]
            if below:
                rows = specification(below[0], models, field["relation"])
                asked[name] = {"fields": rows}
    return asked


# ---------------------------------------------------------------- contacts
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
    hand.save(hand.side.client, user_id=hand.user.id, category_id=[Command.link(tag.id)])


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


@action("contacts", "archive several contacts", BATCH)
def archive_contacts(hand):
    hand.call(hand.world.free | hand.side.client, "action_archive")


def mention(hand, record):
    words = {"body": "@mate please look", "partner_ids": hand.world.mate.partner_id.ids}
    hand.call(record, "message_post", message_type="comment", **words)


def schedule(hand, record, user):
    kind = hand.env.ref("mail.mail_activity_data_todo").id
    hand.make(
        "mail.activity",
        res_model_id=hand.env["ir.model"]._get_id(record._name),
        res_id=record.id,
        activity_type_id=kind,
        user_id=user.id,
        summary="Please",
    )


def attach(hand, record):
    hand.make(
        "ir.attachment",
        name="note.txt",
        datas=base64.b64encode(b"note").decode(),
        res_model=record._name,
        res_id=record.id,
    )


def follow(hand, record):
    hand.call(record, "message_subscribe", partner_ids=hand.user.partner_id.ids)


# ---------------------------------------------------------------- deals
def on_deals(words, roles=None):
    """Register an action on one's own deal and on somebody else's."""

    def register(function):
        action("crm", f"own deal: {words}", roles or SELLERS)(
            lambda hand: function(hand, hand.mine)
        )
        action("crm", f"a colleague's deal: {words}", roles or PEOPLE)(
            lambda hand: function(hand, hand.deal)
        )
        return function

    return register


@on_deals("open it")
def open_deal(hand, deal):
    hand.open(deal)


@on_deals("change revenue and next step")
def change_deal(hand, deal):
    hand.save(deal, expected_revenue=2000, date_deadline="2030-01-01", priority="2")


@on_deals("move it to the next stage")
def next_stage(hand, deal):
    hand.save(deal, stage_id=hand.world.stages[1].id)


@on_deals("win it")
def win_deal(hand, deal):
    hand.call(deal, "action_set_won_rainbowman")


@on_deals("drag it to Won")
def drag_to_won(hand, deal):
    hand.save(deal, stage_id=hand.world.won.id)


@on_deals("win it and look at it")
def win_and_look(hand, deal):
    hand.call(deal, "action_set_won_rainbowman")
    hand.open(deal)


@on_deals("lose it")
def lose_deal(hand, deal):
    lose(hand, deal)


def lose(hand, deals):
    hand.wizard(
        "crm.lead.lost",
        deals,
        "action_lost_reason_apply",
        lead_ids=[Command.set(deals.ids)],
        lost_reason_id=hand.world.lost_reason.id,
    )


@on_deals("set probability 0, then lose it")
def lose_at_zero(hand, deal):
    hand.save(deal, probability=0)
    lose(hand, deal)


@on_deals("lose it and look at it")
def lose_and_look(hand, deal):
    lose(hand, deal)
    hand.open(deal)


@on_deals("archive it")
def archive_deal(hand, deal):
    hand.call(deal, "action_archive")


@on_deals("give it to a colleague")
def give_deal(hand, deal):
    hand.save(deal, user_id=hand.world.mate.id)


@on_deals("take it over")
def take_deal(hand, deal):
    hand.save(deal, user_id=hand.user.id)


@on_deals("leave it to nobody")
def unassign_deal(hand, deal):
    hand.save(deal, user_id=False)


@on_deals("correct its client")
def change_client(hand, deal):
    hand.save(deal, partner_id=hand.world.free.id)


@on_deals("take the client off")
def drop_client(hand, deal):
    hand.save(deal, partner_id=False)


@on_deals("change the client's phone on it")
def phone_on_deal(hand, deal):
    hand.save(deal, phone="+1 555 0177", email_from="ann2@we.example")


@on_deals("delete it")
def delete_deal(hand, deal):
    hand.call(deal, "unlink")


@on_deals("duplicate it")
def copy_deal(hand, deal):
    hand.call(deal, "copy")


@on_deals("make a quotation from it")
def quote_deal(hand, deal):
    answer = hand.call(deal, "action_sale_quotations_new")
    context = {
        key: value
        for key, value in (answer.get("context") or {}).items()
        if key.startswith("default_")
    }
    client = hand.side.client.id
    call_kw(
        hand.env["sale.order"], "create", [{"partner_id": client}], {"context": context}
    )


@on_deals("plan a meeting about it")
def meet_about_deal(hand, deal):
    hand.call(deal, "action_schedule_meeting")
    now = fields.Datetime.to_string(fields.Datetime.now())
    people = (hand.user.partner_id | hand.side.person).ids
    hand.make(
        "calendar.event",
        name="Demo",
        start=now,
        stop=now,
        opportunity_id=deal.id,
        partner_ids=[Command.set(people)],
    )


@on_deals("write a message")
def message_deal(hand, deal):
    hand.call(deal, "message_post", body="Hello", message_type="comment")


@on_deals("mention a colleague")
def mention_on_deal(hand, deal):
    mention(hand, deal)


@on_deals("plan an activity")
def plan_on_deal(hand, deal):
    schedule(hand, deal, hand.user)


@on_deals("give a colleague an activity")
def give_on_deal(hand, deal):
    schedule(hand, deal, hand.world.mate)


@on_deals("finish an activity")
def finish_activity(hand, deal):
    todo = hand.side.activity
    if deal == hand.side.mine.get(hand.role):
        todo = hand.side.my_activity[hand.role]
    hand.call(todo, "action_feedback", feedback="Done")


@on_deals("attach a file")
def attach_to_deal(hand, deal):
    attach(hand, deal)


@on_deals("follow it")
def follow_deal(hand, deal):
    follow(hand, deal)


@on_deals("merge it with another one")
def merge_deals(hand, deal):
    two = deal | hand.side.mine_too.get(hand.role, hand.side.new)
    hand.wizard(
        "crm.merge.opportunity",
        two,
        "action_merge",
        opportunity_ids=[Command.set(two.ids)],
        user_id=hand.user.id,
    )


@on_deals("export it with others")
def export_deals(hand, deal):
    others = hand.world.other.mine.get(hand.role, hand.world.other.theirs)
    hand.call(deal | others, "export_data", ["name", "partner_id/name"])


@on_deals("import a new amount")
def import_deal(hand, deal):
    hand.load("crm.lead", [".id", "expected_revenue"], (deal.id, 3000))


@on_deals("read its messages")
def read_messages(hand, deal):
    domain = [("model", "=", "crm.lead"), ("res_id", "=", deal.id)]
    found = hand.ask("mail.message", "search", domain)
    hand.call(hand.env["mail.message"].browse(found), "read", ["body", "author_id"])


@on_deals("open the client from it")
def client_of_deal(hand, deal):
    hand.call(deal, "read", ["partner_id"])
    hand.open(hand.side.person)


@action("crm", "restore an own lost deal", SELLERS)
def restore_deal(hand):
    hand.call(hand.side.lost[hand.role], "action_unarchive")


@action("crm", "win an own lost deal", SELLERS)
def win_lost_deal(hand):
    hand.call(hand.side.lost[hand.role], "action_set_won_rainbowman")


@action("crm", "open the pipeline", PEOPLE)
def open_pipeline(hand):
    deals = hand.side.mine.get(hand.role, hand.deal) | hand.deal
    hand.find(deals)
    hand.ask(
        "crm.lead",
        "web_read_group",
        [("id", "in", deals.ids)],
        ["stage_id"],
        ["expected_revenue:sum"],
        auto_unfold=True,
        unfold_read_specification={"name": {}, "partner_id": {"fields": {}}},
    )


@action("crm", "open the activity list of deals", PEOPLE)
def list_activities(hand):
    hand.ask("crm.lead", "get_views", [(False, "list")])
    hand.ask("mail.activity", "get_activity_data", "crm.lead", [])


def new_deal(hand, **vals):
    values = {"type": "opportunity", "partner_id": hand.side.person.id, **vals}
    return hand.make("crm.lead", name="Interested in film", **values)


@action("crm", "enter a deal of the client", PEOPLE)
def enter_deal(hand):
    hand.open(new_deal(hand, user_id=hand.user.id))


@action("crm", "enter a deal by the form", SELLERS)
def enter_by_form(hand):
    with Form(hand.env["crm.lead"].with_context(default_type="opportunity")) as form:
        form.name = "By form"
        form.partner_id = hand.side.person.with_env(hand.env)
    hand.open(form.record)


@action("crm", "enter a deal won at once", SELLERS)
def enter_won(hand):
    new_deal(hand, user_id=hand.user.id, stage_id=hand.world.won.id)


@action("crm", "enter a tip for its manager", PEOPLE)
def tip_for_manager(hand):
    tip = new_deal(hand, user_id=hand.world.maria.id)
    hand.call(tip, "web_read", {"display_name": {}})


@action("crm", "enter a tip for nobody", PEOPLE)
def tip_for_nobody(hand):
    tip = new_deal(hand, user_id=False)
    hand.call(tip, "web_read", {"display_name": {}})


@action("crm", "enter a tip for a colleague", PEOPLE)
def tip_for_colleague(hand):
    tip = new_deal(hand, user_id=hand.world.mate.id)
    hand.call(tip, "web_read", {"display_name": {}})


@action("crm", "enter a lead", PEOPLE)
def enter_lead(hand):
    new_deal(hand, type="lead", user_id=hand.user.id)


@action("crm", "import new deals", SELLERS)
def import_deals(hand):
    names = ["name", "type", "partner_id/.id"]
    client = hand.side.person.id
    hand.load("crm.lead", names, ("A", "Opportunity", client), ("B", "Opportunity", client))


def mistaken(hand):
    """A deal that was just entered with the wrong client."""
    return new_deal(hand, user_id=hand.user.id)


@action("crm", "chosen by mistake: another client", SELLERS)
def mistake_other(hand):
    hand.save(mistaken(hand), partner_id=hand.world.free.id)


@action("crm", "chosen by mistake: no client", SELLERS)
def mistake_none(hand):
    hand.save(mistaken(hand), partner_id=False)


@action("crm", "chosen by mistake: archive the deal", SELLERS)
def mistake_archive(hand):
    hand.call(mistaken(hand), "action_archive")


@action("crm", "chosen by mistake: delete the deal", SELLERS)
def mistake_delete(hand):
    hand.call(mistaken(hand), "unlink")


@action("crm", "chosen by mistake: hand it on", SELLERS)
def mistake_give(hand):
    hand.save(mistaken(hand), user_id=hand.world.mate.id)


@action("crm", "chosen by mistake: merge it", SELLERS)
def mistake_merge(hand):
    right = hand.make("crm.lead", name="Right one", type="opportunity")
    two = mistaken(hand) | right
    hand.wizard(
        "crm.merge.opportunity",
        two,
        "action_merge",
        opportunity_ids=[Command.set(two.ids)],
        user_id=hand.user.id,
    )


@action("crm", "set the client on a deal without one", SELLERS)
def give_client(hand):
    lead = hand.make("crm.lead", name="Who?", type="opportunity", user_id=hand.user.id)
    hand.save(lead, partner_id=hand.side.person.id)
    hand.open(lead)


@action("crm", "convert an own enquiry", SELLERS)
def convert_enquiry(hand):
    convert(hand, hand.side.enquiry[hand.role], name="convert")


@action("crm", "convert an own enquiry, merging duplicates", SELLERS)
def convert_merge(hand):
    lead = hand.side.enquiry[hand.role]
    duplicates = lead | hand.side.mine_too[hand.role]
    found = [Command.set(duplicates.ids)]
    convert(hand, lead, name="merge", duplicated_lead_ids=found)


def convert(hand, lead, **vals):
    hand.wizard(
        "crm.lead2opportunity.partner",
        lead,
        "action_apply",
        user_id=hand.user.id,
        action="exist",
        partner_id=hand.side.person.id,
        **vals,
    )


@action("crm", "convert enquiries in a batch", SELLERS)
def convert_batch(hand):
    leads = hand.side.enquiry[hand.role] | hand.world.other.enquiry[hand.role]
    hand.wizard(
        "crm.lead2opportunity.partner.mass",
        leads,
        "action_mass_convert",
        user_ids=[Command.set(hand.user.ids)],
        deduplicate=False,
    )


@action("crm", "convert enquiries in a batch for colleagues", SELLERS)
def convert_batch_for(hand):
    leads = hand.side.enquiry[hand.role] | hand.world.other.enquiry[hand.role]
    people = hand.user | hand.world.mate
    hand.wizard(
        "crm.lead2opportunity.partner.mass",
        leads,
        "action_mass_convert",
        user_ids=[Command.set(people.ids)],
        force_assignment=True,
        deduplicate=False,
    )


@action("crm", "Assign Leads of the team", SELLERS)
def assign_leads(hand):
    hand.call(hand.world.team, "action_assign_leads")


@action("crm", "open the team", SELLERS)
def open_team(hand):
    hand.open(hand.world.team)


@action("crm", "open an unassigned tip", PEOPLE)
def open_tip(hand):
    hand.open(hand.side.new)


@action("crm", "take an unassigned tip", PEOPLE)
def take_tip(hand):
    hand.save(hand.side.new, user_id=hand.user.id)


def batch_of(hand):
    """Deals of a list of which some are protected."""
    own = hand.side.mine.get(hand.role, hand.deal)
    return own | hand.world.other.mine.get(hand.role, hand.world.other.theirs)


@action("crm", "batch: archive", BATCH)
def batch_archive(hand):
    hand.call(batch_of(hand), "action_archive")


@action("crm", "batch: next stage", BATCH)
def batch_stage(hand):
    hand.save(batch_of(hand), stage_id=hand.world.stages[1].id)


@action("crm", "batch: give to a colleague", BATCH)
def batch_assign(hand):
    hand.save(batch_of(hand), user_id=hand.world.mate.id)


@action("crm", "batch: won", BATCH)
def batch_won(hand):
    hand.save(batch_of(hand), stage_id=hand.world.won.id)


@action("crm", "batch: lose", BATCH)
def batch_lose(hand):
    lose(hand, batch_of(hand))


@action("crm", "batch: delete", BATCH)
def batch_delete(hand):
    hand.call(batch_of(hand), "unlink")


@action("crm", "batch: plan activities", BATCH)
def batch_activities(hand):
    deals = batch_of(hand)
    hand.wizard(
        "mail.activity.schedule",
        deals,
        "action_schedule_activities",
        res_model="crm.lead",
        res_ids=str(deals.ids),
        activity_type_id=hand.env.ref("mail.mail_activity_data_todo").id,
        activity_user_id=hand.user.id,
    )


@action("crm", "change the requirements of a stage", (*SELLERS, "odoo admin"))
def change_stage(hand):
    hand.save(hand.world.stages[1], name="Qualified client", requirements="Budget known")


@action("crm", "make a stage", (*SELLERS, "odoo admin"))
def make_stage(hand):
    hand.open(hand.make("crm.stage", name="Pilot", sequence=20))


@action("crm", "look at the activity report", SELLERS)
def activity_report(hand):
    domain = [("lead_id", "in", (hand.mine | hand.deal).ids)]
    hand.ask("crm.activity.report", "formatted_read_group", domain, ["user_id"])


# ---------------------------------------------------------------- calendar
MEETERS = ("salesperson", "all documents", "sales admin", "hr", "internal", "odoo admin")


@action("calendar", "open a colleague's meeting with the client", MEETERS)
def open_meeting(hand):
    names = {"display_name": {}, "start": {}, "user_id": {"fields": {"display_name": {}}}}
    hand.call(hand.side.meeting, "web_read", names)


@action("calendar", "list the week", MEETERS)
def list_week(hand):
    hand.find(hand.side.meeting | hand.side.my_meeting[hand.role])


@action("calendar", "open one's own meeting", MEETERS)
def open_own_meeting(hand):
    hand.open(hand.side.my_meeting[hand.role])


@action("calendar", "move one's own meeting", MEETERS)
def move_own_meeting(hand):
    moment = fields.Datetime.to_string(fields.Datetime.add(fields.Datetime.now(), days=3))
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


@action("calendar", "write a note on one's own meeting", MEETERS)
def note_on_meeting(hand):
    meeting = hand.side.my_meeting[hand.role]
    hand.call(meeting, "message_post", body="Bring the film")


# ---------------------------------------------------------------- sales
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
    hand.save(order, order_line=[Command.update(order.order_line.id, {"qty_delivered": 1})])
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


# ---------------------------------------------------------------- accounting
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
    hand.call(hand.side.invoice, "export_data", ["name", "partner_id/name", "amount_total"])


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


# ---------------------------------------------------------------- people and payroll
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


# ---------------------------------------------------------------- administration
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
    hand.call(rows.filtered(lambda row: row.partner_id == person), "action_grant_access")


# ---------------------------------------------------------------- clients and visitors
def page(words, url, roles=OUTSIDE, words_on_page=""):
    """Register a page that is opened by its address."""

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
    lambda side: f"/my/invoices/{side.invoice.id}?access_token={side.tokens['invoice']}",
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

"""Actions of colleagues on leads and deals, their own and those of others."""

from odoo import Command, fields
from odoo.service.model import call_kw
from odoo.tests import Form

from .hand import (
    BATCH,
    PEOPLE,
    action,
    attach,
    follow,
    mention,
    read_files,
    schedule,
)
from .world import SELLERS


def on_deals(words, roles=None):
    """Register an action for the user's own deal and for a colleague's."""

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


@on_deals("open its files")
def files_of_deal(hand, deal):
    read_files(hand, deal)


@on_deals("put an activity off")
def put_off(hand, deal):
    todo = hand.side.activity
    if deal == hand.side.mine.get(hand.role):
        todo = hand.side.my_activity[hand.role]
    hand.save(todo, date_deadline="2030-01-01")


@on_deals("stop following it")
def unfollow(hand, deal):
    hand.call(deal, "message_unsubscribe", partner_ids=hand.user.partner_id.ids)


@on_deals("set its tags and team")
def tag_deal(hand, deal):
    tag = hand.world.env["crm.tag"].create({"name": "Paired"})
    hand.save(deal, tag_ids=[Command.link(tag.id)], team_id=hand.world.team.id)


@on_deals("turn it into a lead")
def back_to_lead(hand, deal):
    hand.save(deal, type="lead")


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
    hand.load(
        "crm.lead", names, ("A", "Opportunity", client), ("B", "Opportunity", client)
    )


def mistaken(hand):
    """Create a deal of the user as if with the wrong client, and return it."""
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
    """Return deals of both sides, so that some of them are protected."""
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
    hand.save(
        hand.world.stages[1], name="Qualified client", requirements="Budget known"
    )


@action("crm", "make a stage", (*SELLERS, "odoo admin"))
def make_stage(hand):
    hand.open(hand.make("crm.stage", name="Pilot", sequence=20))


@action("crm", "look at the pipeline analysis", SELLERS)
def pipeline_analysis(hand):
    groups = ["user_id", "stage_id"]
    hand.ask("crm.lead", "formatted_read_group", [], groups, ["expected_revenue:sum"])


@action("crm", "look at the activity report", SELLERS)
def activity_report(hand):
    domain = [("lead_id", "in", (hand.mine | hand.deal).ids)]
    hand.ask("crm.activity.report", "formatted_read_group", domain, ["user_id"])

"""Documents of the accounts and deals: approved for the gates, waiting, returned, late."""

from datetime import datetime, time, timedelta
from io import BytesIO

from dateutil.relativedelta import relativedelta
from reportlab.pdfgen.canvas import Canvas

from odoo import Command, fields

from ..models.documents import content
from .leads import TABLE as LEADS
from .leads import set_age as set_lead_age
from .records import ago, create_missing, login, missing, named, table, workday

#: Documents of the account that a deal needs to leave its first stage.
ACCOUNT_TYPES = ("client_card", "credit_check")
#: Documents of the deal itself, by the stage it reaches.
DEAL_TYPES = {"proposition": ("offer",), "won": ("offer", "contract")}
#: States that lie behind an approval.
PASSED = ("approved", "superseded", "expired")
#: Days a review took, in turn; the types allow two or three.
TOOK = (1, 2, 0, 1, 3, 1, 2, 5)
#: Names of the documents whose reviewer or author is late, and by how many days.
LATE = {"document_contract_coil": 4, "document_contract_serial": 2}
#: A company that became part of a client, the client, and the days of its deal and
#: invoice.
JOINED = ("express", "Lukoshko Express", "client_lukoshko", 19, 40)
#: Where the text of a page begins and how far its lines are apart, in points.
TOP, LEFT, LINE = 780, 72, 20


# ---------------------------------------------------------------- what the gates ask for
def file_dossiers(env):
    """Every deal that moves on has its documents approved."""
    rows = [row for row in table(LEADS) if row["owner"] and row["stage"] != "new"]
    reviewer = login(env, "supervisor")
    for row in rows:
        lead = named(env, f"lead_{row['lead']}")
        documents = env["nka.document"].with_user(login(env, row["owner"]))
        account = lead.key_account_id
        for kind in ACCOUNT_TYPES if account else ():
            client = account.partner_id.get_external_id()[account.partner_id.id]
            name = f"document_{kind}_{client.rpartition('_')[2]}"
            approve(write(documents, name, kind, account), reviewer)
        for kind in DEAL_TYPES.get(row["stage"], ()):
            name = f"document_{kind}_{row['lead']}"
            approve(write(documents, name, kind, lead), reviewer)


def write(documents, name, kind, subject):
    """A draft with one file about an account or a deal, unless it is there.

    :param documents: the empty recordset, as the author
    :param str kind: end of the external id of the type
    """
    link = "lead_id" if subject._name == "crm.lead" else "key_account_id"
    kind = documents.env.ref(f"nka_key_accounts.nka_document_type_{kind}").sudo()
    title = f"{kind.name}: {subject.display_name}"
    vals = {"type_id": kind.id, "title": title, link: subject.id}
    made = create_missing(documents, {name: vals})
    if made:
        attach(made, title, kind.item_ids.mapped("name"))
    return made


def attach(document, title, lines):
    client = document.sudo().partner_id.commercial_partner_id.name
    document.env["ir.attachment"].create(
        {
            "name": f"{document.name.replace('/', '-')}.pdf",
            "raw": page(title, [client, *lines]),
            "res_model": document._name,
            "res_id": document.id,
        }
    )


def page(title, lines):
    """A PDF of one page, the same bytes every time.

    :param str title: its heading
    :param list[str] lines: what stands below
    :rtype: bytes
    """
    target = BytesIO()
    canvas = Canvas(target, invariant=True)
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(LEFT, TOP, title)
    canvas.setFont("Helvetica", 11)
    for number, line in enumerate(lines, start=2):
        canvas.drawString(LEFT, TOP - number * LINE, line)
    canvas.save()
    return target.getvalue()


def approve(document, reviewer):
    """Submit as the author; the reviewer goes through the checklist and approves."""
    if not document:
        return
    document.action_submit()
    reviewed = document.with_user(reviewer)
    reviewed.check_ids.is_done = True
    reviewed.action_approve()


# ---------------------------------------------------------------- what is under way
def queue(env):
    """What waits for the supervisors, came back to its author or is being written."""
    supervisor = login(env, "supervisor2")
    for row in table("documents/queue.csv"):
        lead = named(env, f"lead_{row['lead']}")
        documents = env["nka.document"].with_user(lead.user_id)
        made = write(documents, f"document_{row['document']}", row["type"], lead)
        if made and row["state"] in PASSED:
            pass_review(made, row["state"], supervisor)
        elif made and row["state"] != "draft":
            made.action_submit()
            return_with(made.with_user(supervisor), row["finding"])


def pass_review(document, state, supervisor):
    """Approve; then let a new revision or the end of its validity take its place."""
    if state == "expired":
        document.valid_until = fields.Date.today() - relativedelta(days=10)
    approve(document, supervisor)
    if state == "expired":
        document.sudo()._cron_expire()
    if state == "superseded":
        successor = document.browse(document.action_new_revision()["res_id"])
        approve(successor, supervisor)


def return_with(document, finding):
    if finding:
        document.action_return([finding])


# ---------------------------------------------------------------- when it happened
def set_ages(env):
    """Spread the reviews over the last months; some are late today."""
    fresh = env["nka.document.review"].search(
        [("verdict", "!=", False), ("create_date", ">=", ago(env, 1))], order="id"
    )
    if not any(review.submit_date.date() >= ago(env, 1) for review in fresh[:1]):
        return
    for number, review in enumerate(fresh):
        set_age(review, workday(ago(env, 10 + number * 150 // len(fresh))), number)
    # The reviews are what a verification compares: the trail hears of their new days.
    content.record(fresh.document_id)
    be_late(env)


def set_age(review, decided, number):
    """Let a review lie back; the day of the trail stays the day it was written."""
    submitted = workday(decided - timedelta(days=TOOK[number % len(TOOK)]))
    allowed = review.document_id.type_id.review_days
    at = [datetime.combine(day, time(9 + number % 7)) for day in (submitted, decided)]
    if submitted == decided:
        at[1] += timedelta(hours=2)
    review._unlocked().write(
        {
            "submit_date": at[0],
            "verdict_date": at[1],
            "deadline": submitted + timedelta(days=allowed),
        }
    )


def be_late(env):
    supervisor = login(env, "supervisor2")
    for name, days in LATE.items():
        document = named(env, name)
        document.with_user(supervisor).deadline = ago(env, days)
    env["nka.document"]._cron_remind()


# ---------------------------------------------------------------- a gate from behind
def join_client(env):
    """A company with a deal and an invoice becomes part of a client: its past stays out,
    and its deal stands behind gates that nobody had to pass before.
    """
    name, label, head, dealt, billed = JOINED
    if not missing(env, [f"client_{name}"]):
        return
    client = named(env, head)
    vals = {"name": label, "is_company": True, "country_id": client.country_id.id}
    company = create_missing(env["res.partner"], {f"client_{name}": vals})
    deal_with(company, name, client.user_id, dealt)
    bill(company, name, billed)
    # Companies below a company stay clients of their own.
    joined = company.with_user(login(env, "supervisor"))
    joined.write({"parent_id": client.id, "is_company": False})


def deal_with(company, name, seller, days):
    leads = company.env["crm.lead"].with_user(seller)
    vals = {
        "name": "Wrapping machine for the express warehouse",
        "type": "opportunity",
        "partner_id": company.id,
        "user_id": seller.id,
        "team_id": named(company.env, "team_key_accounts").id,
        "stage_id": company.env.ref("crm.stage_lead3").id,
        "expected_revenue": 18500,
        "origin": "marketing",
        "date_deadline": ago(company.env, -60),
    }
    set_lead_age(create_missing(leads, {f"lead_{name}": vals}).sudo(), days)


def bill(company, name, days):
    product = named(company.env, "product_labels").product_variant_id
    line = {"product_id": product.id, "quantity": 30, "price_unit": product.list_price}
    vals = {
        "move_type": "out_invoice",
        "partner_id": company.id,
        "invoice_date": workday(ago(company.env, days)),
        "invoice_line_ids": [Command.create(line)],
    }
    moves = company.env["account.move"].with_context(tracking_disable=True)
    create_missing(moves, {f"paper_{name}": vals}).action_post()

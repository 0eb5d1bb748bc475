"""Documents of accounts and deals: approved for gates, submitted, returned, late."""

from datetime import datetime, time, timedelta
from io import BytesIO

from dateutil.relativedelta import relativedelta
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from odoo import Command, fields
from odoo.tools import file_path

from ..models.documents import content
from .language import price, say
from .leads import TABLE as LEADS
from .leads import set_age as set_lead_age
from .records import ago, create_missing, login, missing, named, table, workday

#: Documents of the account that a deal requires to leave its first stage.
ACCOUNT_TYPES = ("client_card", "credit_check")
#: Documents of the deal itself, by the stage it reaches.
DEAL_TYPES = {"proposition": ("offer",), "won": ("offer", "contract")}
#: States that require an earlier approval.
PASSED = ("approved", "superseded", "expired")
#: Days that reviews took, in turn; the document types allow two or three.
TOOK = (1, 2, 0, 1, 3, 1, 2, 5)
#: Names of documents whose reviewer or author is late, and by how many days.
LATE = {"document_contract_coil": 4, "document_contract_serial": 2}
#: Company that became part of a client, the client, and days since its deal and its
#: invoice.
JOINED = ("express", "Lukoshko Express", "client_lukoshko", 19, 40)
#: Position of a page's first line, and the line spacing, in points.
TOP, LEFT, LINE = 780, 72, 20
#: Fonts of headings and of text; those of PDF itself have Latin letters only.
LATIN = ("Helvetica-Bold", "Helvetica")
CYRILLIC = {
    "NKA-Bold": "web/static/fonts/google/Fira_Mono/Fira_Mono-Bold.ttf",
    "NKA": "web/static/fonts/google/Fira_Mono/Fira_Mono-Regular.ttf",
}


# ---------------------------------------------------------------- required documents
def file_dossiers(env):
    """Create and approve the documents of every deal past its first stage."""
    rows = [row for row in table(env, LEADS) if row["owner"] and row["stage"] != "new"]
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
    """Create a draft with one file for an account or a deal, unless it exists.

    :param documents: the empty recordset, as the author
    :param str kind: last part of the document type's external id
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
    """Return a PDF of one page, with the same bytes every time.

    :param str title: heading
    :param list[str] lines: text below the heading
    :rtype: bytes
    """
    target = BytesIO()
    canvas = Canvas(target, invariant=True)
    heading, text = fonts("".join([title, *lines]))
    canvas.setFont(heading, 16)
    canvas.drawString(LEFT, TOP, title)
    canvas.setFont(text, 11)
    for number, line in enumerate(lines, start=2):
        canvas.drawString(LEFT, TOP - number * LINE, line)
    canvas.save()
    return target.getvalue()


def fonts(text):
    """Return the fonts of heading and text that have the letters of a text."""
    if max(text) <= "\xff":
        return LATIN
    for name, path in CYRILLIC.items():
        pdfmetrics.registerFont(TTFont(name, file_path(path)))
    return tuple(CYRILLIC)


def approve(document, reviewer):
    """Submit as the author; complete the checklist and approve as the reviewer."""
    if not document:
        return
    document.action_submit()
    reviewed = document.with_user(reviewer)
    reviewed.check_ids.is_done = True
    reviewed.action_approve()


# ---------------------------------------------------------------- documents in progress
def queue(env):
    """Create documents that are drafts, submitted, returned, or past an approval."""
    supervisor = login(env, "supervisor2")
    for row in table(env, "documents/queue.csv"):
        lead = named(env, f"lead_{row['lead']}")
        documents = env["nka.document"].with_user(lead.user_id)
        made = write(documents, f"document_{row['document']}", row["type"], lead)
        if made and row["state"] in PASSED:
            pass_review(made, row["state"], supervisor)
        elif made and row["state"] != "draft":
            made.action_submit()
            return_with(made.with_user(supervisor), row["finding"])


def pass_review(document, state, supervisor):
    """Approve a document; then replace it by a new revision or let it expire."""
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


# ---------------------------------------------------------------- dates
def set_ages(env):
    """Spread the reviews over the last months; some documents are late today."""
    fresh = env["nka.document.review"].search(
        [("verdict", "!=", False), ("create_date", ">=", ago(env, 1))], order="id"
    )
    if not any(review.submit_date.date() >= ago(env, 1) for review in fresh[:1]):
        return
    for number, review in enumerate(fresh):
        set_age(review, workday(ago(env, 10 + number * 150 // len(fresh))), number)
    # Reviews are part of the verified content, so their new dates are logged.
    content.record(fresh.document_id)
    be_late(env)


def set_age(review, decided, number):
    """Backdate a review; its audit events keep their dates."""
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


# ---------------------------------------------------------------- a deal past its gates
def join_client(env):
    """Make a company with a deal and an invoice part of a client.

    Its earlier sales don't count for the client. Its deal is in a stage whose gates it
    never had to pass.
    """
    name, label, head, dealt, billed = JOINED
    if not missing(env, [f"client_{name}"]):
        return
    client = named(env, head)
    vals = {
        "name": say(env, label),
        "is_company": True,
        "country_id": client.country_id.id,
    }
    company = create_missing(env["res.partner"], {f"client_{name}": vals})
    deal_with(company, name, client.user_id, dealt)
    bill(company, name, billed)
    # A company below another company remains a client of its own.
    joined = company.with_user(login(env, "supervisor"))
    joined.write({"parent_id": client.id, "is_company": False})


def deal_with(company, name, seller, days):
    leads = company.env["crm.lead"].with_user(seller)
    vals = {
        "name": say(company.env, "Wrapping machine for the express warehouse"),
        "type": "opportunity",
        "partner_id": company.id,
        "user_id": seller.id,
        "team_id": named(company.env, "team_key_accounts").id,
        "stage_id": company.env.ref("crm.stage_lead3").id,
        "expected_revenue": price(company.env, 18500),
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

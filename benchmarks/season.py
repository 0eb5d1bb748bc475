"""Piped into an Odoo shell: measures a quarter for all managers, and the same rows with
plain aggregates.
"""

import os
import time
from datetime import date, datetime, timedelta

from odoo.addons.nka_key_accounts.models.pay.measurement import Span
from odoo.addons.nka_key_accounts.paycalc import add_months, season_months

from benchmarks.measure import cost, tell

ACCOUNTS = int(os.environ["ACCOUNTS"])
LEADS, TALKS = 1000, 2000
LONG_AGO = date(1900, 1, 1)

# Sales of the quarter by owner, with documents of one order counted once: the minimum
# for the average sale value.
AVERAGE_CHECK = """
SELECT account.manager_id, SUM(move.amount_untaxed_signed),
       COUNT(DISTINCT COALESCE('o' || ordered.order_id, 'm' || move.id))
  FROM account_move move
  JOIN nka_key_account account ON account.partner_id = move.commercial_partner_id
   AND account.company_id = move.company_id
  LEFT JOIN (SELECT DISTINCT line.move_id, sold.order_id
               FROM sale_order_line_invoice_rel rel
               JOIN account_move_line line ON line.id = rel.invoice_line_id
               JOIN sale_order_line sold ON sold.id = rel.order_line_id) ordered
    ON ordered.move_id = move.id
 WHERE move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_refund')
   AND move.invoice_date BETWEEN %(first)s AND %(last)s
 GROUP BY account.manager_id
"""
# Open and overdue amounts at the end of the quarter: present residuals and later
# reconciliations of either side, as a client's open credits reduce their debts.
OVERDUE_SHARE = """
WITH later AS (
    SELECT line_id, SUM(amount) AS amount FROM (
        SELECT debit_move_id AS line_id, amount FROM account_partial_reconcile WHERE max_date > %(last)s
         UNION ALL
        SELECT credit_move_id, -amount FROM account_partial_reconcile WHERE max_date > %(last)s
    ) AS side GROUP BY line_id
), debt AS (
    SELECT account.manager_id, account.id,
           line.amount_residual + COALESCE(later.amount, 0) AS residual,
           line.date_maturity < %(last)s AS is_overdue
      FROM account_move_line line
      JOIN account_account receivable ON receivable.id = line.account_id
       AND receivable.account_type = 'asset_receivable'
      JOIN res_partner party ON party.id = line.partner_id
      JOIN nka_key_account account ON account.partner_id = party.commercial_partner_id
      LEFT JOIN later ON later.line_id = line.id
     WHERE line.parent_state = 'posted' AND line.date <= %(last)s
       AND (line.reconciled IS NOT TRUE OR later.line_id IS NOT NULL)
), client AS (
    SELECT manager_id, COALESCE(SUM(residual) FILTER (WHERE residual > 0), 0) AS open,
           COALESCE(SUM(residual) FILTER (WHERE residual > 0 AND is_overdue), 0) AS overdue,
           COALESCE(-SUM(residual) FILTER (WHERE residual < 0), 0) AS credit
      FROM debt GROUP BY manager_id, id
)
SELECT manager_id, SUM(GREATEST(overdue - credit, 0)), SUM(GREATEST(open - credit, 0))
  FROM client GROUP BY manager_id
"""
BARE = {"average_check": AVERAGE_CHECK, "overdue_share": OVERDUE_SHARE}


def own_accounts(env):
    """Assign the first clients to their salespeople with an early start date, by SQL;
    return the owners.
    """
    env.cr.execute(
        """WITH account AS (
               INSERT INTO nka_key_account (partner_id, company_id, state, manager_id, cadence_days)
               SELECT id, %(company)s, 'key', user_id, 30 FROM res_partner
                WHERE user_id IS NOT NULL AND is_company AND parent_id IS NULL
                ORDER BY id LIMIT %(accounts)s
               RETURNING id, company_id, manager_id
           )
           INSERT INTO nka_assignment (key_account_id, company_id, user_id, share, date_from)
           SELECT id, company_id, manager_id, 100, %(since)s FROM account""",
        {"company": env.company.id, "accounts": ACCOUNTS, "since": LONG_AGO},
    )
    env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
    env.cr.execute("ANALYZE nka_key_account; ANALYZE nka_assignment")
    env.cr.execute("SELECT DISTINCT user_id FROM nka_assignment ORDER BY user_id")
    return env["res.users"].browse(user_id for (user_id,) in env.cr.fetchall())


def work(env, users, day):
    """Create confirmed self-sourced VIP leads and proven negotiations, spread over the
    owners.
    """
    quiet = {
        "tracking_disable": True,
        "mail_create_nolog": True,
        "no_mail_to_attendees": True,
    }
    leads = env["crm.lead"].with_context(**quiet)
    leads = leads.create([{"name": f"Lead {n}", "is_vip": True} for n in range(LEADS)])
    talks = env["calendar.event"].with_context(**quiet)
    start = datetime.combine(day, datetime.min.time())
    vals = {"is_negotiation": True, "negotiation_outcome": "progress"}
    talks = talks.create(
        [
            {
                "name": f"Talk {n}",
                "start": start + timedelta(minutes=n),
                "stop": start + timedelta(minutes=n + 1),
                **vals,
            }
            for n in range(TALKS)
        ]
    )
    env.flush_all()
    owners = {"users": users.ids, "count": len(users), "day": start}
    env.cr.execute(
        """UPDATE crm_lead SET origin = 'self_sourced', origin_state = 'confirmed', origin_decision_date = %(day)s,
                  origin_claimed_by_id = (%(users)s)[1 + mod(id, %(count)s)] WHERE id = ANY(%(ids)s)""",
        {**owners, "ids": leads.ids},
    )
    env.cr.execute(
        "UPDATE calendar_event SET user_id = (%(users)s)[1 + mod(id, %(count)s)] WHERE id = ANY(%(ids)s)",
        {**owners, "ids": talks.ids},
    )
    prove(env, talks)
    env.invalidate_all()


def prove(env, talks):
    """Create meetings, each with a client of its owner who sent an email that day."""
    env.cr.execute(
        """INSERT INTO calendar_event_res_partner_rel (calendar_event_id, res_partner_id)
           SELECT event.id, client.id FROM calendar_event event
             JOIN (SELECT manager_id, MIN(partner_id) AS id FROM nka_key_account GROUP BY manager_id) client
               ON client.manager_id = event.user_id
            WHERE event.id = ANY(%(ids)s)
               ON CONFLICT DO NOTHING""",
        {"ids": talks.ids},
    )
    env.cr.execute(
        """INSERT INTO mail_message (message_type, model, res_id, author_id, date)
           SELECT 'email', 'res.partner', rel.res_partner_id, rel.res_partner_id, event.start
             FROM calendar_event event
             JOIN calendar_event_res_partner_rel rel ON rel.calendar_event_id = event.id
            WHERE event.id = ANY(%(ids)s)""",
        {"ids": talks.ids},
    )


def own_measure(env):
    """Create a custom KPI: the value of the confirmed orders."""
    field = env["ir.model.fields"]._get
    return env["nka.kpi"].create(
        {
            "name": "Orders",
            "code": "orders",
            "model_id": env["ir.model"]._get("sale.order").id,
            "domain": "[('state', '=', 'sale')]",
            "date_field_id": field("sale.order", "date_order").id,
            "owner_field_id": field("sale.order", "user_id").id,
            "aggregate": "sum",
            "value_field_id": field("sale.order", "amount_untaxed").id,
        }
    )


def bare(env, statement, span):
    """Return the seconds of the fastest of five runs of a plain aggregate, and its
    result by manager.
    """
    seconds = []
    for _run in range(5):
        started = time.perf_counter()
        env.cr.execute(statement, {"first": span.date_from, "last": span.date_to})
        rows = env.cr.fetchall()
        seconds.append(time.perf_counter() - started)
    return min(seconds), {user_id: numbers for user_id, *numbers in rows}


def beside_bare(env, kpi, users, span, seconds):
    """Return a KPI's time as a ratio to its plain aggregate, and the largest
    difference.
    """
    bare_seconds, numbers = bare(env, BARE[kpi.code], span)
    found = kpi._measure(users, span)
    differences = [
        abs(float(ours) - float(theirs or 0))
        for user in users
        for ours, theirs in zip(
            found[user.id].values.values(), numbers.get(user.id, (0, 0)), strict=True
        )
    ]
    return {"ratio": seconds / bare_seconds, "difference": max(differences)}


def told(env, kpi, users, span):
    """Return the cost of one KPI for all managers, and its additional queries compared
    with ten.
    """
    many = cost(env, lambda: kpi._measure(users, span))
    few = cost(env, lambda: kpi._measure(users[:10], span), runs=1)
    return {
        "seconds": many.seconds,
        "queries": many.queries,
        "more_queries": many.queries - few.queries,
    }


def main(env):
    """Measure the last whole quarter."""
    months = season_months(add_months(season_months(date.today())[0], -1))
    span = Span(env.company, months[0], add_months(months[-1], 1) - timedelta(1))
    users = own_accounts(env)
    work(env, users, months[1])
    own_measure(env)
    kpis = {kpi.code: kpi for kpi in env["nka.kpi"].search([])}
    measures = {code: told(env, kpi, users, span) for code, kpi in kpis.items()}
    check = kpis["average_check"]
    started = time.perf_counter()
    for user in users:
        check._measure(user, span)
    one_by_one = time.perf_counter() - started
    tell(
        managers=len(users),
        measures=measures,
        beside={
            code: beside_bare(env, kpis[code], users, span, measures[code]["seconds"])
            for code in BARE
        },
        one_by_one=one_by_one,
        together=measures["average_check"]["seconds"],
    )


main(env)  # noqa: F821

"""What waits for a supervisor's decision, and on what a supervisor can't decide.

The decisions themselves are checked by the models, by their ``_makers`` and similar
methods. The domains here say the same for many records at once; a test compares them.
"""

from typing import NamedTuple

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

ACTIVITY = "mail.mail_activity_data_todo"


class Source(NamedTuple):
    """Records of one model that wait for a decision.

    :ivar number: part of the ids of rows, so a source keeps it
    :ivar waits: domain of what waits
    :ivar barred: domain of records on which the current user can't decide
    :ivar action: external id of the list, without the module name
    :ivar values: SQL of the row's columns, of the table ``source``
    """

    number: int
    kind: str
    model: str
    waits: Domain
    barred: Domain
    action: str
    values: dict


def sources(env):
    """Return all sources, for the current user.

    :rtype: list[Source]
    """
    return [
        *_submitted(env),
        *_asked(env),
        *_of_accounts(env),
        *_of_pay(env),
    ]


# ---------------------------------------------------------------- columns
def _values(who, since, account="source.key_account_id", **values):
    return {
        "account": SQL(account),  # pylint: disable=sql-injection
        "partner": SQL("account.partner_id"),
        "company": SQL("source.company_id"),
        "who": SQL(f"source.{who}"),  # pylint: disable=sql-injection
        "since": since,
        **values,
    }


def _since(model, state, kind="state"):
    """Return SQL for the moment of the last change to a state, by the audit trail."""
    return SQL(
        """COALESCE((SELECT MAX(event.date) FROM nka_audit_event event
                      WHERE event.res_model = %s AND event.res_id = source.id
                        AND event.kind = %s AND event.new = %s), source.create_date)""",
        model,
        kind,
        state,
    )


# ---------------------------------------------------------------- people
def _is_one_of(env, *paths):
    """Return the domain of records with the current user in one of these fields."""
    return Domain.OR(Domain(path, "in", env.user.ids) for path in paths)


def _owns(env, account="key_account_id", lead=None):
    """Return the domain of records whose account or deal the current user owns."""
    today = fields.Date.context_today(env.user)
    current = Domain("date_to", "=", False) | Domain("date_to", ">=", today)
    paid = Domain("user_id", "=", env.uid) & current
    owned = Domain(f"{account}.manager_id", "=", env.uid) | Domain(
        f"{account}.assignment_ids", "any", paid
    )
    return owned | Domain(f"{lead}.user_id", "=", env.uid) if lead else owned


# ---------------------------------------------------------------- sources
def _submitted(env):
    submitted = Domain("state", "=", "submitted")
    yield Source(
        1,
        "document",
        "nka.document",
        submitted,
        _is_one_of(
            env,
            "create_uid",
            "author_id",
            "submitted_by_id",
            "editor_ids",
            "uploader_ids",
            "attachment_ids.create_uid",
        )
        | _owns(env, lead="lead_id"),
        "nka_document_action_queue",
        _values(
            "author_id",
            SQL("COALESCE(source.submit_date, source.create_date)"),
            account="""COALESCE(source.key_account_id, (
                SELECT lead.key_account_id FROM crm_lead lead
                 WHERE lead.id = source.lead_id))""",
            partner=SQL(
                """COALESCE(account.partner_id, (
                    SELECT lead.partner_id FROM crm_lead lead
                     WHERE lead.id = source.lead_id))"""
            ),
        ),
    )
    yield Source(
        2,
        "report",
        "nka.work.report",
        submitted,
        _is_one_of(env, "user_id"),
        "nka_work_report_action_review",
        _values(
            "user_id",
            SQL("COALESCE(source.submitted_date, source.create_date)"),
            account="NULL::int",
        ),
    )
    yield Source(
        3,
        "handover",
        "nka.handover",
        submitted,
        _is_one_of(
            env,
            "create_uid",
            "maker_ids",
            "submitted_by_id",
            "from_user_id",
            "to_user_id",
        ),
        "nka_handover_action",
        _values(
            "from_user_id", _since("nka.handover", "submitted"), account="NULL::int"
        ),
    )
    yield Source(
        4,
        "qualification",
        "nka.qualification",
        submitted,
        _is_one_of(env, "create_uid", "submitter_id", "score_ids.write_uid")
        | _owns(env, lead="lead_id"),
        "nka_qualification_action",
        _values("submitter_id", _since("nka.qualification", "submitted")),
    )
    yield Source(
        13,
        "regime",
        "nka.secrecy.regime",
        # Its rule opens the regimes of all companies of the user.
        submitted & Domain("company_id", "in", env.companies.ids),
        _is_one_of(env, "create_uid", "maker_ids", "submitter_id"),
        "nka_secrecy_regime_action",
        _values(
            "submitter_id",
            SQL("COALESCE(source.submit_date, source.create_date)"),
            account="NULL::int",
        ),
    )


def _asked(env):
    of_lead = {
        "partner": SQL("COALESCE(account.partner_id, source.partner_id)"),
        "company": SQL(
            "COALESCE(source.company_id, account.company_id, %s)", env.company.id
        ),
    }
    yield Source(
        5,
        "origin",
        "crm.lead",
        Domain("origin_state", "=", "claimed")
        & Domain("origin", "in", ("self_sourced", "referral")),
        _is_one_of(env, "create_uid", "user_id", "origin_claimed_by_id") | _owns(env),
        "crm_lead_action_origin",
        _values("user_id", _since("crm.lead", "claimed", "origin"), **of_lead),
    )
    yield Source(
        6,
        "gate",
        "crm.lead",
        Domain("is_gate_owed", "=", True) & Domain("active", "=", True),
        _is_one_of(env, "user_id") | _owns(env),
        "crm_lead_action_owed",
        _values(
            "user_id",
            SQL("COALESCE(source.date_last_stage_update, source.create_date)"),
            **of_lead,
        ),
    )
    yield Source(
        7,
        "discount",
        "nka.discount.request",
        Domain("state", "=", "asked"),
        _is_one_of(
            env,
            "create_uid",
            "asked_by_id",
            "order_id.create_uid",
            "order_id.user_id",
            "order_id.order_line.create_uid",
            "order_id.order_line.write_uid",
        )
        | _owns(env, lead="lead_id"),
        "nka_discount_request_action",
        _values("asked_by_id", SQL("source.create_date")),
    )
    yield Source(
        8,
        "request",
        "mail.activity",
        Domain("user_id", "=", env.uid)
        & Domain("create_uid", "!=", env.uid)
        & Domain(
            "activity_type_id", "=", env["ir.model.data"]._xmlid_to_res_id(ACTIVITY)
        )
        & Domain("res_model", "in", ("res.partner", "crm.lead")),
        Domain.FALSE,
        "",
        _values(
            "create_uid",
            SQL("source.create_date"),
            account="""(
                SELECT found.id FROM nka_key_account found
                 WHERE found.state IN ('candidate', 'key')
                   AND (source.res_model = 'crm.lead' AND found.id = (
                            SELECT lead.key_account_id FROM crm_lead lead
                             WHERE lead.id = source.res_id)
                     OR source.res_model = 'res.partner' AND found.partner_id = (
                            SELECT partner.commercial_partner_id
                              FROM res_partner partner
                             WHERE partner.id = source.res_id))
                 ORDER BY found.id LIMIT 1)""",
            company=SQL("account.company_id"),
        ),
    )


def _of_accounts(env):
    judged = env["nka.qualification"]._judged_domain(
        fields.Date.context_today(env.user)
    )
    qualified = (
        env["nka.qualification"]
        .sudo()
        .search(Domain(judged) & Domain("key_account_id.state", "=", "candidate"))
    )
    yield Source(
        9,
        "account",
        "nka.key.account",
        # Until then the manager qualifies the client.
        Domain("state", "=", "candidate")
        & (
            Domain("manager_id", "=", False)
            | Domain("id", "in", qualified.key_account_id.ids)
        ),
        _is_one_of(env, "create_uid", "nominated_by_id", "manager_id"),
        "nka_key_account_action",
        _values(
            "manager_id",
            _since("nka.key.account", "candidate"),
            account="source.id",
        ),
    )
    yield Source(
        10,
        "rating",
        "nka.credit.rating",
        Domain("state", "=", "waiting"),
        _is_one_of(env, "create_uid") | _owns(env),
        "nka_credit_rating_action",
        _values("create_uid", SQL("source.create_date")),
    )
    yield Source(
        14,
        "feedback",
        "nka.voice.answer",
        Domain("state", "=", "answered"),
        _is_one_of(
            env, "manager_id", "key_account_id.manager_id", "key_account_id.deputy_id"
        ),
        "nka_voice_answer_action",
        # The client answers; no user does.
        {
            **_values("manager_id", SQL("source.date_answered + TIME '12:00'")),
            "who": SQL("NULL::int"),
        },
    )


def _of_pay(env):
    supervised = Domain("user_id.nka_is_supervised", "in", [True])
    unaccepted = Domain("is_exception", "=", True) & Domain("state", "!=", "accepted")
    yield Source(
        11,
        "goal",
        "nka.season.goal",
        Domain("is_exception", "=", True)
        | Domain("state", "in", ("draft", "accepted"))
        & Domain.custom(to_sql=_sql_objected),
        _is_one_of(env, "user_id")
        | ~supervised
        | (unaccepted & _is_one_of(env, "create_uid", "proposed_by_id")),
        "nka_season_goal_action",
        _values(
            "user_id",
            SQL(
                """CASE WHEN source.is_exception THEN (
                            SELECT season.date_end + TIME '12:00' FROM nka_season season
                             WHERE season.id = source.season_id)
                        ELSE %s END""",
                _since("nka.season.goal", "draft"),
            ),
            account="NULL::int",
        ),
    )
    yield Source(
        12,
        "dispute",
        "nka.pay.dispute",
        Domain("state", "=", "open"),
        _is_one_of(env, "user_id") | ~_is_one_of(env, "statement_id.supervisor_ids"),
        "nka_pay_dispute_action",
        _values("user_id", SQL("source.create_date"), account="NULL::int"),
    )


def _sql_objected(_model, alias, _query):
    """Return SQL for: the manager objected, and nobody has answered yet."""
    goal = SQL.identifier(alias)
    return SQL(
        """(%(goal)s.state = 'draft' AND EXISTS (
                SELECT 1 FROM nka_audit_event event
                 WHERE event.res_model = 'nka.season.goal'
                   AND event.res_id = %(goal)s.id AND event.kind = 'state'
                   AND event.old = 'proposed' AND event.new = 'draft')
            OR EXISTS (
                SELECT 1 FROM mail_activity activity
                 WHERE activity.res_model = 'nka.season.goal'
                   AND activity.res_id = %(goal)s.id
                   AND activity.active
                   AND activity.create_uid = %(goal)s.user_id
                   AND activity.user_id = %(goal)s.proposed_by_id))""",
        goal=goal,
    )

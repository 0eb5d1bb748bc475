"""What a new manager needs, as SQL: one query for any number of starts.

Each item is a query over a row ``start`` (columns of :data:`STARTS`) that returns its
step, whose turn it is and the day it was done. Further items come from other addons, by
``_items`` of ``nka.manager.start``.
"""

from typing import NamedTuple

from odoo.tools import SQL, LazyTranslate

_lt = LazyTranslate(__name__)

#: Steps that have no hint of their own: done, not needed, waiting for an earlier item.
DONE, NOT_NEEDED, LATER = "done", "none", "later"
#: Whose turn it is.
WHO = [
    ("person", "The person"),
    ("supervisor", "Responsible supervisor"),
    ("officer", "Payroll officer"),
    ("admin", "Administrator"),
]


class StartItem(NamedTuple):
    """Item of the list of a new manager.

    :param code: key; ``_open_<code>`` of ``nka.manager.start`` does it
    :param label: name, translated
    :param sql: columns ``step``, ``who`` and ``done_on`` over row ``start``
    :param hints: what to do, by step
    :param is_required: whether nobody is confirmed as manager without it
    :param reads: models and their fields that the query of another addon reads
    """

    code: str
    label: object
    sql: SQL
    hints: dict
    is_required: bool = False
    reads: tuple = ()


#: Rows ``start``. Parameters: groups that give the manager's role.
STARTS = """SELECT base.id, base.employee_id, base.user_id, base.company_id,
                   base.supervisor_id, base.way, base.date_start, base.state,
                   COALESCE(users.active AND EXISTS (
                       SELECT FROM res_groups_users_rel held
                        WHERE held.uid = base.user_id AND held.gid = ANY(%(manager)s)),
                       FALSE) AS has_role
              FROM nka_manager_start base
         LEFT JOIN res_users users ON users.id = base.user_id"""

#: Active users with a role, by company.
HOLDERS = """SELECT DISTINCT role.who, allowed.cid AS company_id, users.id AS user_id
               FROM (SELECT 'officer' AS who, UNNEST(%(officer)s) AS gid
                      UNION ALL SELECT 'admin', UNNEST(%(admin)s)) role
               JOIN res_groups_users_rel held ON held.gid = role.gid
               JOIN res_users users ON users.id = held.uid AND users.active
               JOIN res_company_users_rel allowed ON allowed.user_id = users.id"""

USER = SQL(
    """SELECT CASE WHEN start.user_id IS NULL THEN 'open' ELSE 'done' END AS step,
              'admin' AS who, NULL::date AS done_on"""
)
ROLE = SQL(
    """SELECT CASE WHEN start.has_role THEN 'done'
                   WHEN start.user_id IS NULL THEN 'later' ELSE 'open' END,
              'admin', NULL::date"""
)
SKILLS = SQL(
    """SELECT CASE WHEN assessed.day IS NOT NULL THEN 'done'
                   WHEN start.user_id IS NULL THEN 'later'
                   WHEN assessed.is_begun THEN 'draft' ELSE 'open' END,
              'supervisor', assessed.day
         FROM (SELECT MIN(one.date) FILTER (WHERE one.state = 'confirmed') AS day,
                      BOOL_OR(one.state = 'draft') AS is_begun
                 FROM nka_skill_assessment one
                WHERE one.employee_id = start.employee_id
                  AND one.kind = 'supervisor') assessed"""
)
SECRECY = SQL(
    """SELECT CASE WHEN regime.id IS NULL THEN 'none'
                   WHEN done.id IS NOT NULL THEN 'done'
                   WHEN start.has_role THEN 'open' ELSE 'later' END,
              'person', done.date::date
         FROM (SELECT) always
    LEFT JOIN nka_secrecy_regime regime
           ON regime.company_id = start.company_id AND regime.state = 'in_force'
    LEFT JOIN nka_secrecy_acknowledgement done
           ON done.regime_id = regime.id AND done.user_id = start.user_id"""
)
AGREEMENT = SQL(
    """SELECT CASE WHEN agreement.state IN ('accepted', 'ended') THEN 'done'
                   WHEN start.user_id IS NULL THEN 'later'
                   WHEN agreement.state = 'proposed' THEN 'proposed'
                   WHEN agreement.state = 'draft' THEN 'draft' ELSE 'open' END,
              CASE WHEN agreement.state = 'proposed' THEN 'person' ELSE 'officer' END,
              CASE WHEN agreement.state IN ('accepted', 'ended')
                   THEN agreement.accepted_date::date END
         FROM (SELECT) always
    LEFT JOIN LATERAL (
              SELECT one.state, one.accepted_date FROM nka_pay_agreement one
               WHERE one.employee_id = start.employee_id
                 AND (one.state != 'ended' OR one.date_to >= start.date_start)
               ORDER BY ARRAY_POSITION(ARRAY['accepted', 'proposed', 'draft', 'ended'],
                                       one.state::text), one.date_from
               LIMIT 1) agreement ON TRUE"""
)
MENTOR = SQL(
    """SELECT CASE WHEN guided.date_from IS NOT NULL THEN 'done'
                   WHEN start.way = 'other' THEN 'none'
                   WHEN start.user_id IS NULL THEN 'later' ELSE 'open' END,
              'supervisor', guided.date_from
         FROM (SELECT MIN(mentorship.date_from) AS date_from
                 FROM nka_mentorship mentorship
                WHERE mentorship.mentee_id = start.user_id
                  AND mentorship.company_id = start.company_id) guided"""
)
PATH = SQL(
    """SELECT CASE WHEN path.confirmed_on IS NOT NULL THEN 'done'
                   WHEN path.first_step IS NULL OR start.state != 'preparing'
                   THEN 'none' ELSE 'open' END,
              'supervisor', path.confirmed_on
         FROM (SELECT MIN(mentorship.confirmed_on) AS confirmed_on,
                      MIN(step.id) AS first_step
                 FROM nka_mentorship mentorship
            LEFT JOIN nka_mentorship_step step ON step.mentorship_id = mentorship.id
                WHERE mentorship.mentee_id = start.user_id
                  AND mentorship.company_id = start.company_id) path"""
)
ACCOUNTS = SQL(
    """SELECT CASE WHEN EXISTS (
                       SELECT FROM nka_key_account account
                        WHERE account.company_id = start.company_id
                          AND account.state IN ('candidate', 'key')
                          AND start.user_id IN (account.manager_id, account.deputy_id))
                   THEN 'done'
                   WHEN start.has_role THEN 'open' ELSE 'later' END,
              'supervisor', NULL::date"""
)
REPORT = SQL(
    """SELECT CASE WHEN written.day IS NOT NULL THEN 'done'
                   WHEN start.has_role THEN 'open' ELSE 'later' END,
              'person', written.day
         FROM (SELECT MIN(report.date_to) AS day FROM nka_work_report report
                WHERE report.employee_id = start.employee_id
                  AND report.state IN ('submitted', 'approved')) written"""
)

ITEMS = (
    StartItem(
        "user",
        _lt("Employee with a user"),
        USER,
        {"open": _lt("Create a user for the employee, so that they can log in.")},
        is_required=True,
    ),
    StartItem(
        "role",
        _lt("Role of a key account manager"),
        ROLE,
        {"open": _lt("Assign the role “Key account manager” to the user.")},
        is_required=True,
    ),
    StartItem(
        "skills",
        _lt("Skills assessed"),
        SKILLS,
        {
            "open": _lt("Assess the skills of the new manager."),
            "draft": _lt("Complete the assessment of the skills and confirm it."),
        },
    ),
    StartItem(
        "secrecy",
        _lt("Secrecy regime acknowledged"),
        SECRECY,
        {
            "open": _lt("Acknowledge the secrecy regime."),
            "none": _lt("The company has no secrecy regime in force."),
        },
        is_required=True,
    ),
    StartItem(
        "agreement",
        _lt("Pay agreement accepted"),
        AGREEMENT,
        {
            "open": _lt("Prepare a pay agreement and propose it."),
            "draft": _lt("Check the draft of the pay agreement and propose it."),
            "proposed": _lt("Read the proposed pay agreement and accept it."),
        },
        is_required=True,
    ),
    StartItem(
        "mentor",
        _lt("Mentor"),
        MENTOR,
        {
            "open": _lt("Assign an experienced manager as mentor."),
            "none": _lt("They worked as manager already."),
        },
    ),
    StartItem(
        "path",
        _lt("Path of the mentee"),
        PATH,
        {
            "open": _lt("Confirm the manager in the mentorship once the path is done."),
            "none": _lt("No steps were planned with a mentor."),
        },
        is_required=True,
    ),
    StartItem(
        "accounts",
        _lt("First accounts"),
        ACCOUNTS,
        {"open": _lt("Hand over a first account, or name them as deputy of one.")},
    ),
    StartItem(
        "report",
        _lt("First weekly report"),
        REPORT,
        {"open": _lt("Write and submit the first weekly report.")},
    ),
)


def rows_sql(items, groups):
    """Return the rows of ``nka.manager.start.item`` as a query.

    :param items: StartItem, in order
    :param dict groups: ids of the groups that give the role, for ``manager``,
        ``officer`` and ``admin``
    :rtype: SQL
    """
    rows = SQL(" UNION ALL ").join(
        SQL(
            "SELECT %s AS position, %s AS code, %s AS is_required, item.* "
            "FROM (%s) item(step, who, done_on)",
            position,
            item.code,
            item.is_required,
            item.sql,
        )
        for position, item in enumerate(items)
    )
    return SQL(
        """WITH start AS (%(starts)s), holder AS (%(holders)s)
           SELECT start.id * 100 + item.position AS id, start.id AS start_id,
                  start.user_id, start.company_id, start.state AS start_state,
                  item.position AS sequence, item.code, item.is_required, item.step,
                  CASE WHEN item.step IN ('done', 'none', 'later') THEN item.step
                       ELSE 'open' END AS state,
                  item.done_on, item.who,
                  CASE WHEN item.step IN ('done', 'none', 'later') THEN NULL
                       WHEN item.who = 'person' THEN start.user_id
                       WHEN item.who = 'supervisor' THEN start.supervisor_id
                       ELSE COALESCE((SELECT MIN(holder.user_id) FROM holder
                                       WHERE holder.who = item.who
                                         AND holder.company_id = start.company_id
                                         AND holder.user_id
                                             IS DISTINCT FROM start.user_id),
                                     start.supervisor_id)
                   END AS turn_id
             FROM start CROSS JOIN LATERAL (%(rows)s) item""",
        starts=SQL(STARTS, manager=groups["manager"]),
        holders=SQL(HOLDERS, officer=groups["officer"], admin=groups["admin"]),
        rows=rows,
    )

"""The day of payment: it comes after the lock, so it has a digest of its own in the trail."""

from odoo.tools import SQL

from ..proof.contents import digest_of


def digest(close, sealed):
    """What the trail keeps of a payment: which seal was paid, when, noted by whom.

    :param str sealed: digest of the revision that was paid
    """
    return digest_of(
        [
            close.company_id.id,
            str(close.month),
            sealed,
            str(close.paid_date),
            close.paid_by_id.id,
        ]
    )


def record(close):
    """Tell the trail that a month is paid."""
    events = close.env["nka.audit.event"]
    kept = digest(close, close.digest)
    events._record(close, "paid", new=close.paid_date, digest=kept)


def contradictions(close):
    """Where the day of payment isn't the one in the trail, in words.

    :rtype: list[str]
    """
    env = close.env
    rows = env.execute_query(
        SQL(
            """SELECT new, user_id, file_digest FROM nka_audit_event
                WHERE res_model = %s AND res_id = %s AND kind = 'paid'
                ORDER BY id DESC LIMIT 1""",
            close._name,
            close.id,
        )
    )
    if not rows:
        return [
            env._("it is marked as paid, but the audit trail has no event for it")
        ] * bool(close.paid_date or close.paid_by_id)
    day, user_id, kept = rows[0]
    if (str(close.paid_date or ""), close.paid_by_id.id) != (day, user_id):
        return [
            env._(
                "the date or person of its payment differs from the audit trail: "
                "%(day)s, %(person)s",
                day=day,
                person=env["res.users"].browse(user_id).name,
            )
        ]
    known = {digest(close, each) for each in close.revision_ids.mapped("digest")}
    if kept and kept not in known:
        return [env._("the audit trail has a different hash for its payment")]
    return []

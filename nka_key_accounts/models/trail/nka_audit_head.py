from odoo import api, fields, models

from .guards import guards_of

HEAD_SQL = """
CREATE OR REPLACE FUNCTION nka_audit_head_forward() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.seq >= OLD.seq AND NEW.company_id = OLD.company_id THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the head of the audit chain only moves forward: % refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_audit_head_forward_only ON nka_audit_head;
CREATE TRIGGER nka_audit_head_forward_only
    BEFORE UPDATE OR DELETE ON nka_audit_head
    FOR EACH ROW EXECUTE FUNCTION nka_audit_head_forward();
DROP TRIGGER IF EXISTS nka_audit_head_no_truncate ON nka_audit_head;
CREATE TRIGGER nka_audit_head_no_truncate
    BEFORE TRUNCATE ON nka_audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION nka_audit_head_forward();
ALTER TABLE nka_audit_head ENABLE ALWAYS TRIGGER nka_audit_head_forward_only;
ALTER TABLE nka_audit_head ENABLE ALWAYS TRIGGER nka_audit_head_no_truncate;
"""


class AuditHead(models.Model):
    """Last link of a company's audit chain; the row every append has to lock.

    PostgreSQL runs at REPEATABLE READ: a ``max(seq) + 1`` read from a snapshot
    forks the chain. Updating this one row makes concurrent appends queue up, and
    the later one retries on the newer head.
    """

    _name = "nka.audit.head"
    _description = "Head of the audit chain"
    _log_access = False
    _rec_name = "company_id"

    company_id = fields.Many2one("res.company", required=True, ondelete="restrict")
    seq = fields.Integer(required=True, default=0)
    digest = fields.Char(required=True, default="")

    _company_unique = models.Constraint(
        "UNIQUE(company_id)", "A company has one audit chain."
    )

    @api.model
    def _guards(self):
        return [*super()._guards(), *guards_of(HEAD_SQL)]

    @api.model
    def _lock(self, company_id, count):
        """Reserve ``count`` links for a company and lock its head.

        :return: sequence number and digest of the last link before ours
        :rtype: tuple[int, str]
        """
        self.env.cr.execute(
            """INSERT INTO nka_audit_head AS head (company_id, seq, digest)
                    VALUES (%(company)s, %(count)s, '')
               ON CONFLICT (company_id)
                 DO UPDATE SET seq = head.seq + %(count)s
                 RETURNING seq - %(count)s, digest""",
            {"company": company_id, "count": count},
        )
        return self.env.cr.fetchone()

    @api.model
    def _advance(self, company_id, digest):
        self.env.cr.execute(
            "UPDATE nka_audit_head SET digest = %s WHERE company_id = %s",
            [digest, company_id],
        )

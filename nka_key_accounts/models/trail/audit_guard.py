"""What PostgreSQL itself refuses to do to the audit trail.

The triggers are ``ALWAYS`` ones: they fire in a replication role too. They are
made anew at every update of the addon; the verification tells when one of them
is missing or disabled.
"""

#: Triggers that must be there and enabled: name -> table.
TRIGGERS = {
    "nka_audit_event_append_only": "nka_audit_event",
    "nka_audit_event_no_truncate": "nka_audit_event",
    "nka_audit_head_forward_only": "nka_audit_head",
    "nka_audit_head_no_truncate": "nka_audit_head",
}

EVENT_SQL = """
CREATE OR REPLACE FUNCTION nka_audit_refuse() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_audit_event_append_only ON nka_audit_event;
CREATE TRIGGER nka_audit_event_append_only
    BEFORE UPDATE OR DELETE ON nka_audit_event
    FOR EACH ROW EXECUTE FUNCTION nka_audit_refuse();
DROP TRIGGER IF EXISTS nka_audit_event_no_truncate ON nka_audit_event;
CREATE TRIGGER nka_audit_event_no_truncate
    BEFORE TRUNCATE ON nka_audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION nka_audit_refuse();
ALTER TABLE nka_audit_event ENABLE ALWAYS TRIGGER nka_audit_event_append_only;
ALTER TABLE nka_audit_event ENABLE ALWAYS TRIGGER nka_audit_event_no_truncate;
"""

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

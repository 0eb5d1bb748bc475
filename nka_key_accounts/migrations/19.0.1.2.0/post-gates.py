"""Keep deals with a gate override off the list of deals that skipped a gate. Until this
version, only the audit trail recorded the override.
"""


def migrate(cr, version):
    """Create gate exceptions for overrides of the stage in which a deal still is."""
    cr.execute(
        """INSERT INTO nka_gate_exception
                  (lead_id, stage_id, company_id, user_id, reason,
                   create_uid, create_date, write_uid, write_date)
           SELECT DISTINCT ON (lead.id)
                  lead.id, lead.stage_id, event.company_id, event.user_id,
                  COALESCE(event.note, '-'), 1, event.date, 1, event.date
             FROM nka_audit_event event
             JOIN crm_lead lead ON lead.id = event.res_id
             JOIN crm_stage stage ON stage.id = lead.stage_id
            WHERE event.res_model = 'crm.lead' AND event.kind = 'gate_pass'
              AND event.new IN (SELECT value FROM jsonb_each_text(stage.name))
            ORDER BY lead.id, event.id DESC
               ON CONFLICT DO NOTHING"""
    )

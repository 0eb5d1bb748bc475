"""Update translations of renamed labels and options: a module update doesn't overwrite
existing translations, so the old ones would remain in every other language.
"""

FIELDS = (
    ("calendar.event", "negotiation_held"),
    ("nka.bonus.check.line", "settled"),
    ("nka.mentorship", "meeting_count"),
    ("nka.qualification", "trailing_revenue"),
)
OPTIONS = (
    ("nka.bonus.check.line", "reason", ("gone", "missing", "write_off")),
    ("nka.kpi", "measure", ("average_check", "vip_leads")),
)


def migrate(cr, version):
    """Keep only the English text; this update loads the translations again."""
    for model, field in FIELDS:
        cr.execute(
            """UPDATE ir_model_fields
                  SET field_description = jsonb_build_object(
                          'en_US', field_description->>'en_US')
                WHERE model = %s AND name = %s""",
            (model, field),
        )
    for model, field, values in OPTIONS:
        cr.execute(
            """UPDATE ir_model_fields_selection option
                  SET name = jsonb_build_object('en_US', option.name->>'en_US')
                 FROM ir_model_fields field
                WHERE field.id = option.field_id AND field.model = %s
                  AND field.name = %s AND option.value IN %s""",
            (model, field, values),
        )

"""Which contacts can be key accounts."""

#: Companies, and persons who belong to no company, except our own people.
CLIENTS = (
    "[('partner_share', '=', True),"
    " '|', ('is_company', '=', True), ('parent_id', '=', False)]"
)

"""Terms of a plan version, and their wording in its hash."""

from ... import paycalc

SHARES = ("fixed_share", "soft_share", "bonus_share")
#: Terms that stay fixed for at least half a year, besides goals and tiers.
TERM_FIELDS = (
    *SHARES,
    "bonus_basis",
    "holding_policy",
    "after_leaving",
    "leaver_months",
    "unpaid_leave",
    "threshold",
    "cap",
    "loyalty_share",
)
#: Terms added in a later release, with the value that older versions are taken to have.
#: A term with that value isn't part of the hash, so existing hashes stay valid.
LATER_TERMS = {
    "after_leaving": "leaver",
    "leaver_months": 6,
    "unpaid_leave": paycalc.DEDUCT,
    "loyalty_share": 0.0,
}
#: Wording of these choices in the hash. Labels may change; these strings must not, or
#: versions approved earlier would no longer match their hash.
DIGEST_WORDS = {
    "bonus_basis": {"paid": "Paid by the client", "invoiced": "Invoiced"},
    "holding_policy": {
        "pay_and_flag": "Pay all, flag missing reports",
        "hold_above_floor": "Hold what no report proves, down to the floor",
    },
    "after_leaving": {
        "leaver": "Who has left, for some months; then the successor",
        "successor": "The successor, from the day after",
        "nobody": "Nobody",
    },
    "unpaid_leave": {
        paycalc.DEDUCT: "Not paid: deducted from fixed and soft pay",
        paycalc.LEAVE_TO_PAYROLL: "Paid here; left to the company's salary rules",
    },
}
#: Terms that are records; without any, they aren't part of the hash.
RECORD_TERMS = ("release_document_type_ids",)

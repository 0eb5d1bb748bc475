"""What the applicants claim about their deals, and what the recruiter found out.

One claim is true, one is false, others wait. One referee may be contacted only after the
applicant agrees.
"""

from odoo.addons.nka_key_accounts.demo.language import price

from .applicants import MODULE, load
from .language import say

#: Name, applicant, what is claimed, client, size, period, referee, contact, consent.
CLAIMS = (
    (
        "katja_bakeries",
        "katja",
        "Sold a service contract for 140 ovens, on her own from first call to signature.",
        "Backhaus Lindner",
        420000,
        "2022",
        "Ute Lindner, owner",
        "u.lindner@backhaus-lindner.example",
        True,
    ),
    (
        "katja_share",
        "katja",
        "Raised our share of the client's purchases from a tenth to nearly half.",
        "Don Glass",
        260000,
        "2023",
        "Her present sales director",
        "",
        False,
    ),
    (
        "mikhail_tender",
        "mikhail",
        "Won the tender for packaging of a furniture producer against five competitors.",
        "Möbelwerke Sand",
        900000,
        "2021",
        "Jan Sand, head of purchasing",
        "+49 30 555 0144",
        True,
    ),
    (
        "mikhail_regions",
        "mikhail",
        "Opened the market of two regions; yearly sales after three years.",
        "",
        1500000,
        "2020",
        "",
        "",
        False,
    ),
    (
        "sven_award",
        "sven",
        "Best trainee of the branch.",
        "",
        0,
        "2024",
        "",
        "",
        False,
    ),
)
#: Claim, result, how, and what the check showed.
CHECKS = (
    (
        "katja_bakeries",
        "verified",
        "referee",
        "Called Ms. Lindner: contract and size are right, and Katja led the talks alone.",
    ),
    (
        "mikhail_tender",
        "false",
        "public",
        "The published result of the tender names another supplier.",
    ),
)


def enter(env):
    """Enter the claims, as the recruiter."""
    recruiter = env.ref(f"{MODULE}.demo_user_recruiter")
    for name, person, text, client, amount, period, *referee in CLAIMS:
        who, contact, consent = referee
        load(
            env["nka.applicant.claim"].with_user(recruiter),
            f"claim_{name}",
            {
                "applicant_id": env.ref(f"{MODULE}.demo_applicant_{person}").id,
                "kind": "deal" if amount else "other",
                "name": say(env, text),
                "client": say(env, client) if client else False,
                "amount": price(env, amount),
                "currency_id": env.company.currency_id.id,
                "period": period,
                "referee_name": say(env, who) if who else False,
                "referee_contact": contact,
                "referee_consent": consent,
            },
        )


def check(env):
    """Enter the results, as the recruiter, who interviews none of them."""
    recruiter = env.ref(f"{MODULE}.demo_user_recruiter")
    for name, result, method, evidence in CHECKS:
        claim = env.ref(f"{MODULE}.demo_claim_{name}").with_user(recruiter)
        if claim.state == "unverified":
            claim.action_decide(result, method, say(env, evidence))

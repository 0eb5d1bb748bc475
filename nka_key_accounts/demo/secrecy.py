"""The trade secret regime: in force, acknowledged by everybody but one.

Denis still has to acknowledge it: the login *payroll2* shows what that looks like.
"""

from odoo import Command

from .language import say
from .records import ago, create_missing, login, named

DAYS = 45
TITLE = "Trade secret regime for key accounts"
TEXT = (
    "1. Use this information only for your work at the company.\n"
    "2. Pass it on only to colleagues whose work requires it, and to clients as far as "
    "it concerns them.\n"
    "3. Print only what you need. Printed pages carry your name: keep them locked, "
    "shred them afterwards.\n"
    "4. Send no files to private mailboxes and keep none on private devices.\n"
    "5. When you leave, return everything. These duties remain for three years.\n"
    "6. Report a loss or a question from outside to your supervisor the same day."
)
ITEMS = (
    (
        "Prices and discounts",
        "Agreed prices, price lists by client, margins, concessions",
    ),
    (
        "People at the clients",
        "Stakeholder map, attitudes, direct phone numbers, notes",
    ),
    ("Deals and plans", "Open offers, negotiations, account plans, growth suggestions"),
    ("Contracts and documents", "Documents of the deals, with drafts and findings"),
)
READERS = ("anna", "boris", "vera", "gleb", "kam_admin", "director")
READERS += ("supervisor", "supervisor2", "payroll")
#: Users and the clients they looked at afterwards.
READS = (("anna", "severny"), ("boris", "lukoshko"), ("supervisor", "severny"))


def introduce(env):
    """Write and approve the regime; let people acknowledge it and work on."""
    regimes = env["nka.secrecy.regime"].with_user(login(env, "kam_admin"))
    regime = create_missing(regimes, {"secrecy_regime": _prepare_regime(env)})
    if not regime:
        return
    regime.action_submit()
    regime.with_user(login(env, "supervisor")).action_approve()
    regime.sudo().company_id.nka_secrecy_required = True
    for name in READERS:
        regime.with_user(login(env, name)).action_acknowledge()
    for name, client in READS:
        account = named(env, f"account_{client}").with_user(login(env, name))
        account.sudo(False).read(["display_name", "manager_id"])


def _prepare_regime(env):
    return {
        "name": say(env, TITLE),
        "order_number": "12-K",
        "date": ago(env, DAYS),
        "company_id": named(env, "account_severny").sudo().company_id.id,
        "text": say(env, TEXT),
        "item_ids": [
            Command.create({"name": say(env, name), "detail": say(env, detail)})
            for name, detail in ITEMS
        ],
    }

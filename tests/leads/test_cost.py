from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from odoo.addons.nka_key_accounts.models.accounts import res_partner as accounts
from odoo.addons.nka_key_accounts.models.accounts.figure_sources import Base
from odoo.addons.nka_key_accounts.models.leads import crm_lead
from odoo.addons.nka_key_accounts.models.leads import res_partner as leads
from odoo.addons.nka_key_accounts.models.trail.nka_guard_mixin import GuardMixin
from odoo.tests import tagged

from ..accounts.common import PartnersCase
from .common import LeadCase

OVERRIDES = [
    (crm_lead.CrmLead, "create"),
    (crm_lead.CrmLead, "write"),
    (leads.ResPartner, "write"),
    (GuardMixin, "create"),
    (GuardMixin, "write"),
]


def _no_account(leads):
    leads.key_account_id = False


@contextmanager
def without_the_addon():
    """Skip the addon's overrides of leads and partners."""
    with ExitStack() as stack:
        for owner, method in OVERRIDES:
            passed = _passed_over(owner, method)
            stack.enter_context(patch.object(owner, method, passed))
        stack.enter_context(
            patch.object(crm_lead.CrmLead, "_compute_key_account_id", _no_account)
        )
        yield


def _passed_over(owner, method):
    def call(self, values):
        return getattr(super(owner, self), method)(values)

    # The registry reads decorators from the methods it replaces.
    call.__dict__.update(getattr(owner, method).__dict__)
    return call


@tagged("nka_leads", "nka_cost")
class TestCostOfOtherRecords(LeadCase):
    """Records without a key account cost at most one additional query."""

    def _queries(self, work):
        """Return the queries of a second call, including the flush."""
        work()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _assert_one_more_at_most(self, work):
        self._queries(work)
        with without_the_addon():
            bare = self._queries(work)
        taxed = self._queries(work)
        self.assertGreater(bare, 0)
        self.assertLessEqual(taxed, bare + 1, f"{taxed} queries instead of {bare}")

    def test_create_a_lead(self):
        leads = self.env["crm.lead"].with_user(self.salesman)
        self._assert_one_more_at_most(lambda: leads.create({"name": "Somebody"}))

    def test_create_a_lead_of_a_client(self):
        leads = self.env["crm.lead"].with_user(self.salesman)
        vals = {
            "name": "Somebody",
            "partner_id": self.other_client.id,
            "user_id": self.salesman.id,
            "type": "opportunity",
        }
        self._assert_one_more_at_most(lambda: leads.create(dict(vals)))

    def test_create_many_leads(self):
        leads = self.env["crm.lead"].with_user(self.salesman)
        vals = {"name": "Somebody", "partner_id": self.other_client.id}
        self._assert_one_more_at_most(
            lambda: leads.create([dict(vals) for i in range(20)])
        )

    def _assert_write_tax(self, record, fname, values):
        """Write two values alternately, so that each call changes something."""
        turn = [0]

        def work():
            turn[0] += 1
            record.write({fname: values[turn[0] % 2]})

        self._assert_one_more_at_most(work)

    def test_write_a_lead(self):
        for fname, values in (
            ("name", ["One", "Two"]),
            ("partner_id", [self.other_client.id, self._new_client("Third").id]),
            ("user_id", [self.salesman.id, self.colleague.id]),
            ("active", [True, False]),
            ("description", ["One", "Two"]),
            ("expected_revenue", [1, 2]),
        ):
            self._assert_write_tax(
                self.free_lead.with_user(self.salesman), fname, values
            )

    def test_win_and_lose_a_lead(self):
        lead = self.free_lead.with_user(self.salesman)

        def work():
            lead.action_set_lost()
            lead.action_restore()

        self._assert_one_more_at_most(work)

    def test_create_a_partner(self):
        partners = self.env["res.partner"].with_user(self.salesman)
        self._assert_one_more_at_most(lambda: partners.create({"name": "Somebody"}))

    def test_write_a_partner(self):
        person = self.env["res.partner"].create({"name": "Somebody"})
        person = person.with_user(self.salesman)
        parents = [self.other_client.id, self._new_client("Third").id]
        self._assert_write_tax(person, "parent_id", parents)
        self._assert_write_tax(person, "phone", ["+371 1", "+371 2"])


@tagged("nka_accounts")
class TestCostOfPartners(PartnersCase):
    """Partners without a key account cost at most one additional query."""

    def _queries(self, step):
        step()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        step()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def _assert_tax(self, step):
        with_addon = self._queries(step)
        with ExitStack() as stack:
            for owner, method in (
                (accounts.ResPartner, "write"),
                (leads.ResPartner, "write"),
                (Base, "modified"),
            ):
                stack.enter_context(patch.object(owner, method, _plain(owner, method)))
            without = self._queries(step)
        self.assertLessEqual(with_addon - without, 1)

    def test_create(self):
        self._assert_tax(lambda: self._new_client("Somebody"))

    def test_write(self):
        self._assert_tax(lambda: self.twin.write({"name": "Another name"}))

    def test_archive(self):
        self._assert_tax(lambda: self.twin.write({"active": False}))

    def test_change_of_parent(self):
        person = self.env["res.partner"].create({"name": "Per Lind"})
        parents = [self.twin.id, self._new_client("Rhine Glass").id] * 2
        self._assert_tax(lambda: person.write({"parent_id": parents.pop()}))

    def test_create_contact(self):
        self._assert_tax(
            lambda: self.env["res.partner"].create(
                {"name": "Per Lind", "parent_id": self.twin.id}
            )
        )


def _plain(owner, method):
    """Return the method as it would be without the override."""

    def plain(self, *args, **kwargs):
        return getattr(super(owner, self), method)(*args, **kwargs)

    if method == "create":
        plain._api_model = True
    return plain

"""Supervisors who are paid for a client can't decide which sales count for it."""

import re

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_joining import JoiningCase

SUPERVISOR = "nka_key_accounts.group_key_account_supervisor"


class Involved:
    """Tests of a user with the supervisor role who also has a share in the account."""

    def _involve(self):
        """Give a user a share or role in the account and return the user.

        :rtype: res.users
        """
        raise NotImplementedError

    def setUp(self):
        super().setUp()
        self.person = self._involve()
        self.person.group_ids |= self.env.ref(SUPERVISOR)
        self.person.group_ids |= self.env.ref("base.group_partner_manager")

    def test_cant_add_a_company(self):
        with self.assertRefused("has never been credited", AccessError):
            self._put_below(self.stranger, self.person, is_company=False)
        self._put_below(self.stranger, self.supervisor_2, is_company=False)
        self.assertEqual(self.stranger.commercial_partner_id, self.client)

    def test_cant_remove_a_contact(self):
        self._new_invoice(self.contact, 700)
        with self.assertRefused("has never been credited", AccessError):
            self.contact.with_user(self.person).parent_id = self.stranger
        with self.assertRefused("has never been credited", AccessError):
            self.contact.with_user(self.person).is_company = True

    def test_cant_merge_a_company_into_the_client(self):
        for into in (self.client, self.stranger):
            with self.assertRefused("another supervisor", AccessError):
                self._merge(self.client | self.stranger, into, self.person)
        self.assertTrue(self.stranger.exists())

    def test_cant_merge_a_company_into_a_contact(self):
        with self.assertRefused("has never been credited", AccessError):
            self._merge(self.contact | self.stranger, self.contact, self.person)

    def test_the_refusal_names_other_supervisors(self):
        for step in (
            lambda: self._put_below(self.stranger, self.person, is_company=False),
            lambda: self._merge(self.client | self.stranger, self.client, self.person),
        ):
            with self.assertRefused(
                re.escape(self.supervisor.name), AccessError
            ) as caught:
                step()
            self.assertNotIn(self.person.name, str(caught.exception))


@tagged("nka_accounts")
class TestDeputy(Involved, JoiningCase):
    def _involve(self):
        self.account.with_user(self.supervisor).deputy_id = self.colleague
        return self.colleague


@tagged("nka_accounts")
class TestShare(Involved, JoiningCase):
    def _involve(self):
        self._hand_over(self.account, scope="credit", keep_share=60)
        return self.colleague


@tagged("nka_accounts")
class TestFormerManager(Involved, JoiningCase):
    """Former managers may still be paid a share by their handover."""

    def _involve(self):
        self.env["nka.assignment"]._unlocked().create(
            {
                "key_account_id": self.account.id,
                "user_id": self.colleague.id,
                "date_from": self.today - self._days(60),
                "date_to": self.today - self._days(30),
            }
        )
        return self.colleague


@tagged("nka_accounts")
class TestManager(Involved, JoiningCase):
    def _involve(self):
        return self.manager

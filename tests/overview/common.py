"""What tests of a director's pages begin with."""

from ..common import NkaCase


class DirectorCase(NkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls._new_user("nka_director", "group_key_account_director")
        cls.account = cls._key_account(cls.client)
        cls.other = cls._key_account(cls.other_client, cls.colleague)
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "Rolling mill",
                "partner_id": cls.client.id,
                "user_id": cls.manager.id,
                "type": "opportunity",
                "expected_revenue": 1000,
            }
        )

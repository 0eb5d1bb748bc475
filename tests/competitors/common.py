"""Fixtures for tests of competitors."""

from ..deals.common import DealsCase


class CompetitorsCase(DealsCase):
    """A competitor the manager can read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.competitor = (
            cls.env["nka.competitor"]
            .with_user(cls.manager)
            .create({"name": "Rival Ltd"})
            .with_user(cls.env.user)
        )
        cls.env.flush_all()

    @classmethod
    def _meet(cls, user=None, **vals):
        model = cls.env["nka.competitor.presence"].with_user(user or cls.manager)
        return model.create(
            {
                "competitor_id": cls.competitor.id,
                "key_account_id": cls.account.id,
                **vals,
            }
        )

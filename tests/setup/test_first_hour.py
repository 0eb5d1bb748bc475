"""The first hour of a company, in a browser, by the people who do it."""

import re

from .company import CompanyCase

#: Clicks and filled fields of everybody together.
MOST_INPUTS = 80


class TestFirstHour(CompanyCase):
    def _do(self, name, login, url="/odoo"):
        with self.assertLogs(self._logger.name, "INFO") as logs:
            self.start_tour(url, name, login=login)
        self.env.invalidate_all()
        (count,) = re.findall(rf"Inputs of {name}: (\d+)", "\n".join(logs.output))
        return int(count)

    def test_from_nothing_to_a_closed_month(self):
        counts = {}
        counts["a"] = self._do("nka_first_hour_administrator", "odoo_admin")
        print(counts)

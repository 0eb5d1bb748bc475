"""A colleague tries to read another employee's pay with everything that RPC offers."""

from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from .common import DECEMBER, SECRET, ConfinedCase

AMOUNTS = (
    "total_amount",
    "amount",
    "target_earnings",
    "target",
    "price_unit",
    "total",
)


@tagged("nka_pay")
class TestPublicMethods(ConfinedCase):
    """The colleague has no pay here: whatever a method returns belongs to someone else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._score_all(DECEMBER)
        cls.env["nka.pay.dispute"].with_user(cls.manager).create(
            {"statement_id": cls.statement.id, "text": "Too little"}
        )

    def _counts(self, records):
        """Yield every method that searches without ids, with the number of records it
        finds.
        """
        amount = next((name for name in AMOUNTS if name in records._fields), "id")
        guess = [(amount, ">=", 0)]
        order = f"{amount} desc"
        yield "search", lambda: len(records.search([], order=order))
        yield "search_count", lambda: records.search_count(guess)
        yield "search_read", lambda: len(records.search_read(guess, [amount]))
        yield "name_search", lambda: len(records.name_search(""))
        yield (
            "web_search_read",
            lambda: records.web_search_read(guess, {amount: {}}, count_limit=9)[
                "length"
            ],
        )
        yield (
            "formatted_read_group",
            lambda: records.formatted_read_group(guess, [], ["__count"])[0]["__count"],
        )
        yield (
            "web_read_group",
            lambda: records.web_read_group([], ["id"], [])["length"],
        )
        yield "_read_group", lambda: records._read_group([], [], ["__count"])[0][0]

    def test_searches_find_nothing(self):
        tried = 0
        for name in SECRET:
            records = self.env[name].with_user(self.colleague)
            for door, ask in self._counts(records):
                try:
                    found = ask()
                except UserError:
                    continue
                tried += 1
                self.assertFalse(found, f"{name}.{door}")
        self.assertGreater(tried, 50)

    def test_records_cannot_be_opened_by_id(self):
        tried = 0
        for name in SECRET:
            secret = self.env[name].sudo().search([], limit=1)
            if not secret:
                continue
            tried += 1
            record = secret.with_user(self.colleague)
            fields = [n for n in ("display_name", "company_id") if n in record._fields]
            for door in (
                lambda r=record, f=fields: r.read(f),
                lambda r=record, f=fields: r.web_read({n: {} for n in f}),
                lambda r=record, f=fields: r.export_data(f),
                lambda r=record: r.copy(),
                lambda r=record: r.write({"company_id": 1}),
                lambda r=record: r.unlink(),
                lambda r=record: r.check_access("read"),
            ):
                with self.assertRaises(UserError, msg=name), self.cr.savepoint():
                    door()
        self.assertGreater(tried, 7)

    def test_readable_models_have_no_related_field_through_pay(self):
        """Related fields are read and searched as superuser, bypassing record rules."""
        for name in self.env.registry:
            model = self.env[name].with_user(self.colleague)
            if name in SECRET or model._abstract or not model.has_access("read"):
                continue
            for field in model._fields.values():
                for step in self._models_on_the_way(model, field):
                    self.assertNotIn(step, SECRET, f"{name}.{field.name}")

    def _models_on_the_way(self, model, field):
        if not field.related or not model._has_field_access(field, "read"):
            return
        if name_of_own_pages(model):
            return
        for step in field.related.split(".")[:-1]:
            model = self.env[model._fields[step].comodel_name]
            yield model._name

    def test_report_is_refused(self):
        reports = self.env["ir.actions.report"].with_user(self.colleague)
        for name in (
            "nka_key_accounts.report_pay_statement",
            "nka_key_accounts.action_report_pay_statement",
        ):
            with self.assertRaises(UserError):
                reports._render_qweb_html(name, self.statement.ids)

    def test_messages_cannot_be_grouped_or_sorted(self):
        self.agreement.sudo().message_post(body="Raised to 200,000")
        messages = self.env["mail.message"].with_user(self.colleague)
        domain = [("model", "in", SECRET)]
        self.assertFalse(messages.search(domain, order="body"))
        self.assertFalse(messages.search_count([("body", "ilike", "200,000")]))
        for ask in (
            lambda: messages._read_group(domain, ["body"]),
            lambda: messages.formatted_read_group(domain, ["body"], ["__count"]),
        ):
            try:
                found = ask()
            except UserError:
                continue
            self.assertFalse(found)


def name_of_own_pages(model):
    """Return whether records of a model are visible to their creator only."""
    return model._transient


@tagged("nka_pay")
class TestHostileRpc(HttpCase, ConfinedCase):
    """The same attempts over HTTP."""

    def _call(self, model, method, *args, **kwargs):
        self.authenticate("nka_colleague", "nka_colleague")
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": list(args), "kwargs": kwargs},
        )

    def test_relations_and_files(self):
        stolen = self.env["ir.attachment"].create(
            {
                "name": "statement.pdf",
                "raw": b"180,000",
                "res_model": "nka.pay.statement",
                "res_id": self.statement.id,
            }
        )
        self.authenticate("nka_colleague", "nka_colleague")
        for url in (
            f"/web/content/{stolen.id}",
            f"/web/content/nka.pay.statement/{self.statement.id}/shares_html",
            f"/report/html/nka_key_accounts.report_pay_statement/{self.statement.id}",
        ):
            answer = self.url_open(url)
            self.assertNotEqual(answer.status_code, 200, url)
            self.assertNotIn("180,000", answer.text)
        rows = self._call(
            "nka.season",
            "web_search_read",
            [],
            {"goal_ids": {"fields": {"target": {}}}},
        )
        self.assertFalse([goal for row in rows["records"] for goal in row["goal_ids"]])
        for path in (
            "agreement_ids.target_earnings",
            "version_ids.plan_id.agreement_ids",
        ):
            with self.assertRaisesRegex(Exception, "Access|Invalid|allowed"):
                self._call("nka.pay.plan", "search_read", [(path, ">", 1)], ["name"])

"""When clients are asked, and whom.

Nobody chooses: the day of the half-year and the people come from the secret of the
server. The stakeholder map is the manager's, so what is typed there decides at most one
of the people asked, and those removed from it a short time ago are asked as well.
"""

import hashlib
import hmac
from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import format_date

from .res_company import FEWEST
from .telling import tell

#: Fewest days between a breach or handover and the question, and the days added by
#: chance: managers close commitments themselves, and would choose the day with them.
BREACH_DAYS = 3
HANDOVER_DAYS = 30
CHANCE_DAYS = 14
#: Days after that day in which an occasion is still found, and a question can wait:
#: a company that switches this on doesn't ask about what was long ago.
FOUND_DAYS = 14
WAIT_DAYS = 45
#: Days without another question to the same client.
CLIENT_REST = 30
#: Part of a half-year over which the regular questions are spread.
SPREAD_DAYS = 150


class VoiceRound(models.Model):
    """One occasion on which several stakeholders of a client are asked."""

    _name = "nka.voice.round"
    _description = "Client survey"
    _inherit = ["nka.state.mixin", "nka.account.item.mixin", "nka.read.mixin"]
    _order = "date desc, id desc"
    _rec_name = "key_account_id"
    _guarded_fields = (
        "key_account_id",
        "occasion",
        "origin",
        "date",
        "date_from",
        "state",
        "reason",
    )
    _audit_readers = "record"

    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="key_account_id.company_id", store=True, index=True
    )
    manager_id = fields.Many2one(related="key_account_id.manager_id")
    occasion = fields.Selection(
        [
            ("regular", "Twice a year"),
            ("breach", "Breached commitment"),
            ("handover", "Handover"),
        ],
        required=True,
        readonly=True,
    )
    origin = fields.Char("For", required=True, readonly=True)
    commitment_id = fields.Many2one(
        "nka.commitment", readonly=True, ondelete="set null"
    )
    handover_id = fields.Many2one("nka.handover", readonly=True, ondelete="set null")
    date_from = fields.Date("Occasion on", required=True, readonly=True)
    date = fields.Date("Asked on", required=True, readonly=True)
    state = fields.Selection(
        [("planned", "Planned"), ("asked", "Asked"), ("skipped", "Not asked")],
        required=True,
        readonly=True,
        default="planned",
        index=True,
    )
    reason = fields.Text("Who wasn't asked, and why", readonly=True)
    answer_ids = fields.One2many("nka.voice.answer", "round_id", "Stakeholders asked")
    answer_count = fields.Integer("Asked", compute="_compute_answer_count")
    answered_count = fields.Integer("Answered", compute="_compute_answer_count")

    _origin_unique = models.UniqueIndex(
        "(key_account_id, occasion, origin)",
        "Clients are asked once for each occasion.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("answer_ids.state")
    def _compute_answer_count(self):
        for survey in self:
            survey.answer_count = len(survey.answer_ids)
            survey.answered_count = len(
                survey.answer_ids.filtered(
                    lambda answer: answer.state in ("answered", "disclosed")
                )
            )

    # ------------------------------------------------------------ nightly job
    @api.model
    def _cron_ask(self):
        """Plan surveys and ask the clients, for the companies that switched it on."""
        companies = self.env["res.company"].sudo().search([])
        answers = self.env["nka.voice.answer"].sudo()
        for company in companies:
            answers._follow(company)
            if company.nka_voice_active:
                surveys = self.sudo().with_company(company)
                self.env["nka.stakeholder"].sudo()._follow_addresses(company)
                surveys._plan(company)
                surveys._ask_due(company)

    # ------------------------------------------------------------ planning
    @api.model
    def _plan(self, company):
        """Plan the surveys of a company that aren't planned yet."""
        today = fields.Date.context_today(self)
        wanted = [
            *self._regular(company, today),
            *self._after_breaches(company, today),
            *self._after_handovers(company, today),
        ]
        known = {
            (row.key_account_id.id, row.occasion, row.origin)
            for row in self.search_fetch(
                [
                    ("company_id", "=", company.id),
                    ("origin", "in", [vals["origin"] for vals in wanted]),
                ],
                ["key_account_id", "occasion", "origin"],
            )
        }
        return self._unlocked().create(
            [
                vals
                for vals in wanted
                if (vals["key_account_id"], vals["occasion"], vals["origin"])
                not in known
            ]
        )

    @api.model
    def _regular(self, company, today):
        half = 1 if today.month <= 6 else 2
        start = date(today.year, 1 if half == 1 else 7, 1)
        accounts = self.env["nka.key.account"].search(
            [("company_id", "=", company.id), ("state", "=", "key")]
        )
        origin = f"{today.year}-{half}"
        for account in accounts:
            spread = int(self._chance(f"day:{account.id}:{origin}") * SPREAD_DAYS)
            day = start + timedelta(days=spread)
            if day < today:
                # Switched on, or the client confirmed, in the middle of a half-year.
                late = self._chance(f"late:{account.id}:{origin}")
                day = today + timedelta(days=1 + int(late * CLIENT_REST))
            yield {
                "key_account_id": account.id,
                "occasion": "regular",
                "origin": origin,
                "date_from": today,
                "date": day,
            }

    @api.model
    def _after_breaches(self, company, today):
        breached = self.env["nka.commitment"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "breached"),
                ("promised_by", "=", "us"),
                ("closed_date", ">=", today - timedelta(BREACH_DAYS + FOUND_DAYS)),
                ("key_account_id.state", "=", "key"),
            ]
        )
        for item in breached:
            yield {
                "key_account_id": item.key_account_id.id,
                "occasion": "breach",
                "origin": f"{item._name},{item.id}",
                "commitment_id": item.id,
                "date_from": item.closed_date,
                "date": self._some_day(item, item.closed_date, BREACH_DAYS),
            }

    @api.model
    def _after_handovers(self, company, today):
        handovers = self.env["nka.handover"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "done"),
                ("scope", "=", "account"),
                ("date", ">=", today - timedelta(HANDOVER_DAYS + FOUND_DAYS)),
            ]
        )
        for handover in handovers:
            for account in handover.key_account_ids:
                if account.state == "key":
                    yield {
                        "key_account_id": account.id,
                        "occasion": "handover",
                        "origin": f"{handover._name},{handover.id}",
                        "handover_id": handover.id,
                        "date_from": handover.date,
                        "date": self._some_day(handover, handover.date, HANDOVER_DAYS),
                    }

    @api.model
    def _some_day(self, record, day, least):
        """Return a day by chance, at least some days after what happened."""
        chance = self._chance(f"after:{record._name}:{record.id}")
        return day + timedelta(days=least + int(chance * CHANCE_DAYS))

    # ------------------------------------------------------------ asking
    @api.model
    def _ask_due(self, company):
        today = fields.Date.context_today(self)
        due = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "planned"),
                ("date", "<=", today),
            ],
            order="date, id",
        )
        open_ = due.filtered(lambda survey: survey.key_account_id.state == "key")
        (due - open_)._skip(self.env._("The client is no longer a key account."))
        if open_:
            last = self._last_asked(open_.key_account_id)
            chosen = open_._choose(company, today)
            for survey in open_:
                survey._ask(chosen, last, today)

    @api.model
    def _last_asked(self, accounts):
        return dict(
            self._read_group(
                [("key_account_id", "in", accounts.ids), ("state", "=", "asked")],
                ["key_account_id"],
                ["date:max"],
            )
        )

    def _ask(self, chosen, last, today):
        """Ask the people chosen, wait for a better day, or say why nobody is asked.

        :param dict chosen: people by survey
        :param dict last: day of the last survey by account; today is added to it
        """
        self.ensure_one()
        account, people = self.key_account_id, chosen[self]
        asked = last.get(account)
        if asked and (today - asked).days < CLIENT_REST:
            day = format_date(self.env, asked)
            self._wait(
                self.env._("The client was asked on %s already.", day),
                is_over=self.occasion != "regular",
            )
        elif len(people) < FEWEST:
            self._wait(self._describe_missing(today))
        elif (today - self.date).days > WAIT_DAYS:
            self._wait(self.env._("The occasion was too long ago."))
        else:
            others = self._describe_others(today)
            self.env["nka.voice.answer"]._ask(self, people)
            self._move_to("asked", date=today, reason=others)
            last[account] = today

    def _wait(self, reason, is_over=False):
        """Note why the survey waits; once it waited too long, end it."""
        today = fields.Date.context_today(self)
        if is_over or (today - self.date).days > WAIT_DAYS:
            self._skip(reason)
            self._tell_skipped()
        elif self.reason != reason:
            self._unlocked().write({"reason": reason})

    def _describe_missing(self, today):
        """Return that too few can be asked, and who can't, for supervisors."""
        said = self.env._("Fewer than %s stakeholders could be asked.", FEWEST)
        return "\n".join(filter(None, [said, self._describe_others(today)]))

    def _describe_others(self, today):
        """Return who can't be asked and why, because managers could see to it."""
        people = self.env["nka.stakeholder"].with_context(active_test=False)
        people = people.search([("key_account_id", "=", self.key_account_id.id)])
        words = dict(people._fields["voice_hindrance"]._description_selection(self.env))
        found = people._read_hindrances(today)
        return "\n".join(
            f"{person.display_name}: {words[found[person.id]]}"
            for person in people
            if person.id in found
        )

    def _tell_skipped(self):
        """Tell the supervisors, if the client should have been asked but couldn't be."""
        if self.occasion != "regular":
            return

        def write(env):
            name = self.key_account_id.display_name
            text = env._("Nobody at %(client)s was asked for feedback.", client=name)
            return env._("Client not asked: %s", name), f"{text} {self.reason}"

        link = f"{self.get_base_url()}/odoo/client-surveys/{self.id}"
        account = self.key_account_id
        tell(account._voice_supervisors(account.manager_id), write, link)

    def _skip(self, reason):
        for survey in self:
            survey._move_to("skipped", note=reason, reason=reason)

    def _choose(self, company, today):
        """Return the people to ask by survey: one key contact, the others by chance.

        :rtype: dict[nka.voice.round, nka.stakeholder]
        """
        people = self.env["nka.stakeholder"]._askable(self.key_account_id, today)
        found = people.grouped("key_account_id")
        chosen = {}
        for survey in self:
            ranked = found.get(survey.key_account_id, people.browse()).sorted(
                lambda person, survey=survey: self._chance(
                    f"who:{survey.id}:{person.id}"
                )
            )
            first = ranked.filtered("is_key")[:1]
            rest = (ranked - first)[: max(company.nka_voice_count, FEWEST) - len(first)]
            chosen[survey] = first | rest
        return chosen

    @api.model
    def _chance(self, subject):
        """Return a number in [0, 1) from a secret of the server that nobody predicts."""
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        made = hmac.new(
            secret.encode(), f"nka-voice:{subject}".encode(), hashlib.sha256
        )
        return int.from_bytes(made.digest()[:6], "big") / 2**48

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..trail.frozen_rows import frozen
from .telling import tell

#: Days for which the link in the email can be used.
OPEN_DAYS = 30
#: Points of the attitude above the answer that make a blind spot.
GAP = 2
SENTENCE = 2000
SCORES = (1, 3, 5)

#: What was asked and answered: neither changes afterwards.
ASKED_FIELDS = (
    "round_id",
    "key_account_id",
    "attitude",
    "manager_id",
    "deputy_id",
    "date_asked",
)
ANSWER_FIELDS = ("score", "feedback", "date_answered")


class VoiceAnswer(models.Model):
    """One stakeholder asked by the house, and what they answered.

    It is no ``mail.thread`` on purpose: an answer must not become a message, whose
    readers are others than those of the answer. Managers see a row once it is released,
    and nothing of it before.
    """

    _name = "nka.voice.answer"
    _description = "Client feedback"
    _inherit = ["nka.state.mixin", "nka.account.item.mixin", "nka.read.mixin"]
    _order = "date_answered desc, date_asked desc, id desc"
    _rec_name = "partner_id"
    _guarded_fields = (
        *ASKED_FIELDS,
        *ANSWER_FIELDS,
        "stakeholder_id",
        "partner_id",
        "email",
        "rating_id",
        "gap",
        "view",
        "state",
        "date_released",
        "released_by_id",
    )
    _audit_readers = "record"
    _audit_own_creation = True

    round_id = fields.Many2one(
        "nka.voice.round",
        "Survey",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    occasion = fields.Selection(related="round_id.occasion", store=True)
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
    stakeholder_id = fields.Many2one(
        "nka.stakeholder",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    partner_id = fields.Many2one(
        "res.partner", "Contact", required=True, readonly=True, ondelete="restrict"
    )
    email = fields.Char("Asked at", readonly=True)
    manager_id = fields.Many2one(
        "res.users",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Manager of the client when the question was sent.",
    )
    # For the record rule: deputies don't read it first by leaving the account.
    deputy_id = fields.Many2one(
        "res.users", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    attitude = fields.Selection(
        [
            ("1", "Opponent"),
            ("2", "Skeptic"),
            ("3", "Neutral"),
            ("4", "Supporter"),
            ("5", "Advocate"),
        ],
        "Attitude in our view",
        readonly=True,
        help="As the manager had entered it when the question was sent.",
    )
    date_asked = fields.Date("Asked on", required=True, readonly=True)
    date_answered = fields.Date("Answered on", readonly=True, index=True)
    date_released = fields.Date("Released on", readonly=True)
    released_by_id = fields.Many2one("res.users", "Released by", readonly=True)
    date_release = fields.Date(
        "Read by the manager from", compute="_compute_date_release"
    )
    rating_id = fields.Many2one(
        "rating.rating",
        readonly=True,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    score = fields.Integer("Satisfaction (1–5)", readonly=True, aggregator="avg")
    satisfaction = fields.Selection(
        [("5", "Satisfied"), ("3", "Neutral"), ("1", "Dissatisfied")],
        compute="_compute_satisfaction",
        store=True,
        index=True,
    )
    feedback = fields.Text("In their words", readonly=True)
    gap = fields.Integer(
        "Attitude above answer",
        readonly=True,
        aggregator="avg",
        help="Attitude in our view less the client's answer, both from 1 to 5.",
    )
    view = fields.Selection(
        [
            ("blind", "Blind spot"),
            ("agree", "As seen"),
            ("better", "Better than seen"),
        ],
        "Attitude against feedback",
        readonly=True,
        index=True,
        help="Blind spot: the client is much less satisfied than the manager believes.",
    )
    state = fields.Selection(
        [
            ("asked", "Asked"),
            ("answered", "Supervisor reads"),
            ("disclosed", "Released"),
            ("expired", "No answer"),
            ("refused", "Opted out"),
            ("undelivered", "Not delivered"),
        ],
        required=True,
        readonly=True,
        default="asked",
        index=True,
    )

    # Not unique: a merge of contacts can leave two answers of a person to a survey.
    _person_index = models.Index("(partner_id, date_asked)")

    @api.model
    def _guards(self):
        """Keep questions and answers in the database as well."""
        answered = "before->>'state' IN ('answered', 'disclosed')"
        return [
            *super()._guards(),
            *frozen(self._table, answered, (*ASKED_FIELDS, *ANSWER_FIELDS), "UPDATE"),
        ]

    # ------------------------------------------------------------ compute
    @api.depends("partner_id", "key_account_id")
    def _compute_display_name(self):
        for answer in self:
            person = answer.sudo().partner_id.name
            client = answer.sudo().key_account_id.partner_id.name
            answer.display_name = f"{person}, {client}"

    @api.depends("score")
    def _compute_satisfaction(self):
        for answer in self:
            answer.satisfaction = str(answer.score) if answer.score else False

    @api.depends("date_answered", "date_released")
    def _compute_date_release(self):
        for answer in self:
            days = timedelta(days=answer.company_id.sudo().nka_voice_release_days)
            answer.date_release = answer.date_released or (
                answer.date_answered and answer.date_answered + days
            )

    # ------------------------------------------------------------ CRUD
    @api.ondelete(at_uninstall=False)
    def _check_unlink(self):
        raise UserError(self.env._("Client feedback stays on record."))

    # ------------------------------------------------------------ asking
    @api.model
    def _ask(self, survey, people):
        """Ask these people in the name of the company.

        :param survey: the occasion
        :param people: stakeholders of its account
        :return: the questions
        """
        answers = self._record_asked(survey, people)
        answers._send()
        return answers

    @api.model
    def _record_asked(self, survey, people):
        """Return new questions to these people, each with the rating that answers it."""
        today = fields.Date.context_today(self)
        account = survey.key_account_id
        answers = self._unlocked().create(
            [
                {
                    "round_id": survey.id,
                    "key_account_id": account.id,
                    "stakeholder_id": person.id,
                    "partner_id": person.partner_id.id,
                    "email": person.partner_id.email_normalized,
                    "manager_id": account.manager_id.id,
                    "deputy_id": account.deputy_id.id,
                    "attitude": person.attitude,
                    "date_asked": today,
                }
                for person in people
            ]
        )
        ratings = self.env["rating.rating"].create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": answer.id,
                    "partner_id": answer.partner_id.id,
                    "is_internal": True,
                }
                for answer in answers
            ]
        )
        for answer, rating in zip(answers, ratings, strict=True):
            answer._unlocked().write({"rating_id": rating.id})
        self.env["nka.audit.event"]._record(answers, "state", new="asked")
        return answers

    def _send(self):
        """Put the emails into Odoo's queue, each in its recipient's language.

        Nobody reads them there: they carry the token by which the client answers. They
        are deleted once they are sent. A template of ``mail.template`` could be changed
        by employees, so the text is a view.
        """
        self.env["mail.mail"].create([answer._prepare_mail() for answer in self])

    def _prepare_mail(self):
        company = self.company_id
        answer = self.with_context(lang=self._language())
        token, url = self.rating_id.access_token, self.get_base_url()
        stop = f"{url}/nka/feedback/{token}/stop"
        house = company.email_formatted or self.env.ref("base.partner_root").email
        values = {
            **answer._mail_words(),
            "company": company,
            "url": f"{url}/rate/{token}",
            "names": answer._words(),
            "stop_url": stop,
            "base_url": url,
        }
        return {
            "subject": answer._title(),
            "body_html": answer.env["ir.qweb"]._render(
                "nka_key_accounts.voice_mail", values
            ),
            "email_from": house,
            "reply_to": self._reply_to() or house,
            "email_to": self.email,
            "author_id": company.partner_id.id,
            "model": self._name,
            "res_id": self.id,
            "auto_delete": True,
            "headers": repr(
                {
                    "List-Unsubscribe": f"<{stop}>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                    "Auto-Submitted": "auto-generated",
                }
            ),
        }

    def _mail_words(self):
        """Return the sentences of the email, in the language of the environment."""
        env = self.env
        words = {
            "company": self.company_id.name,
            "client": self.key_account_id.partner_id.name,
        }
        until = self.date_asked + timedelta(days=OPEN_DAYS)
        return {
            "hello": env._("Hello %s,", self.partner_id.name),
            "question": env._(
                "How satisfied are you with the way %(company)s works with %(client)s? "
                "One click is enough; a sentence helps us.",
                **words,
            ),
            "note": env._(
                "We ask a few people of each client, chosen by chance. Your answer goes to "
                "the head of sales first; your account manager can read it later. The "
                "links work until %s.",
                format_date(self.env, until),
            ),
        }

    def _language(self):
        """Return the language in which the person is asked."""
        self.ensure_one()
        installed = dict(self.env["res.lang"].get_installed())
        wanted = (self.partner_id.lang, self.company_id.partner_id.lang, self.env.lang)
        return next((lang for lang in wanted if lang in installed), "en_US")

    def _words(self):
        """Return the three answers by score, best first, in the recipient's language."""
        env = self.with_context(lang=self._language()).env
        answers = self._fields["satisfaction"]._description_selection(env)
        return [(int(score), label) for score, label in answers]

    def _title(self):
        """Return the question, in the language of the environment."""
        return self.env._("How satisfied are you with %s?", self.sudo().company_id.name)

    def _reply_to(self):
        """Return the address of a supervisor who isn't the manager."""
        return self._supervisors()[:1].email_formatted

    def _supervisors(self):
        """Return who reads the answer first."""
        return self.key_account_id._voice_supervisors(self.manager_id | self.deputy_id)

    def _tell_supervisor(self):
        """Tell the supervisors that there is an answer, without its content."""

        def write(env):
            text = env._(
                "%(client)s answered. You read it first; the manager can read it from "
                "%(day)s, or once you release it.",
                client=self.display_name,
                day=format_date(env, self.date_release),
            )
            return env._("Client feedback: %s", self.display_name), text

        link = f"{self.get_base_url()}/odoo/client-feedback/{self.id}"
        tell(self._supervisors(), write, link)

    @api.model
    def _last_asked(self, people):
        """Return when these contacts and addresses were last asked.

        :rtype: dict[int or str, date]
        """
        rows = self.search_fetch(
            [
                "|",
                ("partner_id", "in", people.partner_id.ids),
                ("email", "in", people.partner_id.mapped("email_normalized")),
            ],
            ["partner_id", "email", "date_asked"],
            order="date_asked, id",
        )
        return {
            key: row.date_asked
            for row in rows
            for key in (row.partner_id.id, row.email)
        }

    # ------------------------------------------------------------ answering
    @api.private
    def rating_apply(self, rate, token=None, rating=None, feedback=None, **kwargs):
        """Take the answer given by the link in the email, once.

        Called by Odoo's page for ratings, as superuser.

        :param int rate: 1, 3 or 5
        :param rating: the rating found by its token
        :param str feedback: the client's own words
        """
        self.ensure_one()
        if not self.env.su or not rating or rating != self.rating_id:
            raise AccessError(
                self.env._("Clients answer by the link in the email they received.")
            )
        if self._is_open() and int(rate) in SCORES:
            text = feedback if isinstance(feedback, str) else ""
            # The database takes no NUL.
            text = text.replace("\0", "").strip()[:SENTENCE] or False
            rating.write({"rating": rate, "feedback": text, "consumed": True})
            self._take(int(rate), text)
        return rating

    def _is_open(self):
        """Return whether the question can still be answered."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        closing = self.date_asked + timedelta(days=OPEN_DAYS)
        return self.state == "asked" and today <= closing

    def _take(self, score, feedback, day=None):
        self._move_to(
            "answered",
            score=score,
            feedback=feedback,
            gap=int(self.attitude) - score,
            view=self._view(score),
            date_answered=day or fields.Date.context_today(self),
        )
        self._tell_supervisor()

    def _view(self, score):
        """Return how the attitude entered compares with the answer."""
        gap = int(self.attitude) - score
        if abs(gap) < GAP:
            return "agree"
        return "blind" if gap > 0 else "better"

    def _refuse(self):
        """Note that the person doesn't want to be asked any more."""
        self.ensure_one()
        refusals = self.env["nka.voice.refusal"].sudo()
        known, _addresses = refusals._of_company(self.company_id)
        if self.partner_id.id not in known:
            refusals._unlocked().create(
                {
                    "company_id": self.company_id.id,
                    "partner_id": self.partner_id.id,
                    "email": self.email,
                    "source": "link",
                }
            )
        if self.state == "asked":
            self._move_to("refused")

    # ------------------------------------------------------------ releasing
    def action_release(self):
        """Let the manager read these answers, as a supervisor who isn't the manager."""
        self._check_supervisor()
        self.check_access("read")
        self._check_not_own()
        self._check_state("answered")
        self.sudo()._release(self.env.user)
        return True

    def _check_not_own(self):
        for answer in self.sudo():
            account = answer.key_account_id
            own = answer.manager_id | answer.deputy_id
            if self.env.user in own | account.manager_id | account.deputy_id:
                raise AccessError(
                    self.env._(
                        "%s is your own client, so another supervisor has to release "
                        "the feedback.",
                        account.display_name,
                    )
                )

    def _release(self, user=None, note=False):
        if self:
            self._move_to(
                "disclosed",
                note=note,
                date_released=fields.Date.context_today(self),
                released_by_id=user.id if user else False,
            )

    # ------------------------------------------------------------ nightly job
    @api.model
    def _follow(self, company):
        """Release what was read long enough, and close what nobody answered."""
        today = fields.Date.context_today(self)
        own = [("company_id", "=", company.id)]
        read = today - timedelta(days=company.nka_voice_release_days)
        due = self.search(
            [*own, ("state", "=", "answered"), ("date_answered", "<=", read)]
        )
        days = company.nka_voice_release_days
        due._release(note=self.env._("After %s days", days))
        self._close_undelivered(own)
        asked = today - timedelta(days=OPEN_DAYS)
        late = self.search([*own, ("state", "=", "asked"), ("date_asked", "<", asked)])
        if late:
            late._move_to("expired")

    @api.model
    def _close_undelivered(self, own):
        failed = self.env["mail.mail"].search(
            [("model", "=", self._name), ("state", "=", "exception")]
        )
        asked = [*own, ("state", "=", "asked"), ("id", "in", failed.mapped("res_id"))]
        answers = self.search(asked)
        for answer in answers:
            mail = failed.filtered(lambda mail, answer=answer: mail.res_id == answer.id)
            answer._move_to("undelivered", note=mail[:1].failure_reason or False)
            mail.unlink()

from odoo import models
from odoo.tools import LazyTranslate

from ..pay.step_progress import STEPS, understood

_lt = LazyTranslate(__name__)

STEP_NAMES = {
    "calculate": _lt("The month is being calculated"),
    "approve": _lt("The month is being approved"),
    "lock": _lt("The month is being locked"),
}
STAGE_NAMES = {
    "ledger": _lt("Credits from invoices and payments"),
    "facts": _lt("Agreements, reports and goals"),
    "statements": _lt("Statements"),
    "lines": _lt("Lines of the statements"),
    "checklist": _lt("Checklist"),
    "news": _lt("What has come since the calculation"),
    "review": _lt("Checklist"),
    "approval": _lt("Approval of the statements"),
    "locking": _lt("Lock of the statements"),
    "payslips": _lt("Payslips"),
    "comparison": _lt("Comparison with the payslips"),
    "seal": _lt("Seal"),
}


class MonthCloseProgress(models.Model):
    """What the page tells while a step is at work: in this browser and in any other."""

    _inherit = "nka.month.close"

    # ------------------------------------------------------------ business
    def get_progress(self):
        """How far the month's step has come that is at work right now.

        :return: ``state`` and ``revision`` of the month, and what is at work ``now``:
            False, or ``title``, ``person``, ``text`` and ``percent`` of the step, with
            its ``step``, ``stage``, ``done`` and ``total``; of payslips made in the
            background, too
        :rtype: dict
        :raise AccessError: for others than payroll officers and administrators
        """
        self.ensure_one()
        self.check_access("read")
        locks = self._locks_at_work()
        now = self._prepare_progress(locks) if locks else self._prepare_background()
        return {"state": self.state, "revision": self.revision, "now": now}

    def _prepare_progress(self, locks):
        step, stage, done, total = understood(locks) or (False, False, 0, 0)
        told = {
            "step": step,
            "stage": stage,
            "done": done,
            "total": total,
            "person": self._person_of(locks),
        }
        if not step:
            title = self.env._("Somebody is at work on the month")
            return {**told, "title": title, "text": "", "percent": 0}
        number = STEPS[step].index(stage)
        share = done / total if total else 0
        return {
            **told,
            "title": self._say(STEP_NAMES[step]),
            "text": self._say_stage(number + 1, step, stage, done, total),
            "percent": round(100 * (number + share) / len(STEPS[step])),
        }

    def _say(self, text):
        # pylint: disable-next=translation-contains-variable
        return self.env._(text)

    def _say_stage(self, number, step, stage, done, total):
        names = {
            "number": number,
            "count": len(STEPS[step]),
            "stage": self._say(STAGE_NAMES[stage]),
        }
        if not total:
            return self.env._("Step %(number)s of %(count)s: %(stage)s", **names)
        return self.env._(
            "Step %(number)s of %(count)s: %(stage)s, %(done)s of %(total)s",
            done=self._say_number(done),
            total=self._say_number(total),
            **names,
        )

    def _say_number(self, number):
        language = self.env["res.lang"]._lang_get(self.env.user.lang or "en_US")
        return language.format("%d", number, grouping=True)

    def _prepare_background(self):
        """Payslips that are made after the lock, by whichever worker is free."""
        jobs = self.sudo().statement_ids.payslip_job_id
        jobs = jobs.filtered(lambda job: job.state != "done")
        if self.state != "locked" or not jobs:
            return False
        done, total = sum(jobs.mapped("done_count")), sum(jobs.mapped("total_count"))
        settled = done + sum(jobs.mapped("error_count"))
        return {
            "step": "lock",
            "stage": "background",
            "done": done,
            "total": total,
            "person": jobs[:1].user_id.name,
            "title": self.env._("Payslips are made in the background"),
            "text": self.env._(
                "%(done)s of %(total)s",
                done=self._say_number(done),
                total=self._say_number(total),
            ),
            "percent": round(100 * settled / total),
        }

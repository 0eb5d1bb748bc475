"""Call document methods as several roles in random order and check the invariants after
each call.
"""

import base64
import hashlib

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common import DocumentCase

ROLES = st.sampled_from(["manager", "colleague", "supervisor", "supervisor_2", "root"])
#: Index of a document, modulo the number of documents.
PICK = st.integers(0, 99)
EVIL = base64.b64encode(b"evil").decode()


class Course(RuleBasedStateMachine):
    """Documents of one account, and a record of who did what to them, kept by the test."""

    case = None
    #: Number of decisions that succeeded, over all runs.
    decided = 0

    def __init__(self):
        super().__init__()
        self.savepoint = self.case.cr.savepoint()
        self.owner = "manager"
        self.documents, self.hands, self.editors = [], {}, {}
        self.frozen = {}

    def teardown(self):
        try:
            found = self.case.env["nka.audit.verification"]._verify(
                self.case.env.company
            )
            assert found.is_whole, found.message
        finally:
            self.savepoint.rollback()
            self.savepoint.close(rollback=False)
            self.case.env.invalidate_all()

    # ------------------------------------------------------------ calling
    def _user(self, role):
        return self.case.people[role]

    def _call(self, role, model, method, *args, **kwargs):
        """Call a method as an RPC client; return whether it succeeded, and the result."""
        env = self.case.env(user=self._user(role).id, su=False, context={})
        try:
            with self.case.cr.savepoint():
                value = call_kw(env[model], method, args, kwargs)
                env.flush_all()
        except UserError:
            self.case.env.invalidate_all()
            return False, None
        self.case.env.invalidate_all()
        return True, value

    def _of(self, pick):
        return self.documents[pick % len(self.documents)]

    def _touch(self, role, document):
        self.editors[document].add(role)

    def _file_of(self, document):
        return self.case.env["nka.document"].browse(document).sudo()._files()[:1]

    # ------------------------------------------------------------ steps
    @initialize(author=st.sampled_from(["manager", "supervisor", "root"]))
    def begin_with_a_submitted_document(self, author):
        """Drawn entirely at random, hardly any run would reach a decision."""
        self.make(author)
        self.upload(author, 0, "Signed")
        self.submit(author, 0)

    @rule(role=ROLES)
    def make(self, role):
        vals = {"type_id": self.case.contract.id, "lead_id": self.case.lead.id}
        made, number = self._call(role, "nka.document", "create", vals)
        if made:
            self.documents.append(number)
            self.hands[number], self.editors[number] = {role}, set()

    @precondition(lambda self: self.documents)
    @rule(role=ROLES, pick=PICK, raw=st.text(min_size=1, max_size=3))
    def upload(self, role, pick, raw):
        document = self._of(pick)
        vals = {"name": "x.txt", "raw": raw, "res_model": "nka.document"}
        done, _id = self._call(
            role, "ir.attachment", "create", {**vals, "res_id": document}
        )
        if done:
            self.hands[document].add(role)

    @precondition(lambda self: self.documents)
    @rule(
        role=ROLES,
        pick=PICK,
        vals=st.sampled_from(
            [{"datas": EVIL}, {"name": "evil"}, {"res_id": 0}, {"public": True}]
        ),
    )
    def tamper(self, role, pick, vals):
        document = self._of(pick)
        file = self._file_of(document)
        if file and self._call(role, "ir.attachment", "write", file.ids, vals)[0]:
            self._touch(role, document)

    @precondition(lambda self: self.documents)
    @rule(role=ROLES, pick=PICK)
    def drop_file(self, role, pick):
        document = self._of(pick)
        file = self._file_of(document)
        if file and self._call(role, "ir.attachment", "unlink", file.ids)[0]:
            self._touch(role, document)

    @precondition(lambda self: self.documents)
    @rule(
        role=ROLES,
        pick=PICK,
        vals=st.sampled_from(
            [{"title": "x"}, {"state": "approved"}, {"digest": "x"}, {"lead_id": False}]
        ),
    )
    def edit(self, role, pick, vals):
        document = self._of(pick)
        if self._call(role, "nka.document", "write", [document], vals)[0]:
            assert vals.keys().isdisjoint({"state", "digest"}), vals
            self._touch(role, document)

    @precondition(lambda self: self.documents)
    @rule(role=ROLES, pick=PICK)
    def submit(self, role, pick):
        document = self._of(pick)
        if self._call(role, "nka.document", "action_submit", [document])[0]:
            self._touch(role, document)
            self.hands[document].add(role)
            for file in self.case.env["nka.document"].browse(document).sudo()._files():
                self.frozen[file.id] = hashlib.sha256(file.raw).hexdigest()

    @precondition(lambda self: self.documents)
    @rule(role=ROLES, pick=PICK, approve=st.booleans())
    def decide(self, role, pick, approve):
        document = self._of(pick)
        asked = ("action_approve",) if approve else ("action_return",)
        more = () if approve else (["Not so"],)
        done, _value = self._call(role, "nka.document", *asked, [document], *more)
        if done:
            assert role not in self.hands[document] | self.editors[document]
            assert role in ("supervisor", "supervisor_2", "root")
            type(self).decided += 1
            self.editors[document] = set()

    @precondition(lambda self: self.documents)
    @rule(pick=PICK, approve=st.booleans())
    def decide_on_their_own(self, pick, approve):
        """A user who worked on a document tries to decide on it."""
        document = self._of(pick)
        for role in sorted(self.hands[document] | self.editors[document]):
            self.decide(role, pick, approve)

    @precondition(lambda self: self.documents)
    @rule(role=ROLES, pick=PICK)
    def answer(self, role, pick):
        document = self._of(pick)
        findings = self.case.env["nka.document"].browse(document).sudo().finding_ids
        vals = {"answer": "It is so"}
        if (
            findings
            and self._call(role, "nka.document.finding", "write", findings.ids, vals)[0]
        ):
            self._touch(role, document)

    @precondition(lambda self: self.documents)
    @rule(role=ROLES, pick=PICK)
    def revise(self, role, pick):
        document = self._of(pick)
        done, action = self._call(
            role, "nka.document", "action_new_revision", [document]
        )
        if done and action["res_id"] not in self.documents:
            successor = action["res_id"]
            self.documents.append(successor)
            # The maker of a revision's content is also a maker of this document.
            files = self.case.env["nka.document"].browse(document).sudo()._files()
            uploaders = {
                name
                for name, user in self.case.people.items()
                if user in files.create_uid
            }
            self.hands[successor] = {role} | uploaders
            self.editors[successor] = set()

    @rule(new=st.sampled_from(["manager", "colleague"]))
    def hand_over(self, new):
        account, lead = self.case.account, self.case.lead
        account._unlocked().write({"manager_id": self._user(new).id})
        lead._unlocked().write({"user_id": self._user(new).id})
        self.owner = new

    @precondition(lambda self: self.documents)
    @rule(role=ROLES, pick=PICK)
    def read(self, role, pick):
        document = self._of(pick)
        seen, _rows = self._call(role, "nka.document", "read", [document], ["title"])
        kept = self.case.env["nka.document"].browse(document).sudo().key_account_id
        may = {"supervisor", "supervisor_2", "root", self.owner if kept else role}
        assert not seen or role in may, (role, self.owner)
        if role in ("supervisor", "supervisor_2"):
            assert seen

    # ------------------------------------------------------------ invariants
    @invariant()
    def frozen_bytes_stand_still(self):
        files = self.case.env["ir.attachment"].sudo().browse(self.frozen)
        assert files.exists() == files
        for file in files:
            assert hashlib.sha256(file.raw).hexdigest() == self.frozen[file.id]


@tagged("nka_control")
class TestCourses(DocumentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        root = cls.env.ref("base.user_root")
        root.group_ids += cls.env.ref("nka_key_accounts.group_key_account_supervisor")
        cls.people = {
            "manager": cls.manager,
            "colleague": cls.colleague,
            "supervisor": cls.supervisor,
            "supervisor_2": cls.supervisor_2,
            "root": root,
        }

    def test_invariants_hold_whatever_is_called(self):
        machine = type("Course", (Course,), {"case": self})
        run_state_machine_as_test(
            machine,
            settings=settings(
                deadline=None,
                max_examples=8,
                stateful_step_count=35,
                derandomize=True,
                database=None,
                print_blob=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
        self.assertGreater(machine.decided, 0, "no run reached a decision")

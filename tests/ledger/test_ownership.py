"""Parts of an account's orders, compared with the rule spelled out for one order and
day.
"""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.nka_key_accounts.models.ledger import ownership, terms

from ..common import NkaCase
from ..unit import crediting

YEAR = date(2025, 1, 1)
PEOPLE = (1, 2, 3)
DAYS = st.integers(0, 420).map(lambda number: YEAR + timedelta(number))


@st.composite
def owner_rows(draw):
    """Draw one or two people for each stretch of days, the last without an end."""
    rows, first = [], draw(DAYS)
    for number in range(draw(st.integers(1, 3))):
        last = first + timedelta(draw(st.integers(0, 150)))
        share = draw(st.sampled_from((100, 100, "37.5", "66.67")))
        people = draw(st.permutations(PEOPLE))
        end = date.max if number == 2 else last
        rows.append((people[0], Decimal(share), first, end))
        if share != 100:
            rows.append((people[1], 100 - Decimal(share), first, end))
        if end == date.max:
            break
        first = last + timedelta(1)
    return rows


@st.composite
def agreement_rows(draw):
    """Draw the agreements of a person, with and without gaps, the last possibly open."""
    rows, first = [], draw(DAYS)
    for _number in range(draw(st.integers(0, 3))):
        last = first + timedelta(draw(st.integers(0, 200)))
        after = draw(st.sampled_from(("leaver", "successor", "nobody")))
        basis = draw(st.sampled_from(("paid", "paid", "invoiced")))
        months = draw(st.integers(0, 7))
        rows.append(crediting.Agreement(first, last, after, months, basis))
        first = last + timedelta(draw(st.sampled_from((1, 1, 20, 250))))
    if rows and draw(st.booleans()):
        whole = rows[-1]
        rows[-1] = crediting.Agreement(
            whole.first, date.max, whole.after, whole.months, whole.basis
        )
    return rows


HANDOVERS = st.builds(
    crediting.Handover,
    st.sampled_from(PEOPLE),
    st.sampled_from(PEOPLE),
    DAYS,
    st.sampled_from((0, 30, 50, 100)).map(Decimal),
    st.integers(1, 90),
).filter(lambda row: row.giver != row.receiver)


def terms_of(agreements):
    return [
        terms.CreditTerms(person, row.basis, row.first, row.last, row.after, row.months)
        for person, rows in agreements.items()
        for row in rows
    ]


def parts_of(owners, handovers, agreements, basis="paid"):
    return ownership.credit_parts(
        [ownership.Owner(*row) for row in owners],
        [
            ownership.Split(row.giver, row.receiver, row.date, row.share, row.days)
            for row in handovers
        ],
        terms.absences(terms_of(agreements)),
        basis,
    )


def shares_in(parts, order_day, day, invoice_day):
    """Return the percent of each person in the parts that contain the days of an order,
    its invoice and the payment.
    """
    found = [
        part
        for part in parts
        if part.order_from <= order_day <= part.order_to
        and part.event_from <= day <= part.event_to
        and part.invoice_from <= invoice_day <= part.invoice_to
    ]
    assert [part.position for part in found] == list(range(len(found)))
    assert all(part.count == len(found) for part in found)
    return {part.user_id: part.percent for part in found}


class TestParts(NkaCase):
    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(
        owner_rows(),
        st.lists(HANDOVERS, max_size=3),
        st.fixed_dictionaries({person: agreement_rows() for person in PEOPLE}),
        st.sampled_from(("paid", "invoiced")),
        st.lists(
            st.tuples(DAYS, st.integers(-30, 400), st.integers(-30, 400)),
            min_size=5,
            max_size=30,
        ),
    )
    def assertPartsAsWrittenOut(self, owners, handovers, agreements, basis, days):
        parts = parts_of(owners, handovers, agreements, basis)
        for order_day, later, invoiced in days:
            day = order_day + timedelta(later)
            invoice_day = order_day + timedelta(invoiced)
            wanted = crediting.beneficiaries(
                order_day, day, owners, handovers, agreements, basis, invoice_day
            )
            found = shares_in(parts, order_day, day, invoice_day)
            self.assertEqual(found, wanted, (order_day, day, invoice_day))
            if wanted:
                self.assertEqual(sum(wanted.values()), 100)

    def test_parts_equal_the_rule(self):
        self.assertPartsAsWrittenOut()

    def test_unchanged_days_are_one_part(self):
        """The running division continues where only the reason has changed."""
        owners = [(1, Decimal(60), YEAR, date.max), (2, Decimal(40), YEAR, date.max)]
        agreements = {1: [crediting.Agreement(YEAR, date(2025, 2, 14))]}
        parts = parts_of(owners, (), agreements)
        rows = [part for part in parts if part.order_from == YEAR]
        self.assertEqual(
            [(row.event_to, row.user_id, row.percent) for row in rows],
            [
                (date(2025, 8, 14), 1, 60),
                (date(2025, 8, 14), 2, 40),
                (date.max, 2, Decimal(40) + Decimal(60) * 40 / 100),
                (date.max, ownership.NOBODY, Decimal(60) * 60 / 100),
            ],
        )

    def test_leaver_has_few_parts(self):
        owners = [(1, Decimal(100), YEAR, date(2025, 5, 31))]
        owners.append((2, Decimal(100), date(2025, 6, 1), date.max))
        agreements = {1: [crediting.Agreement(YEAR, date(2025, 2, 14))]}
        agreements |= dict.fromkeys(range(100, 900), agreements[1])
        self.assertLessEqual(len(parts_of(owners, (), agreements)), 8)


class TestAbsences(NkaCase):
    def _absences(self, *rows):
        return [
            (row.date_from, row.counts_to, row.date_to)
            for row in terms.absences(terms_of({1: rows})).get(1, ())
        ]

    def test_consecutive_agreements_are_no_end(self):
        """Neither another plan nor another basis is an end: the agreement continues."""
        self.assertEqual(
            self._absences(
                crediting.Agreement(YEAR, date(2025, 2, 28), "nobody"),
                crediting.Agreement(date(2025, 3, 1), date.max, basis="invoiced"),
            ),
            [],
        )

    def test_gap_follows_the_terms_before_it(self):
        self.assertEqual(
            self._absences(
                crediting.Agreement(YEAR, date(2025, 2, 28), months=2),
                crediting.Agreement(date(2025, 6, 1), date(2025, 7, 15), "successor"),
            ),
            [
                (date(2025, 3, 1), date(2025, 4, 30), date(2025, 5, 31)),
                (date(2025, 7, 16), date(2025, 7, 15), date.max),
            ],
        )

    def test_longest_of_parallel_agreements_counts(self):
        """Two employees share one login."""
        self.assertEqual(
            self._absences(
                crediting.Agreement(YEAR, date(2025, 9, 30)),
                crediting.Agreement(date(2025, 2, 1), date(2025, 3, 31)),
                crediting.Agreement(date(2025, 10, 1), date.max),
            ),
            [],
        )

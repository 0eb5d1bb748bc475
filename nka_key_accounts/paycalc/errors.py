"""What the arithmetic refuses, one class per kind of mistake.

Every class has a stable ``code`` and an English ``template``; the values that
fill it stay on the exception as ``values``. A caller that speaks another
language translates the template and fills it with the same values; templates
that a screen shows are marked for translation. Each message says what is wrong
and what to do about it.

>>> error = MixError(total=90)
>>> error.code, error.values
('mix', {'total': 90})
>>> isinstance(error, TermsError)
True
"""

from .marks import _lt


class PayError(ValueError):
    """Root of everything this package refuses."""

    code = "pay"
    template = "The pay can't be calculated."

    def __init__(self, **values):
        self.values = values
        super().__init__(self.template.format(**values))

    def __reduce__(self):
        return _rebuild, (type(self), self.values)


def _rebuild(error_class, values):
    return error_class(**values)


class Problem(str):
    """What is wrong, in English, with what a caller needs to say it otherwise.

    :param str template: English text, marked for translation
    :param values: what fills it

    >>> Problem("no tier covers more than {end} %", end=50)
    'no tier covers more than 50 %'
    """

    def __new__(cls, template, **values):
        """Fill the template; the text is the English one."""
        problem = super().__new__(cls, template.format(**values))
        problem.template, problem.values = template, values
        return problem

    def __reduce__(self):
        return _rebuild, (type(self), {"template": self.template, **self.values})


# --- numbers -----------------------------------------------------------------


class AmountError(PayError):
    """A number that is none, is binary, is not finite or is far too large."""

    code = "amount"
    template = _lt(
        "“{name}” has the value “{value}”, which can't be used in a calculation. Enter a "
        "number below 1E18."
    )


class NegativeAmountError(AmountError):
    """A negative number where only zero or more makes sense."""

    code = "negative"
    template = _lt("“{name}” is {value}. Enter zero or more.")


class NotPositiveError(AmountError):
    """Zero or less where only more than zero makes sense."""

    code = "not_positive"
    template = _lt("“{name}” is {value}. Enter a value above zero.")


class RangeError(AmountError):
    """A number outside of its bounds."""

    code = "range"
    template = _lt("“{name}” is {value}. Enter a value from {low} to {high}.")


class PrecisionError(AmountError):
    """Money finer than the smallest unit of its currency."""

    code = "precision"
    template = _lt(
        "“{name}” is {value}, which has more than {digits} decimal places. Round it "
        "before the terms are agreed."
    )


class DigitsError(AmountError):
    """A number of currency decimals that no currency has."""

    code = "digits"
    template = "{value!r} currency decimals are not possible. Give 0 to 6."


# --- terms -------------------------------------------------------------------


class TermsError(PayError):
    """Terms of a plan or an agreement that nobody can be paid by."""

    code = "terms"


class MixError(TermsError):
    """Fixed, soft and bonus shares that don't make a whole."""

    code = "mix"
    template = _lt(
        "The shares of fixed pay, goal pay and bonus add up to {total} %. Adjust them "
        "so that they total 100 %."
    )


class WeightError(TermsError):
    """Goal weights that don't make a whole."""

    code = "weight"
    template = _lt(
        "The goal weights add up to {total} %. Adjust them so that they total 100 %."
    )


class GoalListError(TermsError):
    """A goal list that is empty or names one goal twice."""

    code = "goal_list"
    template = _lt("Goal list: {problem}. List each goal exactly once.")


class ThresholdError(TermsError):
    """A threshold above the cap, so that no attainment could ever pay."""

    code = "threshold"
    template = _lt(
        "The threshold {threshold} is above the cap {cap}. "
        "Lower the threshold or raise the cap."
    )


class TierError(TermsError):
    """Bonus tiers with a gap, an overlap, or without start or end."""

    code = "tier"
    template = _lt(
        "Rate tiers: {problem}. Start the first tier at 0 %, start each further tier "
        "where the previous one ends, and leave the end of the last one open."
    )


class BasisError(TermsError):
    """A bonus basis that is neither paid nor invoiced."""

    code = "basis"
    template = "Unknown bonus basis {value!r}. Choose one of: {known}."


class PolicyError(TermsError):
    """A holding policy that doesn't exist."""

    code = "policy"
    template = "Unknown holding policy {value!r}. Choose one of: {known}."


class DirectionError(TermsError):
    """A goal that counts neither upwards nor downwards."""

    code = "direction"
    template = "Unknown direction {value!r}. Choose one of: {known}."


class FirstOfMonthError(TermsError):
    """Terms that would start in the middle of a month."""

    code = "first_of_month"
    template = _lt(
        "{date} is not the first day of a month. Start on {first_date} instead."
    )

    @property
    def first_date(self):
        """The earliest date that would do."""
        return self.values["first_date"]


class HalfYearError(TermsError):
    """A plan version less than six months away from another one."""

    code = "half_year"
    template = _lt(
        "A version starting on {date} is less than six months from the version of "
        "{other}. The first possible date is {first_date}."
    )

    @property
    def first_date(self):
        """The earliest date that would do."""
        return self.values["first_date"]


class TooEarlyError(TermsError):
    """A plan version that would start in a time that has already been paid."""

    code = "too_early"
    template = _lt(
        "A version can't start on {date}: the earliest allowed date is {not_before}. "
        "The first possible date is {first_date}."
    )

    @property
    def first_date(self):
        """The earliest date that would do."""
        return self.values["first_date"]


class StartedError(TermsError):
    """A change to a plan version that is already in force."""

    code = "started"
    template = (
        "The version in force since {date_from} can't be changed. "
        "Make a new version instead."
    )


# --- facts of a month or a season --------------------------------------------


class FactsError(PayError):
    """Facts that contradict each other."""

    code = "facts"


class DaysError(FactsError):
    """Scheduled, employed and covered days that can't all be true."""

    code = "days"
    template = _lt(
        "{problem}. Check the working schedule, the contract dates, and the approved "
        "reports and time off of the month."
    )


class TargetError(FactsError):
    """A goal whose target can't be measured against."""

    code = "target"
    template = _lt("Goal {goal}: {problem}.")


class UnmeasuredGoalError(FactsError):
    """A goal without a measured value and without a decision about it."""

    code = "unmeasured"
    template = _lt(
        "Goal {goal} has no measured value. Measure it, or ask the supervisor to "
        "exclude it or score it 0 and give a reason."
    )


class DecisionError(FactsError):
    """A goal left out or scored zero in an unknown way or without a reason."""

    code = "decision"
    template = _lt("Goal {goal}: {problem}.")


class AllLeftOutError(FactsError):
    """A season in which no goal is left to pay by."""

    code = "all_left_out"
    template = _lt(
        "All goals of the season are excluded, so goal pay can't be calculated. Keep "
        "at least one goal, or score it 0 and give a reason."
    )


class PeriodError(FactsError):
    """Months that are out of order or belong elsewhere."""

    code = "period"
    template = "{problem}. Give each month once, as its first day, in order."


class ComponentError(FactsError):
    """A correction to a part of the pay that doesn't exist."""

    code = "component"
    template = "Unknown part of the pay {value!r}. Choose one of: {known}."


class EarnedError(FactsError):
    """A paid bonus that was made from another earned bonus than the month's."""

    code = "earned"
    template = (
        "The draw was applied to {paid}, but the month's bonus and what closed "
        "months bring in bonus make {earned}. Apply it to {earned}."
    )

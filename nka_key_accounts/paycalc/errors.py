"""Errors raised by the pay calculation, one class per kind of mistake.

Every class has a stable ``code`` and an English ``template``; the exception stores the
``values`` that fill it. To show a message in another language, translate the template
and fill it with the same values; templates that appear on screens are marked for
translation. Each message says what is wrong and what to do about it.

>>> error = MixError(total=90)
>>> error.code, error.values
('mix', {'total': 90})
>>> isinstance(error, TermsError)
True
"""

from .marks import _lt


class PayError(ValueError):
    """Base class of all errors of this package."""

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
    """Description of a problem in English, with what is needed to translate it.

    :param str template: English text, marked for translation
    :param values: values to fill in

    >>> Problem("no tier covers more than {end} %", end=50)
    'no tier covers more than 50 %'
    """

    def __new__(cls, template, **values):
        """Fill the template with the values, in English."""
        problem = super().__new__(cls, template.format(**values))
        problem.template, problem.values = template, values
        return problem

    def __reduce__(self):
        return _rebuild, (type(self), {"template": self.template, **self.values})


# --- numbers -----------------------------------------------------------------


class AmountError(PayError):
    """A value that isn't a number, is a float, isn't finite or is too large."""

    code = "amount"
    template = _lt(
        "“{name}” has the value “{value}”, which can't be used in a calculation. Enter a "
        "number below 1E18."
    )


class NegativeAmountError(AmountError):
    """A negative number where zero or more is required."""

    code = "negative"
    template = _lt("“{name}” is {value}. Enter zero or more.")


class NotPositiveError(AmountError):
    """Zero or less where a number above zero is required."""

    code = "not_positive"
    template = _lt("“{name}” is {value}. Enter a value above zero.")


class RangeError(AmountError):
    """A number outside its allowed range."""

    code = "range"
    template = _lt("“{name}” is {value}. Enter a value from {low} to {high}.")


class PrecisionError(AmountError):
    """An amount with more decimals than its currency has."""

    code = "precision"
    template = _lt(
        "“{name}” is {value}, which has more than {digits} decimal places. Round it "
        "before the terms are agreed."
    )


class DigitsError(AmountError):
    """A number of decimals that no currency has."""

    code = "digits"
    template = "{value!r} currency decimals are not possible. Give 0 to 6."


# --- terms -------------------------------------------------------------------


class TermsError(PayError):
    """Terms of a plan or an agreement that can't be used for pay."""

    code = "terms"


class MixError(TermsError):
    """Shares of fixed pay, goal pay and bonus that don't total 100 %."""

    code = "mix"
    template = _lt(
        "The shares of fixed pay, goal pay and bonus add up to {total} %. Adjust them "
        "so that they total 100 %."
    )


class WeightError(TermsError):
    """Goal weights that don't total 100 %."""

    code = "weight"
    template = _lt(
        "The goal weights add up to {total} %. Adjust them so that they total 100 %."
    )


class GoalListError(TermsError):
    """A goal list that is empty or contains a goal twice."""

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
    """Rate tiers with a gap or an overlap, or without a start or an open end."""

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
    """A payout hold policy that doesn't exist."""

    code = "policy"
    template = "Unknown holding policy {value!r}. Choose one of: {known}."


class LoyaltyStateError(PayError):
    """A state of the loyalty share that doesn't exist."""

    code = "loyalty_state"
    template = "Unknown state of the loyalty share {value!r}. Choose one of: {known}."


class DirectionError(TermsError):
    """A goal direction that is neither higher nor lower."""

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
        """Return the first allowed date."""
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
        """Return the first allowed date."""
        return self.values["first_date"]


class TooEarlyError(TermsError):
    """A plan version that would start in a period that has already been paid."""

    code = "too_early"
    template = _lt(
        "A version can't start on {date}: the earliest allowed date is {not_before}. "
        "The first possible date is {first_date}."
    )

    @property
    def first_date(self):
        """Return the first allowed date."""
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
    """Scheduled, employed and covered days that contradict each other."""

    code = "days"
    template = _lt(
        "{problem}. Check the working schedule, the contract dates, and the approved "
        "reports and time off of the month."
    )


class TargetError(FactsError):
    """A goal whose target can't be used for measuring."""

    code = "target"
    template = _lt("Goal {goal}: {problem}.")


class UnmeasuredGoalError(FactsError):
    """A goal with neither a measured value nor a decision."""

    code = "unmeasured"
    template = _lt(
        "Goal {goal} has no measured value. Measure it, or ask the supervisor to "
        "exclude it or score it 0 and give a reason."
    )


class DecisionError(FactsError):
    """A decision about a goal that is unknown or has no reason."""

    code = "decision"
    template = _lt("Goal {goal}: {problem}.")


class AllLeftOutError(FactsError):
    """A season in which all goals are excluded."""

    code = "all_left_out"
    template = _lt(
        "All goals of the season are excluded, so goal pay can't be calculated. Keep "
        "at least one goal, or score it 0 and give a reason."
    )


class PeriodError(FactsError):
    """Months that are out of order or don't belong together."""

    code = "period"
    template = "{problem}. Give each month once, as its first day, in order."


class ComponentError(FactsError):
    """An adjustment to a pay component that doesn't exist."""

    code = "component"
    template = "Unknown part of the pay {value!r}. Choose one of: {known}."


class EarnedError(FactsError):
    """A paid bonus calculated from another earned bonus than the month's."""

    code = "earned"
    template = (
        "The draw was applied to {paid}, but the month's bonus and what closed "
        "months bring in bonus make {earned}. Apply it to {earned}."
    )

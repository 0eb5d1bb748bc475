"""The picture who knows whom: our people by the client's people, as HTML."""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from odoo import fields
from odoo.tools import format_date

#: Most people of ours and of theirs in the picture.
MOST_OURS, MOST_THEIRS = 10, 12
#: Strength from which a cell has the next darker shade.
SHADES = (1, 6, 15, 40)

_TABLE = Markup(
    "<div class='o_nka_known'><table class='table table-sm mb-1'>"
    "<caption class='visually-hidden'>%s</caption>"
    "<thead><tr><th scope='col' class='o_nka_known_corner'>%s</th>%s</tr></thead>"
    "<tbody>%s</tbody></table></div>%s"
)
_HEAD = Markup("<th scope='col' class='%s' title='%s'><span>%s</span>%s</th>")
_STAR = Markup("<i class='fa fa-star text-warning ms-1' role='img' title='%s'></i>")
_ROW = Markup(
    "<tr><th scope='row'><span class='o_nka_known_name'>%s</span>%s</th>%s</tr>"
)
_SHARE = Markup(
    "<span class='o_nka_known_share'><span class='o_nka_known_bar'>"
    "<span style='width:%s%%'></span></span>%s&#160;%%</span>"
)
_CELL = Markup("<td class='o_nka_known_%s' title='%s'>%s</td>")
_EMPTY = Markup(
    "<td class='o_nka_known_0'><span class='visually-hidden'>%s</span></td>"
)
_MORE = Markup("<p class='text-muted small mb-1'>%s</p>")


@dataclass(frozen=True)
class Tie:
    """What one of ours has with one of theirs: strength, last moment and days."""

    strength: int
    last: datetime
    days: int


def draw(account, ties, shares):
    """Return the picture of one account, or False without anybody on either side.

    :param account: nka.key.account, as superuser
    :param dict ties: :class:`Tie` by ids of user and contact; 0 if no contact is named
    :param dict shares: share by user id
    :rtype: Markup
    """
    env = account.env
    people = account.stakeholder_ids.filtered("active")
    deciding = people.filtered(
        lambda person: person.role == "decision_maker"
    ).partner_id
    theirs = env["res.partner"].browse(
        dict.fromkeys([*people.partner_id.ids, *(pair[1] for pair in ties if pair[1])])
    )
    ours = env["res.users"].browse(
        dict.fromkeys(
            [
                *(pair[0] for pair in ties),
                *account.manager_id.ids,
                *account.deputy_id.ids,
            ]
        )
    )
    if not ties and not people:
        return False
    theirs, more_theirs = _first(
        theirs, MOST_THEIRS, lambda one: (one not in deciding, -_total(ties, 1, one.id))
    )
    ours, more_ours = _first(
        ours,
        MOST_OURS,
        lambda one: (-shares.get(one.id, 0), -_total(ties, 0, one.id)),
    )
    columns = [(one.id, one.name or "", one in deciding) for one in theirs]
    if any(not pair[1] for pair in ties):
        columns.append((0, env._("No contact named"), False))
    head = [_draw_head(env, ties, *column) for column in columns]
    rows = [
        _draw_row(env, one, columns, ties, shares.get(one.id))
        for one in ours.with_context(active_test=False)
    ]
    more = more_theirs + more_ours
    return _TABLE % (
        env._("Who knows whom"),
        env._("Our people"),
        Markup().join(head),
        Markup().join(rows),
        _MORE % env._("Not shown: %s more people", more) if more else "",
    )


def _first(records, most, key):
    """Return the first records in an order, and how many aren't shown."""
    kept = records.sorted(lambda one: (*key(one), one.id))
    return kept[:most], len(kept[most:])


def _total(ties, side, person_id):
    return sum(tie.strength for pair, tie in ties.items() if pair[side] == person_id)


def _draw_head(env, ties, partner_id, name, decides):
    known = _total(ties, 1, partner_id)
    title = name if known else env._("%s: nobody was in touch in 12 months", name)
    star = _STAR % env._("Decision maker") if decides else ""
    return _HEAD % ("" if known else "text-danger", title, name, star)


def _draw_row(env, user, columns, ties, share):
    cells = [
        _draw_cell(env, user.name, name, ties.get((user.id, partner_id)))
        for partner_id, name, _decides in columns
    ]
    held = "" if share is None else _SHARE % (min(share, 100), f"{share:.0f}")
    return _ROW % (user.name, held, Markup().join(cells))


def _draw_cell(env, ours, theirs, tie):
    if not tie:
        return _EMPTY % env._("no contact")
    local = fields.Datetime.context_timestamp(env.user, tie.last).date()
    shade = sum(tie.strength >= least for least in SHADES)
    title = env._(
        "%(ours)s and %(theirs)s: strength %(strength)s, days with contact: %(days)s, "
        "last contact on %(day)s",
        ours=ours,
        theirs=theirs,
        strength=tie.strength,
        days=tie.days,
        day=format_date(env, local),
    )
    return _CELL % (shade, title, format_date(env, local, date_format="d MMM yy"))

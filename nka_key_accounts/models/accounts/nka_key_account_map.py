"""The people of a client as a picture: influence upwards, attitude to the right."""

from markupsafe import Markup

from odoo import api, fields, models

CELL_WIDTH = 150
CELL_HEIGHT = 96
MARGIN_LEFT = 70
MARGIN_BOTTOM = 28
RADIUS = 13
#: Further people of a cell are told as a number.
CELL_PEOPLE = 3
COLORS = {
    "1": "#d9534f",
    "2": "#e8a33d",
    "3": "#8a8d93",
    "4": "#5aa469",
    "5": "#2f7d4f",
}


class KeyAccountMap(models.Model):
    _inherit = "nka.key.account"

    stakeholder_map = fields.Html(
        "Influence and attitude", compute="_compute_stakeholder_map", sanitize=False
    )

    @api.depends(
        "stakeholder_ids.influence",
        "stakeholder_ids.attitude",
        "stakeholder_ids.active",
        "stakeholder_ids.partner_id.name",
        "stakeholder_ids.covered_by_ids",
    )
    @api.depends_context("lang")
    def _compute_stakeholder_map(self):
        for account in self:
            people = account.stakeholder_ids
            account.stakeholder_map = account._draw_map(people) if people else False

    def _draw_map(self, people):
        """One SVG: five columns of attitude, three rows of influence."""
        attitudes = people._fields["attitude"]._description_selection(self.env)
        influences = people._fields["influence"]._description_selection(self.env)
        cells = people.grouped(lambda person: (person.attitude, person.influence))
        parts = self._draw_axes(attitudes, influences)
        for (attitude, influence), group in cells.items():
            parts += self._draw_cell(
                group, int(attitude) - 1, len(influences) - int(influence)
            )
        width = MARGIN_LEFT + CELL_WIDTH * len(attitudes)
        height = CELL_HEIGHT * len(influences) + MARGIN_BOTTOM
        return Markup(
            '<div class="overflow-auto"><svg xmlns="http://www.w3.org/2000/svg" '
            'role="img" aria-label="%s" viewBox="0 0 %s %s" '
            'style="width:100%%;min-width:560px;max-width:%spx" '
            'font-family="sans-serif" font-size="12">%s</svg></div>'
        ) % (self._map_label(people), width, height, width, Markup().join(parts))

    def _map_label(self, people):
        """The picture in words, for who can't see it."""
        attitude = dict(people._fields["attitude"]._description_selection(self.env))
        influence = dict(people._fields["influence"]._description_selection(self.env))
        return "; ".join(
            self.env._(
                "%(person)s: influence %(influence)s, attitude %(attitude)s",
                person=person.display_name,
                influence=influence[person.influence],
                attitude=attitude[person.attitude],
            )
            for person in people
        )

    @api.model
    def _draw_axes(self, attitudes, influences):
        cell = Markup(
            '<rect x="%s" y="%s" width="%s" height="%s" fill="%s" fill-opacity="0.07" '
            'stroke="currentColor" stroke-opacity="0.25"/>'
        )
        text = Markup(
            '<text x="%s" y="%s" text-anchor="%s" fill="currentColor" '
            'fill-opacity="0.75">%s</text>'
        )
        rows = list(reversed(influences))
        parts = []
        for row, (_key, name) in enumerate(rows):
            middle = CELL_HEIGHT * row + CELL_HEIGHT // 2 + 4
            parts.append(text % (MARGIN_LEFT - 8, middle, "end", name))
            parts += [
                cell
                % (
                    MARGIN_LEFT + CELL_WIDTH * column,
                    CELL_HEIGHT * row,
                    CELL_WIDTH,
                    CELL_HEIGHT,
                    COLORS[key],
                )
                for column, (key, _name) in enumerate(attitudes)
            ]
        bottom = CELL_HEIGHT * len(rows) + 18
        for column, (_key, name) in enumerate(attitudes):
            middle = MARGIN_LEFT + CELL_WIDTH * column + CELL_WIDTH // 2
            parts.append(text % (middle, bottom, "middle", name))
        return parts

    @api.model
    def _draw_cell(self, people, column, row):
        """People of one cell below each other; a dashed ring: nobody of us knows him."""
        left = MARGIN_LEFT + CELL_WIDTH * column + RADIUS + 6
        top = CELL_HEIGHT * row + RADIUS + 5
        shown = people[:CELL_PEOPLE]
        parts = [
            self._draw_person(person, left, top + number * 30)
            for number, person in enumerate(shown)
        ]
        if rest := len(people) - len(shown):
            parts.append(
                Markup('<text x="%s" y="%s" fill="currentColor">+%s</text>')
                % (left + CELL_WIDTH - 46, top + 4, rest)
            )
        return parts

    @api.model
    def _draw_person(self, person, x, y):
        name = person.display_name
        initials = "".join(word[0] for word in name.split()[:2]).upper()
        words = name if len(name) <= 17 else f"{name[:16]}…"
        color = COLORS[person.attitude]
        ring = "" if person.covered_by_ids else "4 3"
        return Markup(
            '<a href="/odoo/stakeholders/%s"><title>%s</title>'
            '<circle cx="%s" cy="%s" r="%s" fill="%s" fill-opacity="%s" stroke="%s" '
            'stroke-width="2" stroke-dasharray="%s"/>'
            '<text x="%s" y="%s" text-anchor="middle" font-size="10" fill="%s">%s</text>'
            '<text x="%s" y="%s" fill="currentColor">%s</text></a>'
        ) % (
            person.id,
            name,
            x,
            y,
            RADIUS,
            color,
            "1" if person.covered_by_ids else "0",
            color,
            ring,
            x,
            y + 4,
            "#fff" if person.covered_by_ids else color,
            initials,
            x + RADIUS + 5,
            y + 4,
            words,
        )

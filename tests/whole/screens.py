"""Open screens as the web client does: views, rows, groups, new records and prints."""

from ast import literal_eval

from lxml import etree

from odoo import fields
from odoo.tests import Form
from odoo.tools.safe_eval import datetime, dateutil, safe_eval, time

#: Rows that the client reads at once.
ROWS = 80
#: Views of several records; the others show one.
FLAT = ("list", "kanban", "calendar", "activity", "hierarchy")
SUMS = ("pivot", "graph")
ADDABLE = ("integer", "float", "monetary")


class Screen:
    """One action as one user sees it.

    :param env: environment of the user
    :param dict action: what the client gets when it loads the action
    """

    def __init__(self, env, action):
        self.action = action
        self.evaluated = {
            "uid": env.uid,
            "user": env.user,
            "active_id": False,
            "active_ids": [],
            "context_today": lambda: fields.Date.context_today(env.user),
            "time": time,
            "datetime": datetime,
            "relativedelta": dateutil.relativedelta.relativedelta,
            "allowed_company_ids": env.companies.ids,
            "context": dict(env.context),
        }
        context = action.get("context") or {}
        if isinstance(context, str):
            context = safe_eval(context, dict(self.evaluated))
        self.model = env[action["res_model"]].with_context(**context)
        self.domain = self._domain(action.get("domain"))
        modes = (action.get("view_mode") or "").replace("tree", "list").split(",")
        views = [list(view) for view in action.get("views") or []]
        given = {mode for _view_id, mode in views}
        views += [[False, mode] for mode in modes if mode and mode not in given]
        self.modes = [mode for _view_id, mode in views]
        search = action.get("search_view_id") or [False]
        search = search if isinstance(search, (list, tuple)) else [search]
        self.got = self.model.get_views(
            [*views, [search[0], "search"]],
            {
                "toolbar": True,
                "load_filters": True,
                "action_id": action.get("id") or False,
            },
        )

    def _domain(self, text):
        if not text:
            return []
        return safe_eval(text, dict(self.evaluated)) if isinstance(text, str) else text

    def arch(self, mode):
        return etree.fromstring(self.got["views"][mode]["arch"])

    # ------------------------------------------------------------ steps
    def steps(self):
        """Yield a title and a function for everything that the client calls."""
        for mode in self.modes:
            if mode in FLAT:
                yield mode, lambda mode=mode: self.read_rows(mode)
                yield f"{mode}, grouped", lambda mode=mode: self.read_default(mode)
            elif mode in SUMS:
                yield mode, lambda mode=mode: self.read_sums(mode)
            elif mode == "form":
                yield "new", self.open_new
                yield "form", self.open_record
        for name, domain, group_by in self.filters():
            yield (
                f"filter {name}",
                lambda domain=domain, group_by=group_by: self.filter(domain, group_by),
            )
        for report in self.reports():
            yield (
                f"print {report.report_name}",
                lambda report=report: self.print(report),
            )

    def records(self):
        """Return two records of the page, the first that the user sees."""
        return self.model.search(self.domain, limit=2)

    def read_rows(self, mode):
        spec = self.spec(self.arch(mode), self.model)
        self.model.web_search_read(
            self.domain, spec, limit=ROWS, count_limit=10001, order=None
        )

    def read_default(self, mode):
        """Read the groups of the page itself."""
        group_by = self.model.env.context.get("group_by")
        group_by = group_by or self.arch(mode).get("default_group_by")
        if isinstance(group_by, str):
            group_by = group_by.split(",")
        if group_by:
            self.group(group_by)

    def read_sums(self, mode):
        nodes = self.arch(mode).xpath("//field")
        known = self.model._fields
        by, sums = [], ["__count"]
        for node in nodes:
            name, kind = node.get("name"), known[node.get("name")].type
            measured = node.get("type") == "measure"
            if measured or kind in ADDABLE:
                sums.append(self._aggregate(name))
            elif kind in ("date", "datetime"):
                by.append(f"{name}:{node.get('interval', 'month')}")
            else:
                by.append(name)
        sums = list(filter(None, sums))
        self.model.formatted_read_group(self.domain, by, sums)
        self.model.formatted_read_group(self.domain, [], sums)
        every = [
            self._aggregate(name)
            for name, field in self.model.fields_get().items()
            if field["type"] in ADDABLE and field.get("aggregator")
        ]
        self.model.formatted_read_group(self.domain, by[:1], [*filter(None, every)])

    def _aggregate(self, name):
        field = self.model._fields[name]
        return field.aggregator and f"{name}:{field.aggregator}"

    def group(self, group_by):
        """Read the groups of the first field; dates are grouped by month by default."""
        name = group_by[0]
        kind = self.model._fields[name.split(":")[0]].type
        if kind == "properties":
            return  # The client asks for one property, and there are none.
        if kind in ("date", "datetime") and ":" not in name:
            name = f"{name}:month"
        self.model.web_read_group(self.domain, [name], [], limit=ROWS)

    def open_new(self):
        """Open an empty form if the user can create records on this page."""
        arch = self.arch("form")
        lists = [self.arch(mode) for mode in self.modes if mode in ("list", "kanban")]
        closed = ("0", "false", "False")
        if any(node.get("create") in closed for node in (arch, *lists)):
            return
        if self.action.get("res_id") or not self.model.has_access("create"):
            return
        Form(self.model, view=self._view_id("form"))

    def open_record(self):
        record = (
            self.model.browse(self.action.get("res_id") or []) or self.records()[:1]
        )
        spec = self.spec(self.arch("form"), self.model)
        record.web_read(spec)

    def _view_id(self, mode):
        return self.got["views"][mode]["id"]

    # ------------------------------------------------------------ search
    def filters(self):
        """Yield name, domain and group of each filter of the search view."""
        for node in self.arch("search").xpath("//filter"):
            context = literal_eval(node.get("context") or "{}")
            name = node.get("name") or node.get("string")
            yield name, node.get("domain"), context.get("group_by")

    def filter(self, domain, group_by):
        if domain:
            self.model.search_count([*self.domain, *self._relative(domain)])
        if group_by:
            self.group([group_by] if isinstance(group_by, str) else group_by)

    def _relative(self, domain):
        return safe_eval(domain, dict(self.evaluated))

    # ------------------------------------------------------------ prints
    def reports(self):
        """Return the prints that the page offers."""
        ids = {
            report["id"]
            for view in self.got["views"].values()
            for report in view.get("toolbar", {}).get("print", ())
        }
        return self.model.env["ir.actions.report"].sudo().browse(sorted(ids))

    def print(self, report):
        records = self.records()
        if records:
            reports = self.model.env["ir.actions.report"]
            reports._render_qweb_html(report.report_name, records.ids)

    # ------------------------------------------------------------ what is read
    def spec(self, arch, model):
        """Return the specification of the fields in a view, as the client sends it."""
        spec = {}
        for node in arch.iterchildren(tag=etree.Element):
            if node.tag != "field":
                spec |= self.spec(node, model)
                continue
            field = model._fields.get(node.get("name"))
            if field is not None:
                spec[field.name] = self._spec_of(node, field)
        return spec

    def _spec_of(self, node, field):
        if field.type in ("many2one", "reference"):
            return {"fields": {"display_name": {}}}
        if field.type not in ("one2many", "many2many"):
            return {}
        comodel = self.model.env[field.comodel_name]
        shown = {}
        for view in node.iterchildren("list", "kanban"):
            shown |= self.spec(view, comodel)
        return {"fields": shown or {"display_name": {}}, "limit": 40}

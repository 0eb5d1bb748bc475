import { onWillStart } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { graphView } from "@web/views/graph/graph_view";
import { pivotView } from "@web/views/pivot/pivot_view";

const ROLES = [
    "nka_key_accounts.group_key_account_supervisor",
    "nka_key_accounts.group_key_account_admin",
];

/** Add a "Refresh" button for users who can rebuild the sales history. */
const withRefresh = (Controller, template) =>
    class extends Controller {
        static template = template;

        setup() {
            super.setup();
            this.nkaAction = useService("action");
            onWillStart(async () => {
                const answers = await Promise.all(ROLES.map((role) => user.hasGroup(role)));
                this.canRefresh = answers.some(Boolean);
            });
        }

        async onClickRefresh() {
            await this.nkaAction.doAction("nka_key_accounts.nka_sales_history_action_refresh", {
                clearBreadcrumbs: true,
            });
        }
    };

const views = registry.category("views");

views.add("nka_history_pivot", {
    ...pivotView,
    Controller: withRefresh(pivotView.Controller, "nka_key_accounts.HistoryPivot"),
});
views.add("nka_history_graph", {
    ...graphView,
    Controller: withRefresh(graphView.Controller, "nka_key_accounts.HistoryGraph"),
});

import { registry } from "@web/core/registry";
import { kanbanView } from "@web/views/kanban/kanban_view";

/**
 * Kanban grouped by records, such as seasons or clients. Without columns, Odoo hides the help
 * because the user might create a column. These views don't allow that, so the help is shown.
 */
export class GroupedKanbanRenderer extends kanbanView.Renderer {
    get showNoContentHelper() {
        const { isGrouped, groups } = this.props.list;
        return super.showNoContentHelper || (isGrouped && !groups.length);
    }
}

registry.category("views").add("nka_grouped_kanban", {
    ...kanbanView,
    Renderer: GroupedKanbanRenderer,
});

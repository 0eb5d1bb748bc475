import { registry } from "@web/core/registry";
import { kanbanView } from "@web/views/kanban/kanban_view";

/**
 * Cards in columns of records, such as seasons or clients. Where there is no column yet, Odoo
 * keeps the page blank for whoever may create one; here nobody creates one, so the help shows.
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

import { registry } from "@web/core/registry";
import { GraphRenderer } from "@web/views/graph/graph_renderer";
import { graphView } from "@web/views/graph/graph_view";

/** Colors by outcome. Odoo's own go by position: it paints won deals red and lost ones green. */
const COLORS = {
    open: "#4EA7F2",
    won: "#43C5B1",
    lost_to_him: "#EA6175",
    lost: "#F4A261",
};

export class OutcomeGraphRenderer extends GraphRenderer {
    getBarChartData() {
        const data = super.getBarChartData();
        const outcomes = this.model.metaData.fields.outcome?.selection || [];
        for (const dataset of data.datasets) {
            const found = outcomes.find(([, label]) => label === dataset.label);
            if (found) {
                dataset.backgroundColor = COLORS[found[0]];
            }
        }
        return data;
    }
}

registry.category("views").add("nka_outcome_graph", {
    ...graphView,
    Renderer: OutcomeGraphRenderer,
});

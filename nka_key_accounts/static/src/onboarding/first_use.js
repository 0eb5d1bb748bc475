import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { session } from "@web/session";
import { tourState } from "@web_tour/js/tour_state";

const offered = session.nka_tours || [];

/** Start a tour; `manual` lets the user click. */
function start(env, tour) {
    env.services.tour_service.startTour(tour.name, { mode: "manual" });
}

/** Panel that offers the tours of the user's roles, until they are started or declined. */
export class FirstUse extends Component {
    static template = "nka_key_accounts.FirstUse";
    static props = {};

    setup() {
        this.orm = useService("orm");
        // Starting a tour reloads the page; the panel stays away until the tour is over.
        const isWalking = Boolean(tourState.getCurrentTour());
        this.state = useState({
            tours: isWalking ? [] : offered.filter((tour) => tour.is_new),
        });
    }

    start(tour) {
        this.state.tours = [];
        start(this.env, tour);
    }

    async decline() {
        const tours = this.state.tours;
        this.state.tours = [];
        for (const tour of tours) {
            await this.orm.call("web_tour.tour", "consume", [tour.name]);
        }
    }
}

if (offered.length) {
    registry.category("main_components").add("nka_key_accounts.FirstUse", { Component: FirstUse });
    registry.category("user_menuitems").add("nka_tours", (env) => ({
        type: "item",
        id: "nka_tours",
        description: offered.length === 1 ? offered[0].title : _t("Tour of key accounts"),
        callback: () => start(env, offered[0]),
        sequence: 45,
        hide: env.isSmall,
    }));
}

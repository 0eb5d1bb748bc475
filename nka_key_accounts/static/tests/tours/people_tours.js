import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("nka_no_people", {
    steps: () => [
        {
            content: "Cards in columns of clients, without a client, say what to do",
            trigger: ".o_kanban_view .o_view_nocontent:contains(Add the client's stakeholders)",
        },
    ],
});

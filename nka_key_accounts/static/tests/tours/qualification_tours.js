import { registry } from "@web/core/registry";
import { clickAction, inState } from "./steps";

const tours = registry.category("web_tour.tours");

const FILE = `client,rating,grade,credit_limit,date,source
KA-42,C,BB,40000,2024-03-01,Agency
KA-43,A,AA,90000,2024-03-01,Agency
`;

const press = (name) => ({
    content: `Press ${name}`,
    trigger: `.o_control_panel button:text(${name})`,
    run: "click",
});

// On a draft qualification's form, as the manager of the candidate.
tours.add("nka_submit_qualification", {
    steps: () => [clickAction("action_submit"), inState("submitted")],
});

// On the submitted qualification's form, as a supervisor.
tours.add("nka_approve_qualification", {
    steps: () => [clickAction("action_approve"), inState("approved")],
});

// In the list of external ratings, as a manager: test a file, then import it.
tours.add("nka_import_ratings", {
    steps: () => [
        {
            content: "Open the cogwheel menu",
            trigger: ".o_cp_action_menus button:has(.fa-cog)",
            run: "click",
        },
        {
            content: "Ask for the import",
            trigger: ".o_import_menu",
            run: "click",
        },
        {
            content: "There is a template to fill in",
            trigger: ".o_import_action a[href$='outside_ratings.xlsx']",
        },
        {
            content: "Upload the file",
            trigger: ".o_control_panel .o_import_file",
            run() {
                const files = new DataTransfer();
                files.items.add(new File([FILE], "ratings.csv", { type: "text/csv" }));
                const input = document.querySelector(".o_control_panel input[type=file]");
                input.files = files.files;
                input.dispatchEvent(new Event("change", { bubbles: true }));
            },
        },
        {
            content: "Its columns are known",
            trigger: ".o_import_action .o_import_data_content:contains(Client in the file)",
        },
        press("Test"),
        {
            content: "Nothing is wrong with it",
            trigger: ".o_import_action .alert:contains(Everything seems valid)",
        },
        press("Import"),
        {
            content: "Both ratings wait for a supervisor",
            trigger:
                ".o_list_view:has(.o_data_row:contains(KA-42)):has(.o_data_row:contains(KA-43))",
        },
    ],
});

// In the list of external ratings, as a supervisor: accept all ratings that await review.
tours.add("nka_take_ratings_over", {
    steps: () => [
        {
            content: "Choose all",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Accept them",
            trigger: ".o_control_panel button[name=action_accept]",
            run: "click",
        },
        {
            content: "They count from now on",
            trigger:
                ".o_list_view:has(.o_data_row:contains(Accepted)):not(:has(.o_data_row:contains(To review)))",
        },
    ],
});

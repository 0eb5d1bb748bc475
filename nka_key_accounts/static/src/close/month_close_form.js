import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";

/** Steps that take seconds: what the page says meanwhile. */
const STEPS = {
    action_calculate: _t("The month is being calculated"),
    action_approve: _t("The month is being approved"),
    action_lock: _t("The month is being locked"),
};
/** Milliseconds after which it says so. */
const DELAY = 500;

/** Says which step is at work, and lets nobody press anything until it is over. */
export class MonthCloseFormController extends formView.Controller {
    async beforeExecuteActionButton(clickParams) {
        const goesOn = await super.beforeExecuteActionButton(clickParams);
        const message = STEPS[clickParams.name];
        if (message && goesOn !== false) {
            this.ui.block({ message, delay: DELAY });
        }
        return goesOn;
    }

    /** Also called when the step was refused. */
    async afterExecuteActionButton(clickParams) {
        if (clickParams.name in STEPS) {
            this.ui.unblock();
        }
        await super.afterExecuteActionButton(clickParams);
    }
}

registry.category("views").add("nka_month_close_form", {
    ...formView,
    Controller: MonthCloseFormController,
});

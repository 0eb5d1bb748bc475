import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";

/** Messages shown while a step is running, by action name. */
const STEPS = {
    action_calculate: _t("The month is being calculated"),
    action_approve: _t("The month is being approved"),
    action_lock: _t("The month is being locked"),
};
/** Delay before the message is shown, in milliseconds. */
const DELAY = 500;

/** Block the page during a step of the close and show which step is running. */
export class MonthCloseFormController extends formView.Controller {
    async beforeExecuteActionButton(clickParams) {
        const goesOn = await super.beforeExecuteActionButton(clickParams);
        const message = STEPS[clickParams.name];
        if (message && goesOn !== false) {
            this.ui.block({ message, delay: DELAY });
        }
        return goesOn;
    }

    /** Odoo calls this after errors too, so the page never stays blocked. */
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

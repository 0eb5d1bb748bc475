import {
    Component,
    EventBus,
    onMounted,
    onWillUnmount,
    onWillUpdateProps,
    useState,
    useSubEnv,
} from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { formView } from "@web/views/form/form_view";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** How soon the page looks again, in milliseconds: while a step is at work, and else. */
const SOON = 700;
const LATER = 5000;

/** Tells the page's progress when one of its buttons begins and ends. */
export class MonthCloseFormController extends formView.Controller {
    setup() {
        this.nkaSteps = new EventBus();
        useSubEnv({ nkaSteps: this.nkaSteps });
        super.setup();
    }

    async beforeExecuteActionButton(clickParams) {
        const goesOn = await super.beforeExecuteActionButton(clickParams);
        if (goesOn !== false) {
            this.nkaSteps.trigger("begun");
        }
        return goesOn;
    }

    async afterExecuteActionButton(clickParams) {
        await super.afterExecuteActionButton(clickParams);
        this.nkaSteps.trigger("ended");
    }
}

registry.category("views").add("nka_month_close_form", {
    ...formView,
    Controller: MonthCloseFormController,
});

/**
 * How far the step of a month has come that is at work, here or in another browser.
 *
 * It asks the server now and then while the page is looked at. Where no answer comes
 * the page is simply without progress; the step itself doesn't depend on it.
 */
export class MonthProgress extends Component {
    static template = "nka_key_accounts.MonthProgress";
    static props = standardWidgetProps;

    setup() {
        this.orm = useService("orm");
        this.state = useState({ progress: false });
        this.isPressed = false;
        if (this.env.nkaSteps) {
            useBus(this.env.nkaSteps, "begun", () => this.onStep(true));
            useBus(this.env.nkaSteps, "ended", () => this.onStep(false));
        }
        onMounted(() => this.look());
        onWillUpdateProps(({ record }) => {
            if (record.resId !== this.props.record.resId) {
                this.state.progress = false;
                this.lookIn(0);
            }
        });
        onWillUnmount(() => {
            this.isGone = true;
            clearTimeout(this.timer);
        });
    }

    get isWorthLooking() {
        const { state, slip_progress } = this.props.record.data;
        const isAtRest = state === "locked" && slip_progress >= 100;
        return this.props.record.resId && !document.hidden && (this.isPressed || !isAtRest);
    }

    onStep(isPressed) {
        this.isPressed = isPressed;
        this.lookIn(SOON);
    }

    lookIn(milliseconds) {
        clearTimeout(this.timer);
        if (!this.isGone) {
            this.timer = setTimeout(() => this.look(), milliseconds);
        }
    }

    async look() {
        const before = this.state.progress;
        const told = (this.isWorthLooking && (await this.ask())) || { now: false };
        if (this.isGone) {
            return;
        }
        this.state.progress = told.now;
        if (!this.isPressed && this.isOutdated(told, before)) {
            await this.reload();
        }
        const isAtWork = this.isPressed || (told.now && told.now.stage !== "background");
        this.lookIn(isAtWork ? SOON : LATER);
    }

    async ask() {
        const { resModel, resId } = this.props.record;
        try {
            return await this.orm.silent.call(resModel, "get_progress", [[resId]]);
        } catch {
            return false;
        }
    }

    /** Whether the page shows less than there is: a step ended elsewhere, or payslips came. */
    isOutdated({ state, revision, now }, before) {
        const shown = this.props.record.data;
        if (state && (state !== shown.state || revision !== shown.revision)) {
            return true;
        }
        return before && (!now || (now.stage === "background" && now.done !== before.done));
    }

    async reload() {
        if (!(await this.props.record.isDirty())) {
            await this.props.record.load();
        }
    }
}

registry.category("view_widgets").add("nka_month_progress", { component: MonthProgress });

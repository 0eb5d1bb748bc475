import { registry } from "@web/core/registry";
import {
    RemainingDaysField,
    remainingDaysField,
} from "@web/views/fields/remaining_days/remaining_days_field";

/** Number of days before and after today for which the distance is shown as well. */
const NEAR = 14;

/**
 * A date to act on: "Dec 4" and, near today, "Nov 23 · 7 days ago". Odoo's own field says
 * "Next month" for a date that another screen shows as due in 3 days.
 */
export class DueDateField extends RemainingDaysField {
    static props = { ...RemainingDaysField.props, short: { type: Boolean, optional: true } };

    get diffString() {
        const days = this.diffDays;
        if (days === null || this.props.short || Math.abs(days) > NEAR) {
            return days === null ? "" : this.formattedValue;
        }
        const day = this.props.record.data[this.props.name];
        return `${this.formattedValue} · ${day.toRelativeCalendar({ unit: "days" })}`;
    }
}

registry.category("fields").add("nka_due", {
    ...remainingDaysField,
    component: DueDateField,
    extractProps: (fieldInfo) => ({
        ...remainingDaysField.extractProps(fieldInfo),
        short: fieldInfo.options.short,
    }),
});

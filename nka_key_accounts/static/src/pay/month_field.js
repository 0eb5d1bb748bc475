import { Component, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A month, stored as its first day, for reading: "October 2026" instead of "Oct 1". */
export class MonthField extends Component {
    static template = xml`<span t-esc="text"/>`;
    static props = { ...standardFieldProps };

    get text() {
        const day = this.props.record.data[this.props.name];
        return day ? day.toFormat("LLLL yyyy") : "";
    }
}

registry.category("fields").add("nka_month", {
    component: MonthField,
    displayName: _t("Month"),
    supportedTypes: ["date"],
});

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

const WIDTH = 560;
const HEIGHT = 400;
const RADIUS = 130;
const RINGS = [25, 50, 75, 100];
/** A circle needs this many skills to be a picture. */
const FEWEST = 3;
/** Characters in a line of a label. */
const LINE = 15;

/** Skills of a person: a radar picture, and a table that says the same in words. */
export class SkillPicture extends Component {
    static template = "nka_key_accounts.SkillPicture";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.viewBox = `0 0 ${WIDTH} ${HEIGHT}`;
        this.center = { x: WIDTH / 2, y: HEIGHT / 2 };
        // Column titles, and labels of the values on a phone.
        this.labels = {
            gap: _t("Gap"),
            facts: _t("Recorded in 12 months"),
            title: _t("Skills of one person by level. The table below lists the same levels."),
        };
    }

    get data() {
        return this.props.record.data[this.props.name] || { sides: [], skills: [] };
    }

    /** Columns that have values, such as "Required by the position". */
    get sides() {
        return this.data.sides;
    }

    get hasPicture() {
        return this.sides.length > 0 && this.data.skills.length >= FEWEST;
    }

    get hasRequired() {
        return this.sides.some((side) => side.key === "required");
    }

    point(index, progress) {
        const angle = (2 * Math.PI * index) / this.data.skills.length;
        const distance = (RADIUS * progress) / 100;
        return [
            WIDTH / 2 + distance * Math.sin(angle),
            HEIGHT / 2 - distance * Math.cos(angle),
        ].map((number) => Math.round(number * 10) / 10);
    }

    get rings() {
        return RINGS.map((progress) =>
            this.data.skills.map((_skill, index) => this.point(index, progress)).join(" ")
        );
    }

    get axes() {
        return this.data.skills.map((skill, index) => {
            const [x, y] = this.point(index, 100);
            const [labelX, labelY] = this.point(index, 112);
            const lines = this.wrap(skill.name);
            const side = Math.round(labelX - WIDTH / 2);
            let shift = -(lines.length - 1) / 2;
            if (labelY < HEIGHT / 2 - RADIUS) {
                shift = -(lines.length - 1);
            }
            return {
                id: skill.id,
                x,
                y,
                labelX,
                labelY: labelY + 5 + shift * 16,
                anchor: Math.abs(side) < 10 ? "middle" : side > 0 ? "start" : "end",
                lines,
            };
        });
    }

    wrap(name) {
        const lines = [""];
        for (const word of name.split(" ")) {
            const last = lines[lines.length - 1];
            if (last && last.length + word.length >= LINE) {
                lines.push(word);
            } else {
                lines[lines.length - 1] = last ? `${last} ${word}` : word;
            }
        }
        return lines;
    }

    /** One line per side, through the skills that have a level. */
    get shapes() {
        return this.sides.map((side) => {
            const dots = this.data.skills
                .map((skill, index) => skill[side.key] && [skill, index])
                .filter(Boolean)
                .map(([skill, index]) => ({
                    id: skill.id,
                    at: this.point(index, skill[side.key].progress),
                    title: `${side.label}. ${skill.name}: ${skill[side.key].level}`,
                }));
            return { ...side, dots, points: dots.map((dot) => dot.at).join(" ") };
        });
    }

    openFact(code) {
        const { resModel, resId } = this.props.record;
        return this.action.doActionButton({
            type: "object",
            name: "action_open_fact",
            resModel,
            resId,
            resIds: [resId],
            buttonContext: { nka_fact: code },
        });
    }
}

registry.category("fields").add("nka_skill_picture", {
    component: SkillPicture,
    supportedTypes: ["json"],
});

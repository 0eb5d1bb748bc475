# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Key Account Management: Recruitment",
    "version": "19.0.2.0.0",
    "category": "Sales/CRM",
    "summary": "Interviews, claims of CVs and comparison of applicants for key account managers",
    "author": "nka_key_accounts contributors",
    "license": "LGPL-3",
    "depends": [
        "nka_key_accounts",
        "hr_recruitment",
        "hr_recruitment_skills",
        "hr_recruitment_survey",
        "survey",
    ],
    # The survey on a job position and an applicant is a small addon of Odoo's; it comes along.
    "auto_install": [
        "nka_key_accounts",
        "hr_recruitment",
        "hr_recruitment_skills",
        "survey",
    ],
    "data": [
        "security/ir.model.access.csv",
        "security/recruitment_rules.xml",
        "security/claim_rules.xml",
        "data/survey_data.xml",
        "data/ir_cron_data.xml",
        "views/hr_applicant_views.xml",
        "views/hr_applicant_director_views.xml",
        "views/nka_owner_decision_views.xml",
        "views/survey_question_views.xml",
        "views/settings_views.xml",
        "views/hr_applicant_claim_views.xml",
        "views/nka_applicant_claim_views.xml",
        "views/nka_applicant_comparison_views.xml",
        "views/hr_job_views.xml",
        "report/nka_applicant_comparison_reports.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "nka_key_accounts_recruitment/static/src/comparison.scss"
        ],
        "web.assets_tests": ["nka_key_accounts_recruitment/static/tests/tours/**/*"],
    },
    # Read by demo/language.py where the language has one.
    "oca_data_manual": ["demo/ru_RU.csv"],
    "demo": ["demo/demo_steps.xml"],
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
}

"""All public methods that the addon adds, by model: clients can call them by RPC.

``tests/whole/test_public_methods.py`` fails for a method that isn't listed, for a
listed one that no longer exists, and if not exactly the listed roles can read a model.
"""

#: Model -> (roles that can read it, its new public methods). ``user``: every employee.
PUBLIC = {
    "calendar.event": (
        "",
        """
        action_make_minutes action_plan_next_step action_set_outcome
        """,
    ),
    "crm.lead": (
        "admin",
        """
        action_ask_let_through action_confirm_origin action_let_through
        action_nominate_key_account action_open_commitments
        action_open_contributions action_open_course action_open_documents
        action_open_key_account action_open_owed action_plan_negotiation
        action_reject_origin
        action_submit_documents action_take_terms
        """,
    ),
    "hr.employee": (
        "user",
        """
        action_open_nka_skills
        """,
    ),
    "hr.job": (
        "user",
        """
        action_nka_compose
        """,
    ),
    "hr.payslip": (
        "payroll_officer",
        """
        action_open_statement
        """,
    ),
    "hr.payslip.run": (
        "payroll_officer",
        """
        action_make_payslips action_open_payslips
        """,
    ),
    "nka.departure": (
        "admin supervisor",
        """
        action_allow_taking action_archive_login action_cancel action_close_taking
        action_draft_handovers action_look_back action_open_accounts action_open_days
        action_open_events action_seal_dossier
        """,
    ),
    "nka.departure.dossier": (
        "admin supervisor",
        """
        action_download
        """,
    ),
    "nka.departure.notice": (
        "admin manager payroll_officer supervisor",
        """
        action_announce
        """,
    ),
    "nka.help.request": (
        "user",
        """
        action_send
        """,
    ),
    "nka.account.group": (
        "admin manager supervisor",
        """
        action_open_entities action_open_whitespace
        """,
    ),
    "nka.account.plan": (
        "admin manager supervisor",
        """
        action_approve action_fill action_return action_revise action_submit
        """,
    ),
    "nka.account.plan.action": (
        "manager supervisor user",
        """
        action_done action_reopen
        """,
    ),
    "nka.audit.event": (
        "admin supervisor",
        """
        action_open_record action_verify
        """,
    ),
    "nka.audit.head": (
        "admin supervisor",
        """
        action_open_seals action_verify
        """,
    ),
    "nka.bi.grant": (
        "admin",
        """
        action_approve action_return action_submit action_withdraw
        """,
    ),
    "nka.bonus.check": (
        "manager payroll_officer",
        """
        action_check
        """,
    ),
    "nka.bonus.check.line": (
        "manager payroll_officer",
        """
        action_correct_ownership action_open_credits action_open_invoice
        action_open_order action_open_payment
        """,
    ),
    "nka.bonus.line": (
        "manager payroll_officer supervisor",
        """
        action_open_payment action_open_source
        """,
    ),
    "nka.commitment": (
        "admin manager supervisor",
        """
        action_accept action_breach action_keep action_remedy action_waive
        """,
    ),
    "nka.competitor": (
        "admin manager supervisor",
        """
        action_open_presences action_print_battlecard action_review
        """,
    ),
    "nka.competitor.report": (
        "supervisor",
        """
        action_print
        """,
    ),
    "nka.concession": (
        "admin manager supervisor",
        """
        action_agree action_drop
        """,
    ),
    "nka.contact.log": (
        "manager supervisor",
        """
        action_apply
        """,
    ),
    "nka.credit.rating": (
        "admin manager supervisor",
        """
        action_accept action_refuse
        """,
    ),
    "nka.database": (
        "admin payroll_officer supervisor",
        """
        action_confirm_production action_confirm_test action_open
        action_open_trail
        """,
    ),
    "nka.day": (
        "manager",
        """
        action_accept_goals action_open action_open_commitments action_open_documents
        action_open_due action_open_goals action_open_history action_open_leads
        """,
    ),
    "nka.dependency": (
        "supervisor",
        """
        action_open_account action_refresh
        """,
    ),
    "nka.dependency.plan": (
        "manager supervisor",
        """
        action_drop
        """,
    ),
    "nka.desk": (
        "supervisor",
        """
        action_open action_open_all action_open_kind action_open_others
        """,
    ),
    "nka.discount.request": (
        "admin manager sales_team.group_sale_salesman supervisor",
        """
        action_approve action_refuse
        """,
    ),
    "nka.document": (
        "manager supervisor",
        """
        action_approve action_create_from_attachments action_new_revision
        action_return action_review action_submit
        """,
    ),
    "nka.document.return": (
        "supervisor",
        """
        action_return
        """,
    ),
    "nka.gate.pass": (
        "supervisor",
        """
        action_apply
        """,
    ),
    "nka.growth.suggestion": (
        "admin manager supervisor",
        """
        action_make_lead action_open_invoices
        """,
    ),
    "nka.handover": (
        "manager supervisor",
        """
        action_approve action_cancel action_open_accounts action_open_outcome
        action_print_pack
        action_refresh_checklist action_return action_submit
        """,
    ),
    "nka.handover.outcome": (
        "admin manager supervisor",
        """
        action_open_account action_open_figure action_open_handover
        """,
    ),
    "nka.handover.line": (
        "manager supervisor",
        """
        action_open_record
        """,
    ),
    "nka.job.description": (
        "user",
        """
        action_write
        """,
    ),
    "nka.job.offer": (
        "payroll_officer supervisor",
        """
        action_accept action_decline action_issue action_open_agreement
        action_propose_agreement action_withdraw
        """,
    ),
    "nka.key.account": (
        "admin manager supervisor",
        """
        action_access_register action_confirm action_correct_ownership action_decline
        action_hand_over
        action_log_contact action_nominate action_open_assignments action_open_commitments
        action_open_competitors action_open_contacts action_open_dependency
        action_open_documents
        action_open_group action_open_growth action_open_handover_outcome
        action_open_history action_open_invoices
        action_open_leads action_open_meetings action_open_overdue
        action_open_plan action_open_qualifications action_open_referrals
        action_open_stakeholders action_open_timeline action_open_voice action_open_whitespace
        action_plan_introduction action_print_preparation action_refresh_health action_retire
        """,
    ),
    "nka.hire.or.grow": (
        "supervisor",
        """
        action_open_costs action_open_documents action_open_order action_open_pay
        action_open_start
        """,
    ),
    "nka.hire.or.grow.way": (
        "supervisor",
        """
        action_open_people
        """,
    ),
    "nka.manager.page": (
        "manager",
        """
        action_open_accounts action_open_mine action_open_promises action_print
        """,
    ),
    "nka.manager.start": (
        "admin manager payroll_officer supervisor",
        """
        action_confirm action_resume action_stop
        """,
    ),
    "nka.manager.start.item": (
        "admin manager payroll_officer supervisor",
        """
        action_do
        """,
    ),
    "nka.manager.start.offer": (
        "supervisor",
        """
        action_record
        """,
    ),
    "nka.mentorship": (
        "manager supervisor",
        """
        action_confirm_manager action_find_proofs action_open_accounts
        action_propose_path
        """,
    ),
    "nka.mentorship.step": (
        "manager supervisor",
        """
        action_open_proof action_reopen action_waive
        """,
    ),
    "nka.month.close": (
        "admin payroll_officer",
        """
        action_approve action_calculate action_check action_lock
        action_mail_statements action_make_entry action_mark_paid
        action_open_desk action_open_mails action_open_slips
        action_open_statements action_open_trouble action_open_variance
        action_output action_print_slips action_reopen action_return
        action_verify
        """,
    ),
    "nka.month.close.check": (
        "admin payroll_officer",
        """
        action_open action_resolve
        """,
    ),
    "nka.month.close.exclusion": (
        "admin payroll_officer",
        """
        action_calculate action_close action_open_close action_open_statement
        """,
    ),
    "nka.month.close.output": (
        "payroll_officer",
        """
        action_make
        """,
    ),
    "nka.offer.contribution": (
        "manager supervisor user",
        """
        action_accept action_deliver action_return action_withdraw
        """,
    ),
    "nka.order.correction": (
        "supervisor",
        """
        action_apply
        """,
    ),
    "nka.ownership.correction": (
        "supervisor",
        """
        action_apply
        """,
    ),
    # Only directors read it, see test_director.py.
    "nka.overview": (
        "",
        """
        action_open action_open_accounts action_open_attention
        action_open_documents action_open_pipeline action_open_portfolio
        action_open_promises action_open_totals action_preview_mail
        """,
    ),
    "nka.pay.agreement": (
        "manager payroll_officer supervisor",
        """
        action_accept action_end action_open_mine action_propose action_what_if
        action_withdraw
        """,
    ),
    "nka.pay.agreement.end": (
        "payroll_officer",
        """
        action_apply
        """,
    ),
    "nka.pay.correction": (
        "manager payroll_officer supervisor",
        """
        action_approve
        """,
    ),
    "nka.pay.dispute": (
        "manager payroll_officer supervisor",
        """
        action_answer
        """,
    ),
    "nka.pay.forecast": (
        "manager",
        """
        action_open_credits action_open_mine action_open_money
        action_open_reports
        """,
    ),
    "nka.pay.forecast.line": (
        "manager",
        """
        action_open
        """,
    ),
    "nka.pay.market": (
        "admin payroll_officer",
        """
        action_approve action_return action_submit
        """,
    ),
    "nka.pay.opening": (
        "manager payroll_officer supervisor",
        """
        action_approve action_return action_submit
        """,
    ),
    "nka.pay.plan": (
        "admin manager payroll_officer supervisor",
        """
        action_new_version action_open_versions
        """,
    ),
    "nka.pay.plan.version": (
        "admin manager payroll_officer supervisor",
        """
        action_approve action_return action_submit action_withdraw
        """,
    ),
    "nka.pay.statement": (
        "manager payroll_officer supervisor",
        """
        action_approve action_calculate action_cancel_left_payslip
        action_correct action_dispute action_lock action_open_close action_open_course action_open_disputes
        action_open_money action_open_payslip
        """,
    ),
    "nka.pay.statement.line": (
        "manager payroll_officer supervisor",
        """
        action_dispute action_open_sources action_open_uncredited
        """,
    ),
    "nka.pay.statement.mail": (
        "manager payroll_officer",
        """
        action_resend
        """,
    ),
    "nka.pay.variance": (
        "payroll_officer",
        """
        action_open_statement
        """,
    ),
    "nka.payslip.job": (
        "payroll_officer",
        """
        action_retry
        """,
    ),
    "nka.promise": (
        "user",
        """
        action_agree_day action_break action_confirm action_dispute action_keep
        action_keep_day action_withdraw
        """,
    ),
    "nka.qualification": (
        "admin manager supervisor",
        """
        action_approve action_refresh_facts action_return action_submit
        """,
    ),
    "nka.reading.alert": (
        "admin supervisor",
        """
        action_open_days action_release action_review
        """,
    ),
    "nka.reading.day": (
        "admin manager payroll_officer supervisor",
        """
        action_open_days
        """,
    ),
    "nka.reading.restriction": (
        "admin supervisor",
        """
        action_lift
        """,
    ),
    "nka.reason.wizard": (
        "user",
        """
        action_apply
        """,
    ),
    "nka.review.mixin": (
        "",
        """
        action_approve action_return action_submit
        """,
    ),
    "nka.sales.history": (
        "admin manager supervisor",
        """
        action_open_invoices action_rebuild action_refresh
        """,
    ),
    "nka.seal.check": (
        "admin supervisor",
        """
        action_check
        """,
    ),
    "nka.season": (
        "admin manager payroll_officer supervisor",
        """
        action_freeze action_open_exceptions action_open_goals
        action_propose_goals action_refresh
        """,
    ),
    "nka.season.goal": (
        "manager payroll_officer supervisor",
        """
        action_accept action_change action_leave_out action_object
        action_open_evidence action_open_mine action_open_reasons action_propose
        action_score_zero
        """,
    ),
    "nka.season.goal.change": (
        "supervisor",
        """
        action_apply
        """,
    ),
    "nka.season.goal.evidence": (
        "manager payroll_officer supervisor",
        """
        action_open_record
        """,
    ),
    "nka.secrecy.regime": (
        "admin manager payroll_officer supervisor",
        """
        action_acknowledge action_approve action_new_version action_open_accesses
        action_open_acknowledgements action_open_mine action_remind action_return
        action_submit
        """,
    ),
    "nka.secrecy.register": (
        "admin supervisor",
        """
        action_print
        """,
    ),
    "nka.settings": (
        "admin",
        """
        action_save
        """,
    ),
    "nka.setup": (
        "admin payroll_officer supervisor",
        """
        action_apply_dates action_open_database action_open_setup action_refresh
        """,
    ),
    "nka.setup.agreement": (
        "payroll_officer",
        """
        action_open_agreements action_propose
        """,
    ),
    "nka.setup.item": (
        "admin payroll_officer supervisor",
        """
        action_open
        """,
    ),
    "nka.skill.assessment": (
        "user",
        """
        action_confirm action_open_counterpart
        """,
    ),
    "nka.skill.profile": (
        "user",
        """
        action_ask_self action_assess action_open_assessments action_open_fact
        action_open_mine
        """,
    ),
    "nka.stakeholder": (
        "admin manager supervisor",
        """
        action_confirm_voice_address action_log_contact
        """,
    ),
    "nka.state.mixin": (
        "",
        """
        action_open_trail
        """,
    ),
    "nka.takeover.line": (
        "supervisor",
        """
        action_confirm action_nominate action_open_takeover action_propose
        """,
    ),
    "nka.timeline.entry": (
        "admin manager supervisor",
        """
        action_open
        """,
    ),
    "nka.voice.answer": (
        "manager supervisor",
        """
        action_release
        """,
    ),
    "nka.voice.refusal": (
        "supervisor",
        """
        action_lift
        """,
    ),
    "nka.waiting": (
        "supervisor",
        """
        action_open
        """,
    ),
    "nka.week.change": (
        "supervisor",
        """
        action_open_accounts
        """,
    ),
    "nka.whitespace.line": (
        "admin manager supervisor",
        """
        action_open_invoices action_refresh
        """,
    ),
    "nka.work.report": (
        "manager payroll_officer supervisor",
        """
        action_approve action_open_mine action_refresh_facts action_return
        action_submit
        """,
    ),
    "nka.work.report.fact": (
        "manager supervisor",
        """
        action_open
        """,
    ),
    "res.partner": (
        "",
        """
        action_nominate_key_account action_open_key_account
        """,
    ),
    "res.users": (
        "",
        """
        action_hand_over_key_accounts
        """,
    ),
    "sale.order": (
        "",
        """
        action_nka_ask_discount action_nka_correct_day action_nka_open_requests
        """,
    ),
}

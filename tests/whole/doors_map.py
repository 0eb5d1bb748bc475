"""The access map: what each role gets from public methods, routes, rows and channels.

``tests/whole/test_doors_map.py`` takes the public methods from the registry, looks each
up in this map and tries it as each role on a database in which every secret is marked.
A missing entry fails with a message that says where to add it.

Four results: *allowed* (by Odoo's access rights and record rules, not counted),
*counted* (adds to ``nka.reading`` and is refused beyond the company's read limit),
*recorded* (logged as an audit event, or refused for users without the permission) and
*refused* (an error, nothing found, or "Busy").
"""

from .doors_kinds import RouteKind

#: In this order in every table. ``manager`` owns the account, ``colleague`` is the
#: manager of another account, ``salesman`` sees all of Odoo's leads and has no role of
#: the addon.
ROLES = (
    "manager",
    "deputy",
    "colleague",
    "supervisor",
    "officer",
    "admin",
    "salesman",
    "employee",
    "portal",
    "public",
)


#: Public methods by kind, the same for every model that has them.
VERBS = (
    (
        "structure",
        """
        check_access_rights check_field_access_rights fields_get get_base_url
        get_empty_list_help get_formview_action get_formview_id
        get_import_templates get_view get_views has_access is_transient
        mail_allowed_qweb_expressions mail_get_partner_fields view_header_get
    """,
    ),
    (
        "reads",
        """
        copy_data formatted_read_group formatted_read_grouping_sets
        get_field_translations hierarchy_read name_search onchange read
        read_group read_progress_bar search_panel_select_multi_range
        search_panel_select_range search_read web_name_search web_read
        web_read_group web_search_read
    """,
    ),
    (
        "finds",
        """
        check_access_rule default_get get_external_id get_metadata
        get_property_definition search search_count
    """,
    ),
    ("exports", "export_data"),
    (
        "changes",
        """
        action_archive action_unarchive copy copy_translations create load
        name_create reset toggle_active unlink update_field_translations
        web_override_translations web_resequence web_save web_save_multi write
    """,
    ),
    (
        "speaks",
        """
        message_mail_with_source message_notify message_post
        message_post_with_source rating_apply rating_send_request
    """,
    ),
    (
        "takes in",
        """
        message_new message_parse message_process message_route message_update
    """,
    ),
    (
        "follows",
        """
        action_unfollow add_members channel_change_description channel_fetched
        channel_join channel_pin channel_rename channel_set_custom_name
        execute_command_help execute_command_leave execute_command_who
        invite_by_email message_change_thread message_get_followers message_subscribe
        message_unsubscribe
    """,
    ),
    (
        "reminds",
        """
        action_reschedule_my_next_nextweek action_reschedule_my_next_today
        action_reschedule_my_next_tomorrow activity_feedback activity_reschedule
        activity_schedule activity_search activity_send_mail activity_unlink
        notify_cancel_by_type
    """,
    ),
    # ------------------------------------------- methods of Odoo's own models only
    (
        "oneself",
        """
        action_create_passkey action_open_my_account_settings
        action_related_contact action_reset_password action_revoke_all_devices
        action_setup_outgoing_mail_server action_test_outgoing_mail_server
        action_toggle_favorite action_totp_disable action_totp_enable_wizard
        action_totp_invite api_key_wizard authenticate change_password
        check_calendar_credentials check_synchronization_status context_get
        get_company_currency_id get_selected_calendars_partner_ids
        get_totp_invite_url has_group has_groups on_change_login
        preference_change_password preference_save reset_password
        revoke_all_devices send_unregistered_user_reminder signup
        switch_tour_enabled web_create_users
    """,
    ),
    (
        "opens",
        """
        action_automatic_entry action_close_dialog action_create_calendar_event
        action_create_user action_create_users_confirmation action_documents
        action_done_schedule_next action_feedback_schedule_next
        action_force_register_payment action_get action_join_meeting
        action_new_quotation
        action_open_allocation_wizard action_open_business_doc action_open_rated_object
        action_open_calendar_event action_open_composer
        action_open_discount_wizard action_open_document action_open_employees
        action_open_time_off_calendar action_open_version action_open_versions
        action_payment_items_register_payment action_privacy_lookup
        action_quotation_send action_refund_wizard action_register_payment
        action_related_contacts action_reschedule_meeting action_reverse
        action_sale_quotations_new action_schedule_meeting action_send_and_print
        action_send_sms action_show_potential_duplicates action_time_off_dashboard
        action_unlink_event action_view_invoice action_view_opportunity
        action_view_partner_invoices action_view_payment_transactions
        action_view_refunds action_view_sale_order action_view_sale_quotation
        action_view_source_sale_orders button_open_bills button_open_invoices
        button_open_journal_entry button_open_statement_lines
        open_adjusting_entries open_adjusting_entry_origin_moves
        open_commercial_entity open_created_caba_entries open_payments
        open_pending_requests open_reconcile_view open_template_creation_wizard
        redirect_lead_opportunity_view schedule_meeting
        action_change_password_wizard action_create_employee
        action_open_mail_preview action_see_accrual_plans
        action_see_days_allocated action_see_group_leaves action_show_accesses
        action_show_groups action_show_rules get_bindings open_document
        open_edit_form open_parent_document
    """,
    ),
    (
        "steps",
        """
        action_archive_all action_delete action_lost_reason_apply
        action_mass_convert action_merge action_schedule_activities
        action_schedule_activities_done action_schedule_plan
        action_send_mail_and_delete action_send_sms_mass_now action_set_canceled
        action_set_error action_set_outgoing action_unlink action_unlink_all
        close create_action edit_followers execute_import force_send
        resend_failed reset_template send_mail send_mail_batch set
        set_message_pin snailmail_print toggle_noupdate unlink_action
        action_activate_currency action_add_from_catalog action_approve
        action_back_to_approval action_cancel action_confirm action_create_users
        action_delete_duplicates action_done action_done_redirect_to_other
        action_draft action_duplicate action_feedback action_lock
        action_mass_archive action_mass_deletion action_notify
        action_payslip_cancel action_payslip_done action_payslip_draft
        action_post action_quotation_sent action_refuse action_reject
        action_reschedule_nextweek action_reschedule_today
        action_reschedule_tomorrow action_restore action_retry
        action_schedule_message action_send_and_close action_send_mail
        action_sendmail action_set_automated_probability action_set_lost
        action_set_won action_set_won_rainbowman action_switch_move_type
        action_toggle_block_payment action_toggle_primary_bank_account_trust
        action_unlock action_unreconcile_match_entries action_update_fpos_values
        action_update_prices action_update_taxes action_validate
        action_validate_moves_with_confirmation activity_update add_follower
        button_cancel button_draft button_hash button_request_cancel
        button_set_checked cancel cancel_letter cancel_save_template
        change_attendee_status clear_videocall_location close_payslip_run
        compute_sheet convert_opportunity create_company create_contract
        create_document_from_attachment create_filter create_mail_template
        create_unique create_version discard_records discard_values
        draft_payslip_run edit_message find_or_create find_or_create_record
        generate_random_barcode js_assign_outstanding_line
        js_remove_outstanding_partial log_meeting mail_action_blacklist_remove
        mark_all_as_read mark_as_sent mark_outgoing merge_opportunity
        payment_action_capture payment_action_void phone_action_blacklist_remove
        post_message reconcile refresh_invoice_currency_rate refund_sheet
        register_as_main_attachment remove_move_reconcile
        set_discuss_videocall_location set_message_done set_moves_checked
        toggle_message_starred unlink_snailmail_letters unlink_w_meeting
        unmark_as_sent unstar_all
    """,
    ),
    (
        "reads",
        """
        activity_format address_get can_edit_vat check_move_sequence_chain
        check_no_existing_contract check_selected_moves compute_move_sent_values
        compute_uom_qty find_partner_customer format_failure_reason
        get_accounts_with_fixed_allocations get_activity_data
        get_allocation_requests_amount get_attendee_detail get_avatar_card_data
        get_bank_account_salary_allocation get_column_to_exclude_for_colspan_calculation
        get_current_contract_dict get_currency_rate
        get_discuss_videocall_location get_display_names_for_spreadsheet
        get_display_time_tz get_extra_print_items get_filters get_inputs
        get_internal_resume_lines get_invoice_localisation_fields_required_to_invoice
        get_lines_dict get_mandatory_days get_mandatory_days_data
        get_mention_suggestions get_mention_suggestions_from_channel
        get_next_alarm_date get_parent_section_line
        get_partner_localisation_fields_required_to_invoice
        get_payroll_dict get_payslip_vals get_portal_last_transaction
        get_public_holidays_data get_rainbowman_message get_remaining_percentage
        get_salary_line_total get_section_subtotal get_special_days_data
        get_time_off_dashboard_data get_unusual_days
        get_values_from_contract_template get_worked_day_lines
        get_working_hours_for_all_attendees get_worklocation has_valued_move_ids
        is_entry is_inbound is_invoice is_outbound is_purchase_document
        is_receipt is_sale_document list_leaves onchange_contract onchange_dates
        onchange_employee onchange_parent_id onchange_struct_id
        check_object_reference default_subtypes get_allocation_data
        get_allocation_data_request get_recurrence_name parse_preview
        requested_display_name
        portal_message_format prepare_pls_tooltip_data search_for_channel_invite
    """,
    ),
    (
        "exports",
        """
        action_invoice_download_pdf action_invoice_download_ubl
        action_move_download_all action_print_pdf
    """,
    ),
    (
        "shares",
        """
        action_invoice_sent action_join_video_call action_preview_sale_order
        action_get_share_url action_share action_signup_prepare generate_access_token get_portal_url
        get_serving_groups preview_invoice signup_cancel
        signup_get_auth_param signup_prepare
    """,
    ),
    ("answers", "do_accept do_decline do_tentative"),
    (
        "outside",
        """
        action_generate_leads autocomplete_by_name autocomplete_by_vat
        enrich_by_domain enrich_by_duns enrich_by_gst
        iap_enrich iap_partner_autocomplete_get_tag_ids process_email_queue send
        send_after_commit send_letter force_storage regenerate_assets_bundles
        notify_expiring_contract_work_permit
    """,
    ),
    (
        "tells little",
        """
        check check_contract_finished get_all_structures get_default_duration
        get_inbound_types get_invoice_types get_outbound_types
        get_purchase_types get_sale_types get_state_selections localdict_hook
        check_allocation_requirement_edit_validity get_fields_tree
        get_model_options has_accrual_allocation
        onchange_company_type tracking_fields
    """,
    ),
)

#: Odoo's models that show records of the addon, besides those that reference one.
STANDARD = {
    "account.move",
    "account.move.line",
    "account.payment",
    "calendar.attendee",
    "calendar.event",
    "crm.lead",
    "hr.employee",
    "hr.employee.public",
    "hr.leave",
    "hr.payslip",
    "hr.payslip.line",
    "hr.payslip.run",
    "hr.version",
    "ir.attachment",
    "ir.default",
    "ir.exports",
    "ir.filters",
    "mail.activity",
    "mail.alias",
    "mail.followers",
    "mail.message",
    "mail.notification",
    "mail.tracking.value",
    "res.partner",
    "res.users",
    "sale.order",
    "sale.order.line",
    "spreadsheet.dashboard",
    "spreadsheet.dashboard.share",
}

#: Kinds of routes, with patterns of their paths; the first matching pattern applies.
#: Routes of ``tried`` kinds are called as users without access, with ids, names and
#: tokens of hidden records.
ROUTES = (
    RouteKind(
        "server",
        False,
        "the databases themselves; closed by list_db = False",
        """
        /web/database/* /base_import_module/login_upload
    """,
    ),
    RouteKind(
        "login",
        False,
        "who one is: passwords, keys, sessions, one's own profile",
        """
        /auth/* /web/session/* /web/login* /web/signup /web/reset_password
        /web/become /google_gmail/* /microsoft_outlook/* /calendar/check_credentials
        /my/security /my/deactivate_account /base_setup/*
    """,
    ),
    RouteKind(
        "outside",
        False,
        "asks a service outside",
        """
        /discuss/gif/* /html_editor/generate_text /web_editor/generate_text
        /html_editor/get_ice_servers /web_editor/get_ice_servers
        /html_editor/media_library_search /*/save_library_media
        /html_editor/link_preview_external /*/video_url/data /web_unsplash/*
        /mail/link_preview /mail/message/translate /sms/status
    """,
    ),
    RouteKind(
        "program",
        False,
        "pages, assets, texts and pictures of the program",
        """
        / /odoo /odoo/* /web /web/assets/* /web/bundle/* /web/webclient/*
        /web/manifest* /web/service-worker.js /web/health /web/version
        /web/tests* /web/set_profiling /web/profile_config/* /web/speedscope/*
        /web/sign/* /web/filestore/* /web/binary/company_logo /logo*
        /json/version /json/2 /json/2/<path* /scoped_app* /robots.txt /terms
        /*/font_to_img/* /*/shape/* /*/image_shape/* /website/translations
        /bus/websocket_worker_bundle /discuss/voice/* /mail/rtc/audio_*
        /account/*_tests_shared_js_python /report/barcode* /report/check_*
        /my/address/country_info/* /web/view/edit_custom
        /websocket /websocket/health
    """,
    ),
    RouteKind(
        "verbs",
        False,
        "any public verb: tried verb by verb",
        """
        /web/dataset/* /json/2/<__model__>/* /jsonrpc /xmlrpc/*
        /web/action/run
    """,
    ),
    RouteKind(
        "records",
        True,
        "records in another dress, by the reader's rights",
        """
        /json/* /doc* /web/action/load* /web/model/* /web/domain/*
        /bus/get_model_definitions /hr/* /print/cv /web/pivot/*
        /product/* /sale/* /spreadsheet/* /lead/* /leave/*
        /allocation/* /digest/* /base_import/*
    """,
    ),
    RouteKind(
        "exports",
        True,
        "recorded; refused to whoever may not export",
        """
        /web/export/* /web/partner/vcard /web_enterprise/partner/*
        /account/download_*
    """,
    ),
    RouteKind("reports", True, "printed for whoever reads the record", "/report/*"),
    RouteKind(
        "files",
        True,
        "counted; by the rights of what the file hangs on",
        """
        /web/content* /web/image* /web/binary/* /mail/attachment/*
        /html_editor/* /web_editor/* /portal/attachment/*
    """,
    ),
    RouteKind(
        "threads",
        True,
        "messages and followers of records one reads",
        """
        /mail/* /portal/* /discuss/* /chat/* /meet/* /website/rating/*
    """,
    ),
    RouteKind(
        "calendar",
        True,
        "invitations by their token, and one's own",
        """
        /calendar/*
    """,
    ),
    RouteKind(
        "clients",
        True,
        "a client's own orders and invoices, or a token's",
        """
        /my* /payment/* /invoice/* /dashboard/* /rate/* /nka/feedback/*
    """,
    ),
    RouteKind(
        "bus",
        True,
        "what is sent at once: to oneself, one's groups, one's channels",
        """
        /websocket/* /bus/has_missed_notifications
    """,
    ),
)

#: (model, method) -> kind, where it differs from the kind of that name.
EXCEPTIONS = {}

#: What each role gets by reading a planted row, in the order of ROLES: ``a`` allowed,
#: ``c`` counted, ``.`` refused (an error, nothing found, or "Busy"). The columns are
#: manager, deputy, colleague, supervisor, officer, administrator, salesman, employee,
#: portal and public.
ROWS = """
account.bank.statement                ..........
account.move                          aa.a..a...
account.move.line                     aa.a..a...
account.move.send.wizard              ..........
account.payment                       aa.a......
base_import.import                    a.........
base_import.mapping                   aaaaaaaa..
calendar.attendee                     cc.c.c....
calendar.event                        aa.a.a....
calendar.popover.delete.wizard        a.........
calendar.recurrence                   aaaaaaaa..
crm.lead                              cc.c.c....
crm.lead.lost                         a.........
crm.lead2opportunity.partner          a.........
crm.lead2opportunity.partner.mass     a.........
crm.merge.opportunity                 a.........
crm.quotation.partner                 a.........
crm.stage                             aaaaaaaa..
discuss.call.history                  aaaaaaaa..
discuss.channel                       ..........
discuss.channel.member                ..........
discuss.voice.metadata                ..........
hr.employee                           a.........
hr.employee.public                    aaaaaaaa..
hr.leave                              a..aa.....
hr.leave.type                         aaaaaaaa..
hr.payslip                            ..........
hr.payslip.line                       ..........
hr.payslip.run                        ..........
hr.version                            ..........
ir.actions.act_window                 ..........
ir.actions.client                     ..........
ir.attachment                         cc.c......
ir.default                            aaaaaaaa..
ir.exports                            ...a.a....
ir.filters                            aaaaaaaa..
ir.model.data                         ..........
mail.activity                         a..a......
mail.activity.plan                    aaaaaaaa..
mail.activity.plan.template           aaaaaaaa..
mail.activity.schedule                a.........
mail.activity.type                    aaaaaaaa..
mail.alias                            aaaaaaaa..
mail.compose.message                  a.........
mail.followers                        aa.a......
mail.followers.edit                   a.........
mail.mail                             ..........
mail.message                          cc.c.c....
mail.message.link.preview             ..........
mail.message.reaction                 ..........
mail.message.schedule                 ..........
mail.message.subtype                  aaaaaaaaaa
mail.message.translation              ..........
mail.notification                     a.........
mail.scheduled.message                aa.a......
mail.template                         aaaaaaaa..
mail.tracking.value                   ..........
nka.account.group                     ...c.c....
nka.account.note                      cc.c.c....
nka.account.plan                      cc.c.c....
nka.account.plan.action               cc.c.c....
nka.account.plan.objective            cc.c.c....
nka.account.report                    ...c......
nka.account.week                        ...c......
nka.assignment                        cc.c......
nka.audit.event                       ...a.a....
nka.audit.head                        ...a.a....
nka.audit.seal                        ...a.a....
nka.audit.verification                ...a.a....
nka.audit.verification.line           ...a.a....
nka.bonus.check                       a.........
nka.bonus.check.line                  a.........
nka.bonus.head                        ....a.....
nka.bonus.line                        a..aa.....
nka.bonus.touched                     ..........
nka.client.join                       cc.c......
nka.commitment                        cc.c.c....
nka.competitor                        aaaa.a....
nka.competitor.analysis               ..........
nka.competitor.offering               aaaa.a....
nka.competitor.presence               cc.c.c....
nka.competitor.report                 ..........
nka.concession                        cc.c.c....
nka.contact.log                       a.........
nka.credit.rating                     cc.c.c....
nka.day                               a.........
nka.dependency                        ...c......
nka.dependency.plan                   cc.c......
nka.departure                           .....a....
nka.departure.dossier                   .....a....
nka.departure.figure                    .....a....
nka.departure.introduction              ..........
nka.departure.notice                    a.........
nka.desk                              ..........
nka.discount.request                  cc.c.c....
nka.document                          cc.c......
nka.document.check                    cc.c......
nka.document.finding                  cc.c......
nka.document.quality                  aa.a......
nka.document.return                   ..........
nka.document.return.line              ..........
nka.document.review                   cc.c......
nka.document.type                     aaaaaaaa..
nka.document.type.item                aaaaaaaa..
nka.gate.exception                    ...a......
nka.gate.pass                         ..........
nka.growth.suggestion                 ..........
nka.handover                          c..c......
nka.handover.line                     c..c......
nka.handover.outcome                    ..........
nka.health.history                    cc.c.c....
nka.health.weight                     aaaa.a....
nka.help.request                      a.........
nka.holiday.entry                     ....a.....
nka.job.description                     a.........
nka.job.description.line                a.........
nka.job.offer                           ...aa.....
nka.key.account                       cc.c.c....
nka.kpi                               aaaaaa....
nka.leave.approval                    ....a.....
nka.manager.page                        ..........
nka.mentorship                        a..a......
nka.mentorship.step                   a..a......
nka.mentorship.step.kind              aaaa.a....
nka.month.close                       ....aa....
nka.month.close.check                 ....aa....
nka.month.close.exclusion             ....aa....
nka.month.close.output                ..........
nka.month.close.revision              ....aa....
nka.month.close.rule                  ....aa....
nka.offer.contribution                cc.c.c....
nka.order.confirmation                ...a......
nka.order.correction                  ..........
nka.order.link                        ..........
nka.overview                            ..........
nka.ownership.correction              ..........
nka.pay.agreement                     a..aa.....
nka.pay.agreement.end                 ..........
nka.pay.correction                    ....a.....
nka.pay.course                        a...a.....
nka.pay.dispute                       a...a.....
nka.pay.forecast                      a.........
nka.pay.forecast.line                 a.........
nka.pay.market                          ....aa....
nka.pay.opening                       ....a.....
nka.pay.plan                          a..aaa....
nka.pay.plan.line                     a..aaa....
nka.pay.plan.version                  a..aaa....
nka.pay.report                        ....a.....
nka.pay.statement                     a...a.....
nka.pay.statement.line                a...a.....
nka.pay.statement.mail                a...a.....
nka.pay.tier                          a..aaa....
nka.pay.total                           ....a.....
nka.pay.variance                      ....a.....
nka.pay.what.if                       a.........
nka.pay.what.if.line                  a.........
nka.pay.year                          ....aa....
nka.payslip.job                       ....a.....
nka.promise                             a..a......
nka.qualification                     cc.c.c....
nka.qualification.criterion           aaaaaaaa..
nka.qualification.score               cc.c.c....
nka.reading                           ...a......
nka.reading.alert                       ...a......
nka.reading.day                         a..a......
nka.reading.restriction                 ...a.a....
nka.reason.wizard                     a.........
nka.sales.history                     cc.c.c....
nka.seal.check                        ..........
nka.season                            aaaaaa....
nka.season.goal                       a..aa.....
nka.season.goal.change                ..........
nka.season.goal.evidence              a.........
nka.secrecy.access                    a.........
nka.secrecy.acknowledgement           a..a.a....
nka.secrecy.item                      ...a.a....
nka.secrecy.regime                    ...a.a....
nka.secrecy.register                  ..........
nka.settings                          ..........
nka.setup                             ...aaa....
nka.setup.agreement                   ....a.....
nka.setup.item                        ...aaa....
nka.setup.person                      ...aaa....
nka.skill.assessment                    a.........
nka.skill.assessment.line               a.........
nka.skill.behavior                      aaaaaaaa..
nka.skill.profile                       a..a......
nka.stakeholder                       cc.c.c....
nka.takeover.line                     ...c......
nka.tier                              aaaaaaaa..
nka.timeline.entry                    cc.c......
nka.voice.answer                      ...c......
nka.voice.refusal                     ...a......
nka.voice.round                       ...c......
nka.waiting                           ...c......
nka.week.change                         ...c......
nka.whitespace.line                   cc.c.c....
nka.work.report                       a..aa.....
nka.work.report.fact                  a..a......
payment.link.wizard                   a.........
portal.share                          ..........
privacy.lookup.wizard.line            ..........
product.document                      aaaaaaaa..
rating.rating                         ..........
res.partner                           ccccccaa..
res.users                             aaaaaaaa..
res.users.settings.embedded.action    ..........
sale.order                            a..a..a...
sale.order.line                       a..a..a...
sms.composer                          a.........
sms.sms                               ..........
snailmail.letter                      aaaaaaaa..
spreadsheet.dashboard                 ..........
spreadsheet.dashboard.share           a.........
"""

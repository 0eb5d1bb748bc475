"""External ids of the addon's groups."""

MANAGER = "nka_key_accounts.group_key_account_manager"
SUPERVISOR = "nka_key_accounts.group_key_account_supervisor"
PAYROLL_OFFICER = "nka_key_accounts.group_key_account_payroll_officer"
ADMIN = "nka_key_accounts.group_key_account_admin"
DIRECTOR = "nka_key_accounts.group_key_account_director"
ROLES = (MANAGER, SUPERVISOR, PAYROLL_OFFICER, ADMIN, DIRECTOR)

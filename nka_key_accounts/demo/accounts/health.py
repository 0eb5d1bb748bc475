"""The daily job runs once more: health now knows the invoices and meetings."""


def load(env):
    env["nka.key.account"]._cron_refresh_health()

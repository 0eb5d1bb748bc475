"""Creates what isn't there yet.

Every loaded record carries an external id, so that a second load adds nothing.
"""

from itertools import islice

MODULE = "nka_real"
# nobody is told about 8,800 deals of years ago, and history gets no history
QUIET = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_notify_force_send": False,
    "no_reset_password": True,
    # nor is anybody asked to review a paper of years ago
    "mail_activity_automation_skip": True,
}


def batches(items, size):
    """Yield lists of at most ``size`` items."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


class ExternalIds:
    """What this loader has brought into one database.

    :param env: environment of a user who may create everything
    :param checkpoint: called when a batch is whole; a program commits here
    :param progress: called with (title, done, total) after every batch
    """

    def __init__(
        self, env, checkpoint=lambda: None, progress=lambda title, done, total: None
    ):
        self.env = env(context={**env.context, **QUIET})
        self.checkpoint = checkpoint
        self.progress = progress

    def ids(self, model):
        """Return ``{name: record id}`` of all loaded records of a model."""
        rows = self.env["ir.model.data"].search_read(
            [("module", "=", MODULE), ("model", "=", model)], ["name", "res_id"]
        )
        return {row["name"]: row["res_id"] for row in rows}

    def records(self, model):
        """Return all loaded records of a model, archived ones included."""
        return (
            self.env[model]
            .with_context(active_test=False)
            .browse(self.ids(model).values())
        )

    def adopt(self, name, record):
        """Put an existing record under one of our names."""
        xml_id = f"{MODULE}.{name}"
        self.env["ir.model.data"]._update_xmlids(
            [{"xml_id": xml_id, "record": record, "noupdate": True}]
        )

    def load(self, model, values_by_name, batch_size=500, finish=None):
        """Create the records that aren't there yet; each batch whole or not at all.

        :param str model: model name
        :param dict values_by_name: ``{external name: values}``
        :param int batch_size: records per create and per checkpoint
        :param finish: called with the records of a batch before its checkpoint
        :return: ``{external name: record id}`` of the model, old and new
        """
        known = self.ids(model)
        missing = [name for name in values_by_name if name not in known]
        done = 0
        for names in batches(missing, batch_size):
            records = self._create(model, names, values_by_name)
            if finish:
                finish(records)
            known.update(zip(names, records.ids, strict=True))
            self._close_batch()
            done += len(names)
            self.progress(model, done, len(missing))
        return known

    def _create(self, model, names, values_by_name):
        records = self.env[model].create([values_by_name[name] for name in names])
        self.env["ir.model.data"]._update_xmlids(
            [
                {"xml_id": f"{MODULE}.{name}", "record": record, "noupdate": True}
                for name, record in zip(names, records, strict=True)
            ]
        )
        return records

    def _close_batch(self):
        """Write what is pending, keep it, and forget the cache.

        The cache would grow with every batch and slow the next one.
        """
        self.env.flush_all()
        self.checkpoint()
        self.env.invalidate_all()

"""What is refused in the middle is taken back as a whole."""

from contextlib import contextmanager


@contextmanager
def as_a_whole(env):
    """Take back what happens inside when it is refused, even from a caller who goes on.

    Odoo's own savepoint would run what waits for the end of the transaction, too: a change
    in two steps would be told twice.

    :param env: environment of the transaction
    """
    env.flush_all()
    try:
        with env.cr.savepoint(flush=False):
            yield
            env.flush_all()
    except Exception:
        # what is in memory was taken back in the database
        env.transaction.clear()
        raise

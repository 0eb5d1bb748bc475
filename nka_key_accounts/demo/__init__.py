"""A believable company to try the addon with; loaded by ``--with-demo`` only.

Every room that shows something has a folder of tables here, and a file of steps where
tables don't do. The order of all of them is ``demo_steps.xml``.

- What stands still (users, products, clients) is in the manifest's list: XML and CSV
  as Odoo loads them.
- A CSV named after a model has the columns of Odoo's import, with three differences:
  dates are relative (``today -3m =1d``), ``_user`` is the demo user who enters the row,
  and other columns with an underscore are for the step that loads it.
  See :func:`records.load`.
- Any other CSV is read by steps only; ``leads/leads.csv`` and ``accounts/accounts.csv``
  by those of several rooms.
- A step is a function that takes the environment. It names what it makes and so adds
  nothing when it runs again. Decisions are taken by ``action_*`` as the person who may
  take them: the demo passes every guard.
"""

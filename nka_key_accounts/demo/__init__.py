"""Demo data: a plausible company to try the addon with, loaded by ``--with-demo`` only.

Each room with demo data has a folder of tables here, and a file of steps for what
tables can't express. ``demo_steps.xml`` gives the order of all of them.

- A CSV file named after a model has the columns of Odoo's import, with three
  differences: dates are relative (``today -3m =1d``), ``_user`` is the demo user who
  enters the row, and other columns with an underscore are for the step that loads it.
  See :func:`records.load`.
- Other CSV files are read by steps only; ``leads/leads.csv`` and
  ``accounts/accounts.csv`` by steps of several rooms.
- Texts are English; ``ru_RU.csv`` is the dictionary of another language, and
  ``language.py`` has what else differs there: :func:`language.say`,
  :func:`language.price`.
- A step is a function that takes the environment. It gives its records external ids, so
  running it again adds nothing. Decisions are made by ``action_*`` methods as a user
  with the required role: the demo passes every check.
"""

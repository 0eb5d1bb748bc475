"""Demo data of recruitment: applicants for the company of the first addon's demo.

Steps as in ``nka_key_accounts/demo``: functions that take the environment, in the order
of ``demo_steps.xml``. ``ru_RU.csv`` is the dictionary of another language.
"""

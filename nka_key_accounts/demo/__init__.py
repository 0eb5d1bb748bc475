"""A believable company to try the addon with; loaded by ``--with-demo`` only.

Every room has a folder here. What stands still (people, products, clients) is XML
and CSV for Odoo's own import; what depends on today or has to pass through an
action is a step: a module with ``load(env)``, called from the manifest's XML by
``<function model="nka.demo" name="_load"><value>room.step</value></function>``.

A step reads its table from a CSV beside it, names what it makes with
:func:`records.create_missing` and so adds nothing when it runs again. Decisions are
taken by ``action_*`` as the person who may take them: the demo passes every guard.

Order, as in the manifest; a room hangs its own steps in between:

1. people, products, clients, currency
2. ``accounts.nomination`` — candidates; what a confirmation needs comes after it
3. ``accounts.qualification``, ``accounts.confirmation`` — supervisors decide on the candidates;
   ``accounts.ratings`` — what agencies say of them
4. ``leads.creation`` — all leads, new; what a stage asks for comes after it
5. ``leads.origins`` — claims decided; ``documents.dossiers`` — what the gates ask for;
   ``leads.progress`` — deals moved on, won and lost
6. ``leads.meetings``, ``leads.mails``, ``leads.activities`` — who spoke with whom;
   ``documents.queue`` — what waits for a review
7. ``sales.orders``, ``sales.invoices``, ``sales.credit_notes``, ``sales.payments``
8. ``market.people``, ``market.competitors``, ``market.commitments``;
   ``plans.whitespace``, ``plans.offers``, ``plans.discounts``, ``plans.plans``
9. ``accounts.handovers`` — one carried out, one of a leaving manager to approve
10. ``reports.weeks`` — ten weeks of reports, most of them approved
11. ``pay.plan``, ``pay.agreements``, ``pay.goals`` — terms agreed, goals of three seasons
12. ``close.months`` — three months closed by two officers
13. ``day.colleagues`` — notes, a mentor, a manager on leave; ``accounts.health`` — scored
    when everything it is made of is there; ``day.course`` — how it got there, sales history
"""

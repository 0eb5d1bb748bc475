"""A small, valid sales folder, and ways to make it invalid."""

CLEAN = {
    "accounts.csv": """\
account,sector,year_established,revenue,employees,office_location,subsidiary_of
Acme,technology,1996,1100.04,2822,United States,
Bluth,retail,1993,42.5,30,Kenya,Acme
""",
    "products.csv": """\
product,series,sales_price
GTX Pro,GTX,4821
MG Special,MG,55
""",
    "sales_teams.csv": """\
sales_agent,manager,regional_office
Anna Snelling,Dustin Brinkmann,Central
Moses Frase,Dustin Brinkmann,Central
""",
    "sales_pipeline.csv": """\
opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
W1,Anna Snelling,GTX Pro,Acme,Won,10/20/2016,3/1/2017,4514
W2,Moses Frase,MG Special,Bluth,Won,10/25/2016,2/7/2017,50.25
L1,Moses Frase,MG Special,Bluth,Lost,10/25/2016,3/7/2017,0
E1,Anna Snelling,GTX Pro,Acme,Engaging,11/1/2016,,
P1,Anna Snelling,GTX Pro,Acme,Prospecting,,,
""",
}

A_WON_DEAL = {
    "opportunity_id": "W3",
    "sales_agent": "Anna Snelling",
    "product": "GTX Pro",
    "account": "Acme",
    "deal_stage": "Won",
    "engage_date": "1/1/2017",
    "close_date": "2/1/2017",
    "close_value": "5",
}
AN_OPEN_DEAL = {
    **A_WON_DEAL,
    "opportunity_id": "E3",
    "deal_stage": "Engaging",
    "close_date": "",
    "close_value": "",
}


def won(**cells):
    """Return a line of a won deal with some cells changed."""
    return ",".join({**A_WON_DEAL, **cells}.values())


def still_open(**cells):
    """Return a line of an open deal with some cells changed."""
    return ",".join({**AN_OPEN_DEAL, **cells}.values())


def write_folder(path, extra=None, **replaced):
    """Write the folder.

    :param Path path: an existing folder
    :param dict extra: ``{file name without .csv: lines to append}``
    :param replaced: whole text of a file, by its name without .csv
    """
    files = {**CLEAN, **{f"{name}.csv": text for name, text in replaced.items()}}
    for name, lines in (extra or {}).items():
        files[f"{name}.csv"] += "".join(f"{line}\n" for line in lines)
    for name, text in files.items():
        (path / name).write_text(text, encoding="utf-8")

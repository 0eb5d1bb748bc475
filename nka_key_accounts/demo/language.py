"""Language of the demo: one dictionary of texts, and amounts of the country's size.

The tables and steps are in English. A database whose administrator reads another
language with a dictionary (``ru_RU.csv``) gets the same story in that language. Amounts
follow the company's currency: prices in roubles are higher by another factor than pay.
"""

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

from odoo.tools import file_open, file_path

FOLDER = "nka_key_accounts/demo"
ENGLISH = "en_US"


@dataclass(frozen=True)
class Money:
    """How the amounts of the tables become amounts of a company's currency."""

    #: Factors of prices and sales, and of pay.
    sales: float = 1
    pay: float = 1
    #: Currency of the foreign client, and how much of it one unit of the company's is.
    foreign: str = "base.EUR"
    rate: float = 0.92
    #: Factor of prices of the company in the currency of the foreign client.
    abroad: float = 1


MONEY = {
    "EUR": Money(foreign="base.USD"),
    "RUB": Money(sales=80, pay=30, foreign="base.CNY", rate=0.085, abroad=0.085),
}


@dataclass(frozen=True)
class Place:
    """Where a new company of a language is: country, address, symbol of its currency,
    tax in percent.
    """

    country: str
    street: str
    city: str
    zip: str
    phone: str
    email: str
    symbol: str
    tax: float


PLACES = {
    "ru_RU": Place(
        country="base.ru",
        street="ул. Складочная, д. 18",
        city="Москва",
        zip="127018",
        phone="+7 495 555-01-00",
        email="office@nordwind.example",
        symbol="₽",
        tax=22,
    ),
}


def spoken(env):
    """Return the code of the demo's language: the administrator's, or English."""
    code = env.ref("base.user_admin").lang or ENGLISH
    return code if code in dictionaries() else ENGLISH


@functools.cache
def dictionaries():
    """Return the languages that have a dictionary."""
    return {path.stem for path in Path(file_path(FOLDER)).glob("*_*.csv")}


@functools.cache
def dictionary(code):
    """Return the texts of a language by the English text.

    :rtype: dict[str, str]
    """
    if code == ENGLISH:
        return {}
    with file_open(f"{FOLDER}/{code}.csv") as source:
        return {row["english"]: row["text"] for row in csv.DictReader(source)}


def say(env, text):
    """Return a text of the demo in its language."""
    return dictionary(spoken(env)).get(text, text)


def say_row(env, row):
    """Return a row of a table in the demo's language; codes stay as they are."""
    words = dictionary(spoken(env))
    return {column: words.get(cell, cell) for column, cell in row.items()}


def money(env):
    """Return how amounts become amounts of the company's currency."""
    return MONEY.get(env.company.currency_id.name, Money())


def price(env, amount):
    """Return a price or an amount of sales in the company's currency."""
    return float(amount) * money(env).sales


def wage(env, amount):
    """Return an amount of pay in the company's currency."""
    return float(amount) * money(env).pay

"""Terminology checks: one term per thing, and the words that must not be used for it.

The findings of a tree are printed by::

    python -m tests.unit.terms [en|ru|docs|code] [path, e.g. models/close]
"""

import ast
import io
import re
import sys
import tokenize
from pathlib import Path

import polib

from tools.setup.places import ADDONS, CLONE

FILES = [str(addon / "i18n" / "ru.po") for addon in ADDONS]

#: English words not used on screens, in docs and in comments: pattern, better word.
ENGLISH = [
    (r"soft pay", "goal pay"),
    (r"pay[- ]statements?", "statement, or compensation statement"),
    (r"signed heads?", "signed checkpoint"),
    (r"papers?", "invoice, credit note, document"),
    (r"the books", "accounting"),
    (
        r"outside (rating|payroll|bookkeeping)s?",
        "external rating, external payroll provider",
    ),
    (r"givers?|receivers?", "outgoing manager, incoming manager"),
    (r"average checks?", "average sale value"),
    (r"key clients?", "key account"),
    (r"wallet share", "share of wallet"),
    (r"month closes?", "month-end close"),
    (r"taken back|takes? back|taking back", "clawback, withdraw, undo"),
    (r"left out|leaves? out|leaving out", "exclude, excluded"),
    (r"hand(s|ed|ing)? in", "submit"),
    (r"working days?", "workday"),
    (r"pay slips?|paper slips?", "payslip"),
    (r"bonus advances?|advance owed", "draw, draw balance"),
    (r"stand(s|ing)? in for|stand-ins?", "cover, acting deputy"),
    (r"let(s|ting)? through", "override the gate"),
    (r"battle cards?", "battlecard"),
    (r"he|him|his|himself|she|her|hers|herself", "they, the role"),
    (r"heirs?", "inheriting model"),
    (r"keyholes?", "what can be read by it"),
    (r"told aside|behind (its|the|their|his) backs?", "outside the program, unnoticed"),
    (r"by (its|their) own hand|out of (its|their) hands", "say what happens"),
    (r"leaves the house|of the house|in the house", "the company, the system"),
    (r"stands? or falls?|stand(s|ing)? still|stood still", "is atomic, is locked"),
    (r"ask yours|one of yours", "name the role that can do it"),
    (r"whomsoever|whosoever", "the role"),
    (r"may not", "can't"),
    (r"canceled|cancelation", "cancelled"),
    (r"e-mails?", "email"),
    (r"licence|colour|favour|behaviour|organis\w+|recognis\w+", "US spelling"),
]

#: English words not used on screens only, as they have another meaning elsewhere.
SCREENS = [
    (
        r"(?<!there )(?<!where )(?<!if )is no (?!longer|more|less|low|later|earlier|other|high|wider)\w+",
        "isn't a …",
    ),
    (r"digests?", "hash"),
    (r"seals?|sealed|unseal\w*", "lock, integrity hash, locked revision"),
    (r"knowledge", "account notes"),
    (r"what if", "what-if"),
    (r"nothing was changed", "nothing: every refusal rolls back"),
]

#: Russian words that are not used: pattern of stems, better word.
RUSSIAN = [
    (r"аккаунт\w*|кей-?аккаунт\w*", "ключевой клиент, учётная запись"),
    (r"супервайзер\w*|начальник\w*", "руководитель"),
    (r"офицер\w*|кадровик\w*", "расчётчик, отдел кадров"),
    (r"ментор\w*|менти", "наставник, подопечный"),
    (r"продав(ец|ц)\w*", "менеджер по продажам"),
    (r"хозя(ин|ев|йск)\w*|владел(ец|ьц)\w*(?! бизнеса)", "менеджер клиента"),
    (r"чемпион\w*|привратник\w*|спонсор\w*", "сторонник, контролирует доступ, куратор"),
    (r"логин\w*", "учётная запись"),
    (r"тир(а|ы|ов|у|ом)?", "категория клиента, ступень ставки"),
    (r"выдвин\w+|выдвиж\w+|номинир\w+", "предложить в ключевые, кандидатура"),
    (r"чек-?лист\w*", "контрольный список"),
    (r"реферал\w*", "рекомендация, кто рекомендовал"),
    (r"вип[- ]лид\w*|VIP лид\w*", "VIP-лид"),
    (r"митинг\w*", "переговоры"),
    (r"баттлкарт\w*", "памятка по конкуренту"),
    (r"дол[яюией]+ побед|сумм\w+ побед", "доля выигранных сделок"),
    (r"котировк\w*", "коммерческое предложение"),
    (r"подар(ок|к)\w*", "односторонняя уступка"),
    (r"каденц\w*|периодичност\w*", "частота контактов"),
    (
        r"(?<!индекс )(?<!индекса )(?<!индексу )(?<!индексом )(?<!индексе )здоровь\w*",
        "индекс здоровья",
    ),
    (r"самочувств\w*|слагаем\w*", "индекс здоровья, показатель индекса"),
    (r"утвержд\w*|утверд\w*", "одобрить, одобрено"),
    (r"дайджест\w*|хеш\w*|хэш\w*", "отпечаток (SHA-256)"),
    (r"пломб\w*|опломбир\w*", "контрольная печать"),
    (r"след аудита|журнал\w* контроля", "журнал аудита"),
    (r"забра\w+ назад|взя\w+ назад|взять назад", "отозвать, сторно"),
    (r"таргет\w*|фикс(а|ом|у)?|микс\w*", "целевое значение, твёрдый оклад, структура"),
    (r"квот\w*", "план продаж"),
    (r"план\w* оплаты", "схема вознаграждения"),
    (r"аванс\w* бонуса|возврат\w* аванса", "аванс в счёт бонуса, погашение аванса"),
    (
        r"высвобожд\w*|удержан(о|ное|ного|ная|ную|ные|ных)",
        "отложено, выплата отложенного",
    ),
    (
        r"дн(и|ей|ях) занятости|покрыт\w+ д(ень|ня|ни|ней)",
        "дни в штате, день, подтверждённый отчётом",
    ),
    (r"диспут\w*|претензи\w*", "возражение"),
    (r"дисперси\w*", "отклонение"),
    (r"дебиторк\w*", "дебиторская задолженность"),
    (r"урегулир\w*|улад\w*", "требует решения; погашено"),
    (r"корректировк\w*", "исправление"),
    (r"что, если", "«что если»"),
    (
        r"незаблокир\w*|разблокир\w*|заблокирова\w+ месяц",
        "закрыть месяц, открыть заново",
    ),
    (
        r"расчётн(ый|ого|ому|ым|ом|ые|ых) лист(?!к|ок)\w*",
        "расчёт вознаграждения; расчётный листок",
    ),
    (r"невключ\w*", "исключён из месяца"),
]

#: English terms with the Russian term that a translation must contain.
PAIRS = [
    (r"key accounts?", r"ключев|клиент"),
    (r"supervisors?", r"руководител"),
    (r"payroll officers?", r"расчётчик"),
    (r"deput(y|ies)", r"замест|замещ"),
    (r"mentors?|mentorships?", r"наставни"),
    (r"handovers?", r"переда"),
    (r"qualifications?", r"оцен"),
    (r"commitments?", r"обязательств"),
    (r"competitors?", r"конкурент"),
    (r"battlecards?", r"памятк"),
    (r"concessions?", r"уступ"),
    (r"stakeholders?", r"контакт|ЛПР"),
    (r"payslips?", r"листок|листк"),
    (
        r"(?<!financial )(?<!reconciliation )(?<!row or )statements?(?! level)",
        r"расчёт|выписк",
    ),
    (r"quotas?", r"план\w* продаж|план"),
    (r"draws?(?! and floor)", r"аванс"),
    (r"clawbacks?", r"сторн"),
    (r"held pay", r"отложен"),
    (r"pay plans?", r"схем"),
    (r"pay agreements?", r"соглашени"),
    (r"seasons?", r"сезон"),
    (r"audit trail", r"журнал"),
    (r"signed checkpoints?", r"контрольн\w+ точ"),
    (r"credit notes?", r"кредит-нот"),
    (r"goal pay", r"мягк"),
    (r"fixed pay(?! floor)", r"твёрд"),
    (r"target earnings", r"целев\w+ доход"),
    (r"referrals?", r"рекоменд"),
    (r"discount approvals?", r"скид"),
    (r"time off", r"отпуск|отсутств"),
    (r"receivables?", r"дебиторск|задолженн"),
    (r"share of wallet", r"кошел"),
    (r"health scores?", r"индекс"),
    (r"contact cadence", r"частот|контакт"),
    (r"pay mix", r"структур"),
    (r"disputes?", r"возражени|оспор|оспар"),
    (r"variances?", r"отклонени"),
    (r"month-end close", r"закрыт|месяц"),
]


def compiled(pairs):
    return [
        (re.compile(rf"(?<![\w/._-])(?:{pattern})(?![\w/_])", re.IGNORECASE), better)
        for pattern, better in pairs
    ]


ENGLISH_ALL = compiled(ENGLISH)
ENGLISH_SCREENS = compiled(ENGLISH + SCREENS)
RUSSIAN_ALL = compiled(RUSSIAN)
TERMS = [
    (re.compile(rf"\b(?:{a})\b", re.IGNORECASE), re.compile(b, re.IGNORECASE), b)
    for a, b in PAIRS
]
CODE = re.compile(r"```.*?```|``.*?``|`[^`]*`", re.DOTALL)
#: Names of Odoo's own models, exported with the models this addon extends.
FOREIGN = re.compile(r"model:ir\.model,name:nka_key_accounts\w*\.model_(?!nka_)")
HOLDERS = re.compile(r"%\(\w+\)s|\{\w+\}|<[^>]*>|[\w/.-]+\.(?:py|md|xml|csv|js)\b")


def words(text, forbidden):
    """Yield ``(word, better)`` for every forbidden word of a text, except in backticks."""
    text = " ".join(HOLDERS.sub(" ", CODE.sub(" ", text)).split())
    for pattern, better in forbidden:
        for found in pattern.finditer(text):
            yield found[0], better


def strings():
    """Return the translation entries of everything on screens."""
    return [
        entry
        for file in FILES
        for entry in polib.pofile(file)
        if not entry.obsolete
        and not entry.msgid.startswith("object.")
        and not all(FOREIGN.match(place) for place, _line in entry.occurrences)
    ]


#: English pages outside docs.
OTHER_PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "benchmarks/README.md",
)


def pages(language):
    """Return ``(path, text)`` of the documentation pages in a language."""
    folder = CLONE / "docs" / ("ru" if language == "ru" else "")
    found = sorted(folder.glob("*.md"))
    if language != "ru":
        found += [CLONE / name for name in OTHER_PAGES]
    return [(path, path.read_text()) for path in found]


def remarks(path):
    """Yield ``(line, text)`` of docstrings and comments; adjacent comments are one."""
    source = path.read_text()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield getattr(node, "lineno", 1), text
    run, first, last = [], 0, -1
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        if token.start[0] != last + 1 and run:
            yield first, " ".join(run)
            run = []
        first = first if run else token.start[0]
        last = token.start[0]
        run.append(token.string.lstrip("#: "))
    if run:
        yield first, " ".join(run)


def sources():
    """Yield the Python files to check, without this module, which lists the words."""
    names = [addon.name for addon in ADDONS]
    for folder in (*names, "tests", "tools", "benchmarks"):
        for path in sorted((CLONE / folder).rglob("*.py")):
            if path != Path(__file__):
                yield path


#: Refusals after which a user may fear a partial result.
MAY_FEAR = "models/control/database_errors.py"
#: A unit follows a number and is no label.
UNITS = {"negotiations", "переговоров", "steps", "шагов"}


def found_in_strings():
    for entry in strings():
        if MAY_FEAR in _places(entry):
            continue
        for word, better in words(entry.msgid, ENGLISH_SCREENS):
            yield f"{word!r} → {better}: {entry.msgid[:160]!r} {_places(entry)}"


def found_in_russian():
    for entry in strings():
        for word, better in words(entry.msgstr, RUSSIAN_ALL):
            yield f"«{word}» → {better}: {entry.msgstr[:160]!r} {entry.msgid[:60]!r}"


def found_in_pairs():
    for entry in strings():
        for term, russian, wanted in TERMS:
            english = HOLDERS.sub(" ", entry.msgid)
            if term.search(english) and not russian.search(entry.msgstr):
                yield f"{wanted}: {entry.msgid[:120]!r} = {entry.msgstr[:120]!r}"


def found_in_alike():
    """Yield strings of a language that differ only in case or a final dot."""
    for language in ("msgid", "msgstr"):
        seen = {}
        for entry in strings():
            text = getattr(entry, language)
            if text in UNITS:
                continue
            other = seen.setdefault(text.casefold().rstrip("."), text)
            if other != text:
                yield f"{other!r} and {text!r}"


def found_in_pages():
    for language, forbidden in (("en", ENGLISH_ALL), ("ru", RUSSIAN_ALL)):
        for path, text in pages(language):
            for word, better in words(text, forbidden):
                yield f"{path.relative_to(CLONE)}: {word!r} → {better}"


def found_in_sources(below=""):
    for path in sources():
        if below not in str(path):
            continue
        for line, text in remarks(path):
            for word, better in words(text, ENGLISH_ALL):
                yield f"{path.relative_to(CLONE)}:{line}: {word!r} → {better}"


def _places(entry):
    return " ".join(sorted({place for place, _line in entry.occurrences}))[:160]


ALL = {
    "en": found_in_strings,
    "ru": found_in_russian,
    "pairs": found_in_pairs,
    "alike": found_in_alike,
    "docs": found_in_pages,
    "code": found_in_sources,
}

if __name__ == "__main__":
    asked = sys.argv[1:2] or list(ALL)
    for name in asked:
        rows = list(ALL[name](*sys.argv[2:]))
        print(f"== {name}: {len(rows)}", *rows, sep="\n")

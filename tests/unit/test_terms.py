"""Screens, docs and comments use the terms of the glossary only."""

import pytest

from . import terms


def test_english_strings():
    assert list(terms.found_in_strings()) == []


def test_russian_strings():
    assert list(terms.found_in_russian()) == []


def test_term_has_one_translation():
    assert list(terms.found_in_pairs()) == []


def test_no_strings_differ_only_in_case_or_a_final_dot():
    assert list(terms.found_in_alike()) == []


def test_pages():
    assert list(terms.found_in_pages()) == []


def test_comments_and_docstrings():
    assert list(terms.found_in_sources()) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("The soft pay of a month", "soft pay"),
        ("He approves it", "He"),
        ("Two papers are missing", "papers"),
        ("The manager of `soft pay` approves it", None),
        ("They approve %(giver)s", None),
    ],
)
def test_forbidden_words_are_found(text, word):
    found = [found for found, _better in terms.words(text, terms.ENGLISH_ALL)]
    assert found == ([word] if word else [])


def test_missing_term_is_found():
    [pair] = [pair for pair in terms.TERMS if pair[0].search("quota")]
    assert pair[1].search("план продаж")
    assert not pair[1].search("квота")

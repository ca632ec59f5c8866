"""Check digits of identity documents and cards."""

import re

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_TAIWAN_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"  # A is 10, B is 11, and so on


def check_digit(first_seventeen: str) -> str:
    """Check digit of a resident identity number (GB 11643, ISO 7064 MOD 11-2).

    >>> check_digit("11010519491231002")
    'X'
    """
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first_seventeen, strict=True))
    return CHECK_DIGITS[total % 11]


def credit_check_character(first_seventeen: str) -> str:
    """Check character of a unified social credit code (GB 32100, MOD 31-3).

    >>> credit_check_character("91350100M000100Y4")
    '3'
    """
    total = sum(pow(3, at, 31) * _CREDIT_ALPHABET.index(character) for at, character in enumerate(first_seventeen))
    return _CREDIT_ALPHABET[-total % 31]


def is_card_number(text: str) -> bool:
    """Whether `text` is a payment card's number by its length and check digit (ISO/IEC 7812, Luhn).

    >>> is_card_number("4111111111111111"), is_card_number("4111111111111112")
    (True, False)
    """
    if not re.fullmatch(r"\d{13,19}", text, re.ASCII):
        return False
    doubled = [2 * int(digit) for digit in text[-2::-2]]
    return (sum(int(digit) for digit in text[-1::-2]) + sum(two // 10 + two % 10 for two in doubled)) % 10 == 0


def passport_check_digit(text: str) -> str:
    """Check digit of machine-readable travel documents (ICAO 9303), which permanent residence cards carried too.

    >>> passport_check_digit("L898902C3"), passport_check_digit("740812")
    ('6', '2')
    """
    return str(sum(int(character, 36) * (7, 3, 1)[at % 3] for at, character in enumerate(text)) % 10)


def is_hong_kong_card(text: str) -> bool:
    """Whether a Hong Kong identity card number, without brackets, holds by its check digit.

    >>> is_hong_kong_card("A1234563"), is_hong_kong_card("A1234564"), is_hong_kong_card("AB9876543")
    (True, False, True)
    """
    digits = [36 if character == " " else int(character, 36) for character in text.rjust(9)]
    return sum(digit * weight for digit, weight in zip(digits, range(9, 0, -1), strict=True)) % 11 == 0


def is_taiwan_card(text: str) -> bool:
    """Whether a Taiwan identity card number holds by its check digit.

    >>> is_taiwan_card("A123456789"), is_taiwan_card("A123456788")
    (True, False)
    """
    place = _TAIWAN_LETTERS.index(text[0]) + 10
    digits = [place // 10, place % 10, *(int(digit) for digit in text[1:])]
    return (
        sum(digit * weight for digit, weight in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0
    )

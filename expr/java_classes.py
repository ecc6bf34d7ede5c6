"""Character classes of Java's regular expressions, as sets of the `regex` package.

A class is kept as the inside of a set, without its brackets, so that it can stand in a larger one.
"""

from __future__ import annotations

from functools import cache

ASCII = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": r"\x00-\x7f",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": r"!-\/:-@\[-`\{-\~",
    "Graph": r"!-\~",
    "Print": r"\x20-\~",
    "Blank": r"\x20\t",
    "Cntrl": r"\x00-\x1f\x7f",
    "XDigit": "0-9a-fA-F",
    "Space": r"\x20\t\n\x0b\f\r",
}
"""POSIX names: ASCII only."""
UNICODE = {
    "Lower": r"\p{Lowercase}",
    "Upper": r"\p{Uppercase}",
    "Alpha": r"\p{Alphabetic}",
    "Digit": r"\p{Nd}",
    "Alnum": r"\p{Alphabetic}\p{Nd}",
    "Punct": r"\p{P}",
    "Graph": r"[^\p{White_Space}\p{Cc}\p{Cs}\p{Cn}]",
    "Print": r"[^\p{Zl}\p{Zp}\p{Cc}\p{Cs}\p{Cn}]",
    "Blank": r"\p{Zs}\t",
    "Cntrl": r"\p{Cc}",
    "XDigit": r"\p{Nd}\p{Hex_Digit}",
    "Space": r"\p{White_Space}",
}
"""The same names with the flag U."""
SHORT = {
    "d": "0-9",
    "w": "a-zA-Z_0-9",
    "s": r"\x20\t\n\x0b\f\r",
    "h": r"\x20\t\xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000",
    "v": r"\n\x0b\f\r\x85\u2028\u2029",
}
SHORT_UNICODE = {
    **SHORT,
    "d": r"\p{Nd}",
    "w": r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}",
    "s": r"\p{White_Space}",
}
_JAVA = {
    "javaLowerCase": r"\p{Lowercase}",
    "javaUpperCase": r"\p{Uppercase}",
    "javaTitleCase": r"\p{Lt}",
    "javaAlphabetic": r"\p{Alphabetic}",
    "javaDigit": r"\p{Nd}",
    "javaLetter": r"\p{L}",
    "javaLetterOrDigit": r"\p{L}\p{Nd}",
    "javaDefined": r"\P{Cn}",
    "javaIdeographic": r"\p{Ideographic}",
    "javaISOControl": r"\x00-\x1f\x7f-\x9f",
    "javaSpaceChar": r"\p{Z}",
    "javaWhitespace": r"\t-\r\x1c-\x20\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000",
    "javaJavaIdentifierStart": r"\p{L}\p{Nl}\p{Sc}\p{Pc}",
    "javaJavaIdentifierPart": r"\p{L}\p{Nl}\p{Sc}\p{Pc}\p{Nd}\p{Mn}\p{Mc}\x00-\x08\x0e-\x1b\x7f-\x9f\p{Cf}",
}
_BINARY = {
    "alphabetic": r"\p{Alphabetic}",
    "ideographic": r"\p{Ideographic}",
    "letter": r"\p{L}",
    "lowercase": r"\p{Lowercase}",
    "uppercase": r"\p{Uppercase}",
    "titlecase": r"\p{Lt}",
    "punctuation": r"\p{P}",
    "control": r"\p{Cc}",
    "white_space": r"\p{White_Space}",
    "whitespace": r"\p{White_Space}",
    "digit": r"\p{Nd}",
    "hex_digit": r"\p{Hex_Digit}",
    "hexdigit": r"\p{Hex_Digit}",
    "join_control": r"\p{Join_Control}",
    "joincontrol": r"\p{Join_Control}",
    "noncharacter_code_point": r"\p{Noncharacter_Code_Point}",
    "noncharactercodepoint": r"\p{Noncharacter_Code_Point}",
    "assigned": r"\P{Cn}",
    "emoji": r"\p{Emoji}",
}
_CATEGORIES = frozenset(
    "Lu Ll Lt Lm Lo L Mn Me Mc M Nd Nl No N Zs Zl Zp Z Cc Cf Co Cs Cn C Pd Ps Pe Pc Po P Sm Sc Sk So S Pi Pf".split(" ")  # noqa: SIM905
)
_CASED = r"\p{Lu}\p{Ll}\p{Lt}"


def named(name: str, *, unicode: bool, ignore_case: bool) -> str | None:
    """The set of a named property, or None when there is no such property."""
    if ignore_case and name in ("Lower", "Upper"):
        return _CASED if unicode else "a-zA-Z"
    if ignore_case and name in ("Lu", "Ll", "Lt", "IsLu", "IsLl", "IsLt", "javaLowerCase", "javaUpperCase"):
        return _CASED
    if name in ASCII:
        return (UNICODE if unicode else ASCII).get(name, ASCII[name])
    if name in _JAVA:
        return _JAVA[name]
    return _simple(name)


@cache
def _simple(name: str) -> str | None:
    key, equals, value = name.partition("=")
    if equals:
        kinds = {"sc": "Script", "script": "Script", "blk": "Block", "block": "Block", "gc": "", "general_category": ""}
        kind = kinds.get(key.lower())
        if kind is None:
            return None
        return _category(value) if kind == "" else _known(f"\\p{{{kind}={value}}}", value)
    if name.startswith("Is"):
        rest = name[2:]
        return _BINARY.get(rest.lower()) or _category(rest) or _known(f"\\p{{Script={rest}}}", rest)
    if name.startswith("In"):
        return _known(f"\\p{{Block={name[2:]}}}", name[2:])
    return _category(name)


def _category(name: str) -> str | None:
    special = {"LC": _CASED, "LD": r"\p{L}\p{Nd}", "L1": r"\x00-\xff", "all": r"\x00-\U0010ffff"}
    return f"\\p{{{name}}}" if name in _CATEGORIES else special.get(name)


def _known(source: str, name: str) -> str | None:
    import regex

    if not name.replace("_", "").replace("-", "").replace(" ", "").isalnum():
        return None
    try:
        regex.compile(source)
    except regex.error:
        return None
    return source


def other_case(first: int, last: int) -> list[tuple[int, int]]:
    """The ASCII letters that differ only in case from those of a range."""
    found = []
    for low, high, shift in ((0x41, 0x5A, 32), (0x61, 0x7A, -32)):
        start, stop = max(first, low), min(last, high)
        if start <= stop:
            found.append((start + shift, stop + shift))
    return found


def member(code: int) -> str:
    """A character as it stands inside a set."""
    char = chr(code)
    if char.isascii() and char.isalnum():
        return char
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def span(first: int, last: int, *, ignore_case: bool) -> str:
    """A range of characters inside a set."""
    ranges = [(first, last), *(other_case(first, last) if ignore_case else ())]
    return "".join(member(a) if a == b else f"{member(a)}-{member(b)}" for a, b in ranges)

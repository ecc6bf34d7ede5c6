"""The second half of the translator of patterns: what follows a backslash, and the inside of `[...]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expr import java_classes as classes

if TYPE_CHECKING:
    from expr.java_pattern import _Translator

_CONTROLS = {"t": 9, "n": 10, "r": 13, "f": 12, "a": 7, "e": 27}
_ANCHORS = {
    "A": r"\A",
    "b": r"\b",
    "B": r"\B",
    "z": r"\Z",
    "Z": r"(?=\r\n\Z|(?<!\r)\n\Z|[\r\x85\u2028\u2029]\Z|\Z)",
}


def outside(t: _Translator, start: int) -> str:
    """An escape that is not in a class; the backslash is read."""
    char = t.text[t.pos : t.pos + 1]
    if not char:
        raise t.error("a backslash at the end of the pattern", start)
    if char in _ANCHORS and not t.text.startswith("b{g}", t.pos):
        t.pos += 1
        t.not_literal()
        return _ANCHORS[char]
    if char in "GX" or t.text.startswith("b{g}", t.pos):
        t.pos += 4 if char == "b" else 1
        t.special()
        return {"G": r"\G", "X": r"\X"}.get(char) or r"(?:\A|\Z|(?<=\X)(?=\X))"
    if char == "R":
        t.pos += 1
        t.special()
        return r"(?:\r\n|[\n\x0b\f\r\x85\u2028\u2029])"
    if char in "123456789":
        return _back_reference(t)
    if char == "k":
        return _named_reference(t, start)
    found = set_escape(t, start)
    if found is not None:
        t.not_literal()
        if "\\p" in found or "\\P" in found or found.count("[") > 1:
            t.special()
        return found if found.startswith("[") else f"[{found}]"
    return t.literal(character(t, start))


def _back_reference(t: _Translator) -> str:
    t.special()
    number = int(t.text[t.pos])
    t.pos += 1
    while (digit := t.text[t.pos : t.pos + 1]).isdecimal() and digit.isascii() and number * 10 + int(digit) <= t.groups:
        number = number * 10 + int(digit)
        t.pos += 1
    return _reference(t, number)


def _named_reference(t: _Translator, start: int) -> str:
    t.special()
    end = t.text.find(">", t.pos)
    if t.text[t.pos + 1 : t.pos + 2] != "<" or end < 0:
        raise t.error("\\k is not followed by '<' for a named capturing group", start)
    name = t.text[t.pos + 2 : end]
    if name not in t.names:
        raise t.error(f"named capturing group <{name}> does not exist", start)
    t.pos = end + 1
    return _reference(t, t.names[name])


def _reference(t: _Translator, number: int) -> str:
    # A group that is not there, or is not closed yet, never matches.
    if number not in t.closed:
        return "(?!)"
    return f"(?i:\\{number})" if t.flags.ignore_case else f"(?:\\{number})"


def set_escape(t: _Translator, start: int) -> str | None:
    """The inside of a set for an escape that is a class, or None when it is another one."""
    char = t.text[t.pos]
    short = classes.SHORT_UNICODE if t.flags.unicode else classes.SHORT
    if char.lower() in short:
        t.pos += 1
        inside = short[char.lower()]
        return inside if char.islower() else f"[^{inside}]"
    if char not in "pP":
        return None
    t.pos += 1
    name = _property_name(t, start)
    found = classes.named(name, unicode=t.flags.unicode, ignore_case=t.flags.ignore_case)
    if found is None:
        raise t.error(f"unknown character property name {{{name}}}", start)
    return found if char == "p" else f"[^{found}]"


def _property_name(t: _Translator, start: int) -> str:
    if t.text[t.pos : t.pos + 1] != "{":
        t.pos += 1
        return t.text[t.pos - 1 : t.pos]
    end = t.text.find("}", t.pos)
    if end < 0:
        raise t.error("unclosed character family", start)
    name = t.text[t.pos + 1 : end]
    t.pos = end + 1
    return name


def character(t: _Translator, start: int) -> int:
    """The character that an escape stands for; the backslash is read."""
    char = t.text[t.pos : t.pos + 1]
    if not char:
        raise t.error("a backslash at the end of the pattern", start)
    t.pos += 1
    if char in _CONTROLS:
        return _CONTROLS[char]
    if char in "xu0cN":
        return {"x": _hex, "u": _unicode, "0": _octal, "c": _control, "N": _named}[char](t, start)
    if char.isascii() and char.isalpha():
        raise t.error(f"illegal escape sequence \\{char}", start)
    return ord(char)


def _digits(t: _Translator, count: int, start: int) -> int:
    digits = t.text[t.pos : t.pos + count]
    t.pos += count
    try:
        if len(digits) == count and digits.isalnum():
            return int(digits, 16)
    except ValueError:
        pass
    raise t.error("illegal hexadecimal escape sequence", start)


def _hex(t: _Translator, start: int) -> int:
    if t.text[t.pos : t.pos + 1] != "{":
        return _digits(t, 2, start)
    end = t.text.find("}", t.pos)
    digits = t.text[t.pos + 1 : max(end, 0)]
    try:
        code = int(digits, 16)
    except ValueError:
        code = -1
    if not 0 <= code <= 0x10FFFF:
        raise t.error("illegal hexadecimal escape sequence", start)
    t.pos = end + 1
    return code


def _unicode(t: _Translator, start: int) -> int:
    code = _digits(t, 4, start)
    if 0xD800 <= code < 0xDC00 and t.text.startswith("\\u", t.pos):
        mark = t.pos
        t.pos += 2
        low = _digits(t, 4, start)
        if 0xDC00 <= low < 0xE000:
            return 0x10000 + ((code - 0xD800) << 10) + low - 0xDC00
        t.pos = mark
    return code


def _octal(t: _Translator, start: int) -> int:
    end = t.pos
    while end < t.pos + 3 and t.text[end : end + 1] in tuple("01234567"):
        end += 1
    if end == t.pos + 3 and t.text[t.pos] > "3":
        end -= 1
    if end == t.pos:
        raise t.error("illegal octal escape sequence", start)
    digits, t.pos = t.text[t.pos : end], end
    return int(digits, 8)


def _control(t: _Translator, start: int) -> int:
    if t.pos >= len(t.text):
        raise t.error("illegal control escape sequence", start)
    t.pos += 1
    return ord(t.text[t.pos - 1]) ^ 64


def _named(t: _Translator, start: int) -> int:
    import unicodedata

    end = t.text.find("}", t.pos)
    try:
        if t.text[t.pos : t.pos + 1] != "{":
            raise KeyError
        code = ord(unicodedata.lookup(t.text[t.pos + 1 : end]))
    except KeyError:
        raise t.error("unknown character name", start) from None
    t.pos = end + 1
    return code


def char_class(t: _Translator, start: int, depth: int = 0) -> str:
    """A class as a set; its bracket is read. `&&` binds loosest, and `^` negates all of it."""
    if depth > 20:
        raise t.error("classes nested too deeply", start)
    negated = t.text[t.pos : t.pos + 1] == "^"
    t.pos += negated
    operands: list[str] = []
    inside: list[str] = []
    first = True
    while True:
        char = t.peek()
        if not char:
            raise t.error("unclosed character class", start)
        if char == "]" and not (first and not operands):
            t.pos += 1
            break
        if t.text.startswith("&&", t.pos):
            t.pos += 2
            operands, inside = [*operands, "".join(inside)], []
            continue
        inside.append(_class_item(t, start, depth, char))
        first = False
    parts = [part for part in (*operands, "".join(inside)) if part]
    if not parts:
        raise t.error("bad class syntax", start)
    body = parts[0] if len(parts) == 1 else "&&".join(f"[{part}]" for part in parts)
    return f"[{'^' if negated else ''}{body}]"


def _class_item(t: _Translator, start: int, depth: int, char: str) -> str:
    if char == "[":
        t.pos += 1
        return char_class(t, start, depth + 1)
    if char == "\\":
        t.pos += 1
        if t.pos >= len(t.text):
            raise t.error("unclosed character class", start)
        found = set_escape(t, t.pos - 1)
        if found is not None:
            return found
    first = _class_character(t, char)
    if t.text[t.pos : t.pos + 1] == "-" and t.text[t.pos + 1 : t.pos + 2] not in ("]", "[", ""):
        mark = t.pos
        t.pos += 1
        last = _range_end(t, mark)
        if last < first:
            raise t.error("illegal character range", mark)
        return _range(t, first, last)
    return _range(t, first, first)


def _range_end(t: _Translator, mark: int) -> int:
    char = t.peek()
    if char == "\\":
        t.pos += 1
        if t.text[t.pos : t.pos + 1] in tuple("dDwWsShHvVpP"):
            raise t.error("illegal character range", mark)
    return _class_character(t, char)


def _class_character(t: _Translator, char: str) -> int:
    if not char:
        raise t.error("unclosed character class", t.pos)
    if char == "\\":
        return character(t, t.pos - 1)
    t.pos += 1
    return ord(char)


def _range(t: _Translator, first: int, last: int) -> str:
    if t.flags.ignore_case and t.flags.unicode_case:
        t.special()
        chars = range(first, min(last, first + 0x300) + 1)
        others = {ord(o) for c in chars for o in (chr(c).lower(), chr(c).upper()) if len(o) == 1}
        return classes.span(first, last, ignore_case=False) + "".join(map(classes.member, sorted(others)))
    return classes.span(first, last, ignore_case=t.flags.ignore_case)

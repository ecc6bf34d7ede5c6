"""The languages themselves, as Lark grammars, shipped as data."""

"""Exponents that theory predicts, read from a model's metadata and written as formulas."""

import re
from fractions import Fraction
from numbers import Rational, Real

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?|\.\d+)|(d|min)\b|([-+*/(),]))")
_MAX_DEPTH = 50


def parse_exponent(exponent, d: int = 1) -> Fraction:
    """Return the exact value of an exponent such as ``2/(4+d)`` in dimension d.

    A text is parsed by a small grammar: numbers, the letter d, + - * /, parentheses and ``min(a, b)``. It is
    never evaluated as code, so a configuration file cannot run any.

    Parameters
    ----------
    exponent : str, int, float or Fraction
        A float becomes the closest fraction with a denominator up to 10 000 (0.4 is 2/5).
    d : int, default=1
        Dimension.

    Returns
    -------
    Fraction

    Raises
    ------
    ValueError
        For anything else, a division by zero, or d < 1.

    Examples
    --------
    >>> parse_exponent("2/(4+d)", d=1), parse_exponent("1/2"), parse_exponent(0.375)
    (Fraction(2, 5), Fraction(1, 2), Fraction(3, 8))
    >>> parse_exponent("min(d, 2)/(4+d)", d=1), parse_exponent("min(d, 2)/(4+d)", d=4)
    (Fraction(1, 5), Fraction(1, 4))
    """
    if not isinstance(d, Rational) or d < 1:
        raise ValueError(f"parse_exponent: d must be a whole number >= 1, got {d!r}.")
    if isinstance(exponent, Rational) and not isinstance(exponent, bool):
        return Fraction(exponent)
    if isinstance(exponent, Real) and not isinstance(exponent, bool):
        if exponent != exponent or exponent in (float("inf"), float("-inf")):
            raise ValueError(f"parse_exponent: the exponent must be finite, got {exponent!r}.")
        return Fraction(float(exponent)).limit_denominator(10_000)
    if not isinstance(exponent, str) or len(exponent) > 200:
        raise ValueError(f"parse_exponent: need a number or a text such as '2/(4+d)', got {exponent!r}.")
    try:
        return _Parser(_tokenize(exponent), Fraction(d)).parse()
    except ZeroDivisionError:
        raise ValueError(f"parse_exponent: {exponent!r} divides by zero at d = {d}.") from None
    except _SyntaxError as error:
        raise ValueError(
            f"parse_exponent: cannot read {exponent!r} ({error}); "
            "allowed are numbers, d, + - * /, parentheses and min(a, b)."
        ) from None


def format_rate(exponent: Fraction) -> str:
    """Return the rate n^(-exponent) as text for the comparison table.

    Parameters
    ----------
    exponent : Fraction

    Returns
    -------
    str
        "plateau" for exponent 0.

    Examples
    --------
    >>> format_rate(Fraction(2, 5)), format_rate(Fraction(1)), format_rate(Fraction(0))
    ('n^(-2/5)', 'n^(-1)', 'plateau')
    """
    if exponent == 0:
        return "plateau"
    return f"n^({-Fraction(exponent)})"


def theory_of(entry, d: int = 1) -> tuple[Fraction | None, str]:
    """Return exponent and formula of one entry under `theory` in a model's metadata.

    Parameters
    ----------
    entry : None, str, number or mapping
        An exponent; None where theory predicts none. A mapping has the exponent under `rate` and, where the
        rate is not exactly n^(-rate), its text under `formula`.
    d : int, default=1
        Dimension.

    Returns
    -------
    exponent : Fraction or None
    formula : str
        Empty where theory predicts no rate.

    Raises
    ------
    ValueError
        For other keys in a mapping, or as :func:`parse_exponent`.

    Examples
    --------
    >>> theory_of("1/(2+d)", d=2)
    (Fraction(1, 4), 'n^(-1/4)')
    >>> theory_of({"rate": "1/2", "formula": "(log log n / n)^(1/2)"})
    (Fraction(1, 2), '(log log n / n)^(1/2)')
    >>> theory_of(None)
    (None, '')
    """
    formula = None
    if hasattr(entry, "keys"):
        unknown = sorted(set(entry.keys()) - {"rate", "formula"})
        if unknown:
            raise ValueError(f"theory_of: unknown keys {unknown}; a mapping has 'rate' and 'formula'.")
        entry, formula = entry.get("rate"), entry.get("formula")
    if entry is None:
        return None, formula or ""
    exponent = parse_exponent(entry, d)
    return exponent, formula or format_rate(exponent)


class _SyntaxError(Exception):
    """The text of an exponent does not follow the grammar."""


def _tokenize(text: str) -> list[str]:
    """Return the numbers, names and signs of a text."""
    tokens, position, text = [], 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            raise _SyntaxError(f"at {text[position:]!r}")
        tokens.append(match.group().strip())
        position = match.end()
    return tokens


class _Parser:
    """Recursive-descent parser: sum = product {+- product}, product = factor {*/ factor}."""

    def __init__(self, tokens: list[str], d: Fraction):
        self.tokens, self.d, self.position, self.depth = tokens, d, 0, 0

    def parse(self) -> Fraction:
        """Return the value of the whole text."""
        value = self.sum()
        if self.position < len(self.tokens):
            raise _SyntaxError(f"unexpected {self.tokens[self.position]!r}")
        return value

    def next(self, *accepted: str) -> str | None:
        """Consume and return the next token if it is one of `accepted` (any without arguments), else None."""
        if self.position < len(self.tokens) and (not accepted or self.tokens[self.position] in accepted):
            self.position += 1
            return self.tokens[self.position - 1]
        return None

    def sum(self) -> Fraction:
        """Return the value of products joined by + and -."""
        value = self.product()
        while sign := self.next("+", "-"):
            term = self.product()
            value = value + term if sign == "+" else value - term
        return value

    def product(self) -> Fraction:
        """Return the value of factors joined by * and /."""
        value = self.factor()
        while sign := self.next("*", "/"):
            term = self.factor()
            value = value * term if sign == "*" else value / term
        return value

    def factor(self) -> Fraction:
        """Return the value of a number, d, min(...), a parenthesis or a signed factor."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise _SyntaxError("nested too deeply")
        token = self.next()
        if token is None:
            raise _SyntaxError("it ends too early")
        if token in "+-":
            value = self.factor() if token == "+" else -self.factor()
        elif token == "(":
            value = self.sum()
            if not self.next(")"):
                raise _SyntaxError("a parenthesis stays open")
        elif token == "d":
            value = self.d
        elif token == "min":
            value = self.minimum()
        elif token in "*/),":
            raise _SyntaxError(f"unexpected {token!r}")
        else:
            value = Fraction(token)
        self.depth -= 1
        return value

    def minimum(self) -> Fraction:
        """Return the value of the arguments of min."""
        if not self.next("("):
            raise _SyntaxError("min needs its parentheses")
        value = self.sum()
        while self.next(","):
            value = min(value, self.sum())
        if not self.next(")"):
            raise _SyntaxError("a parenthesis stays open")
        return value

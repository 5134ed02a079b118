"""The exponents that theory promises, read from a model's card and written as formulas."""

import re
from fractions import Fraction
from numbers import Rational, Real

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?|\.\d+)|(d|min)\b|([-+*/(),]))")
_DEEPEST = 50


def parse_exponent(exponent, d: int = 1) -> Fraction:
    """The exact value of an exponent such as ``2/(4+d)`` in dimension d.

    The text is read by a small grammar (numbers, the letter d, + - * /, parentheses and ``min(a, b)``) and
    never evaluated as code, so that a configuration from somebody else is only ever a number.

    Parameters
    ----------
    exponent : str, int, float or Fraction
        A float is taken for the simplest fraction near it (0.4 is 2/5).
    d : int, default=1
        Dimension.

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
        return _Reader(_tokens(exponent), Fraction(d)).read()
    except ZeroDivisionError:
        raise ValueError(f"parse_exponent: {exponent!r} divides by zero at d = {d}.") from None
    except _SyntaxError as error:
        raise ValueError(
            f"parse_exponent: cannot read {exponent!r} ({error}); "
            "allowed are numbers, d, + - * /, parentheses and min(a, b)."
        ) from None


def format_rate(exponent: Fraction) -> str:
    """The rate n^(-exponent) as the text of the comparison table.

    >>> format_rate(Fraction(2, 5)), format_rate(Fraction(1)), format_rate(Fraction(0))
    ('n^(-2/5)', 'n^(-1)', 'plateau')
    """
    if exponent == 0:
        return "plateau"
    return f"n^({-Fraction(exponent)})"


def theory_of(entry, d: int = 1) -> tuple[Fraction | None, str]:
    """Exponent and formula of one entry under `theory` of a model's metadata.

    Parameters
    ----------
    entry : None, str, number or mapping
        None: theory says nothing. A mapping has `rate` and, where n^(-rate) does not say it, `formula`.
    d : int, default=1
        Dimension.

    Returns
    -------
    exponent : Fraction or None
    formula : str
        Empty where theory says nothing.

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
    pass


def _tokens(text: str) -> list[str]:
    tokens, position, text = [], 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            raise _SyntaxError(f"at {text[position:]!r}")
        tokens.append(match.group().strip())
        position = match.end()
    return tokens


class _Reader:
    """Recursive descent: sum = product {+- product}, product = factor {*/ factor}."""

    def __init__(self, tokens: list[str], d: Fraction):
        self.tokens, self.d, self.at, self.depth = tokens, d, 0, 0

    def read(self) -> Fraction:
        value = self.sum()
        if self.at < len(self.tokens):
            raise _SyntaxError(f"unexpected {self.tokens[self.at]!r}")
        return value

    def next(self, *wanted: str) -> str | None:
        if self.at < len(self.tokens) and (not wanted or self.tokens[self.at] in wanted):
            self.at += 1
            return self.tokens[self.at - 1]
        return None

    def sum(self) -> Fraction:
        value = self.product()
        while sign := self.next("+", "-"):
            term = self.product()
            value = value + term if sign == "+" else value - term
        return value

    def product(self) -> Fraction:
        value = self.factor()
        while sign := self.next("*", "/"):
            term = self.factor()
            value = value * term if sign == "*" else value / term
        return value

    def factor(self) -> Fraction:
        self.depth += 1
        if self.depth > _DEEPEST:
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
            value = self.least()
        elif token in "*/),":
            raise _SyntaxError(f"unexpected {token!r}")
        else:
            value = Fraction(token)
        self.depth -= 1
        return value

    def least(self) -> Fraction:
        if not self.next("("):
            raise _SyntaxError("min needs its parentheses")
        value = self.sum()
        while self.next(","):
            value = min(value, self.sum())
        if not self.next(")"):
            raise _SyntaxError("a parenthesis stays open")
        return value

"""The commands of one's own table: fit, score, sample, compare."""

import argparse
import sys
from pathlib import Path

from genrates.errors import ConfigError

_FIT = """\
Fit every model that suits a table of numbers, rank them by the log-likelihood of rows they have not
seen, and write into DIR:

  report.html         one page with all of it; opens offline
  ranking.csv         rank, model, log_likelihood (nats a row), se, no_worse, fit_seconds, status, reason
  samples.csv         new rows, with the table's columns, types and rounding
  scores.csv          line, log_density, anomaly, odd_columns: which rows are odd, and in what
  learning_curve.csv  would more data help?
  *.png               the pictures
  model.*             the best model, for `genrates score` and `genrates sample`

Delimiter, decimal sign, encoding, names and index columns are found, and shown. Text, index columns and
rows with holes are left out, and counted."""
_EXAMPLES = """\
examples:
  genrates fit mine.csv
  genrates fit mine.csv --columns height,weight --out fitted
  genrates fit mine.csv --bounds wait=0: --bounds share=0:1 --time-limit 120
  genrates fit mine.csv --strict        # refuse a table with text, an index or holes"""


def add_commands(commands) -> None:
    """Add the four commands to a parser.

    Parameters
    ----------
    commands : object
        What `ArgumentParser.add_subparsers` returns.
    """
    raw = argparse.RawDescriptionHelpFormatter
    fit = commands.add_parser(
        "fit",
        help="find the density of a CSV file of your own",
        description=_FIT,
        epilog=_EXAMPLES,
        formatter_class=raw,
    )
    fit.add_argument("csv", metavar="CSV", help="the table")
    fit.add_argument("--out", metavar="DIR", help="where to (default: CSV's name with .genrates, beside it)")
    fit.add_argument("--columns", metavar="A,B", help="columns to use (default: all of numbers and dates)")
    fit.add_argument(
        "--bounds",
        action="append",
        default=[],
        metavar="NAME=LOW:HIGH",
        help="bounds of a column, one side may be empty",
    )
    fit.add_argument("--models", metavar="A,B", help="models to try (default: all)")
    fit.add_argument(
        "--quantile", type=float, default=0.01, help="share of rows called anomalies (default: 0.01)"
    )
    fit.add_argument("--time-limit", type=float, default=600.0, metavar="S", help="seconds (default: 600)")
    fit.add_argument("--strict", action="store_true", help="refuse the table if anything would be left out")
    fit.add_argument("--delimiter", help='between two cells, a character or "tab" (default: found)')
    fit.add_argument("--decimal", help='"." or "," (default: found)')
    fit.set_defaults(run=_fit)

    score = commands.add_parser("score", help="log-densities and anomalies of new rows, by a fitted model")
    score.add_argument("model", metavar="MODEL", help="the folder that `genrates fit` wrote")
    score.add_argument("csv", metavar="CSV", help="new rows, with the same columns")
    score.add_argument("--out", metavar="FILE", help="default: CSV's name with .scores.csv, beside it")
    score.set_defaults(run=_score)

    sample = commands.add_parser("sample", help="new rows, drawn from a fitted model")
    sample.add_argument("model", metavar="MODEL", help="the folder that `genrates fit` wrote")
    sample.add_argument("--n", type=int, default=1000, help="how many (default: 1000)")
    sample.add_argument("--seed", type=int, help="the same seed, the same rows (default: others each time)")
    sample.add_argument("--out", metavar="FILE", help="default: standard output")
    sample.set_defaults(run=_sample)

    compare = commands.add_parser(
        "compare", help="do two tables follow the same law, and where do they differ?"
    )
    compare.add_argument("a", metavar="A.csv")
    compare.add_argument("b", metavar="B.csv")
    compare.set_defaults(run=_compare)


def _fit(given: argparse.Namespace) -> None:
    from genrates.own.fit import fit_table

    path = Path(given.csv)
    folder = Path(given.out) if given.out else path.with_suffix(".genrates")
    fit = fit_table(
        path,
        folder,
        columns=_listed(given.columns),
        bounds=dict(_bounds(text) for text in given.bounds) or None,
        models=_listed(given.models),
        strict=given.strict,
        delimiter=given.delimiter,
        decimal=given.decimal,
        quantile=given.quantile,
        time_limit=given.time_limit,
    )
    shown = fit.ranking.drop(columns="reason").head(8)
    print("\n" + shown.to_string(index=False, float_format=lambda v: f"{v:.4g}", na_rep="") + "\n")
    print("\n".join(fit.found))
    print(f"Look at: {folder / 'report.html'}")


def _score(given: argparse.Namespace) -> None:
    from genrates.own.saved import read_model, read_rows
    from genrates.own.scoring import score_table

    model = read_model(given.model)
    values, lines = read_rows(model, given.csv)
    scored = score_table(model, values, lines)
    out = Path(given.out) if given.out else Path(given.csv).with_suffix(".scores.csv")
    _written(lambda: scored.to_csv(out, index=False), out)
    holes = int(scored.log_density.isna().sum())
    without = f", {holes} with a hole have no score" if holes else ""
    print(
        f"{len(scored)} rows, {int(scored.anomaly.sum())} below the density of the lowest "
        f"{model.quantile:.2g} of the table that was fitted{without}: {out}"
    )


def _sample(given: argparse.Namespace) -> None:
    from genrates.own.fit import write_samples
    from genrates.own.saved import read_model

    if given.seed is not None and given.seed < 0:
        raise ConfigError(f"--seed must be a whole number >= 0, got {given.seed}.")
    model, out = read_model(given.model), given.out or sys.stdout
    _written(lambda: write_samples(model, given.n, given.seed, out), out)


def _compare(given: argparse.Namespace) -> None:
    from genrates.own.comparing import compare
    from genrates.own.table import read_table

    found = compare(read_table(given.a), read_table(given.b))
    print(found.columns.to_string(index=False, float_format=lambda v: f"{v:.4g}"))
    if found.only_in_one:
        print(f"Not compared, since only one table has them: {', '.join(found.only_in_one)}.")
    print(found.said())


def _written(write, out) -> None:
    try:
        write()
    except OSError as error:
        raise ConfigError(f"{str(out)!r} cannot be written: {error.strerror or error}.") from None


def _listed(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def _bounds(text: str) -> tuple[str, tuple[float | None, float | None]]:
    name, _, ends = text.rpartition("=")
    low, colon, high = ends.partition(":")
    try:
        if not (name and colon):
            raise ValueError
        found = tuple(float(end) if end.strip() else None for end in (low, high))
        if None not in found and not found[0] < found[1]:
            raise ValueError
    except ValueError:
        raise ConfigError(
            f"--bounds must be NAME=LOW:HIGH, such as wait=0: or share=0:1, got {text!r}."
        ) from None
    return name, found

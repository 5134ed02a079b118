"""The subcommands for a table of one's own: fit, score, sample, compare."""

import argparse
import sys
from pathlib import Path

from genrates.errors import ConfigError

_FIT = """examples:
  genrates fit heights.csv                     heights.genrates/: report.html, ranking.csv, samples.csv, ...
  genrates fit heights.csv --columns height weight --out /tmp/heights
  genrates fit heights.csv --strict            refuse what would be left out: text, row numbers, holes
"""


def add_commands(commands) -> None:
    """Add the subcommands to the parser of `genrates`.

    Parameters
    ----------
    commands : argparse subparsers
    """
    fit = commands.add_parser(
        "fit",
        help="learn your own table (CSV): the best density model, draws, anomaly scores",
        description="Try every density model that fits a table, and keep the best: ranked by held-out "
        "log-likelihood, with draws, scores, pictures and one page about it all.",
        epilog=_FIT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    fit.add_argument("table", type=Path, help="a CSV file; how it is written is found out")
    fit.add_argument("--out", type=Path, help="the folder to make (default: NAME.genrates beside the table)")
    fit.add_argument("--columns", nargs="+", metavar="NAME", help="columns to use (default: all of numbers)")
    fit.add_argument("--quantile", type=float, default=0.01, help="share of rows to flag (default: 0.01)")
    fit.add_argument("--minutes", type=float, default=10.0, help="for trying models (default: 10)")
    fit.add_argument("--seed", type=int, default=0, help="of all random choices (default: 0)")
    fit.set_defaults(run=_fit)
    score = commands.add_parser("score", help="log-densities and anomaly flags of a table's rows, as CSV")
    score.add_argument("model", type=Path, help="a folder that `genrates fit` made")
    score.add_argument("table", type=Path, help="a CSV file with the same columns")
    score.add_argument(
        "--quantile", type=float, default=0.01, help="share of known rows to flag (default: 0.01)"
    )
    score.add_argument("--out", type=Path, help="the file to write (default: standard output)")
    score.set_defaults(run=_score)
    sample = commands.add_parser("sample", help="new rows of a learned table, as CSV")
    sample.add_argument("model", type=Path, help="a folder that `genrates fit` made")
    sample.add_argument("--n", type=int, default=1000, help="how many (default: 1000)")
    sample.add_argument("--seed", type=int, default=0, help="of the draws (default: 0)")
    sample.add_argument("--out", type=Path, help="the file to write (default: standard output)")
    sample.set_defaults(run=_sample)
    compare = commands.add_parser(
        "compare", help="do two tables have the same law, and where do they differ?"
    )
    compare.add_argument("a", type=Path, help="a CSV file")
    compare.add_argument("b", type=Path, help="a CSV file with columns of the same names")
    compare.set_defaults(run=_compare)
    for command in (fit, score, compare):
        command.add_argument("--strict", action="store_true", help="refuse instead of leaving out")


def _fit(given: argparse.Namespace) -> None:
    from genrates.own.fit import fit_table

    out = given.out or given.table.with_suffix(".genrates")
    ranked = fit_table(
        given.table,
        out,
        columns=given.columns,
        strict=given.strict,
        quantile=given.quantile,
        minutes=given.minutes,
        seed=given.seed,
    )
    ranked["rank"] = ranked["rank"].astype(object).fillna("")
    shown = ranked.drop(columns="reason").to_string(index=False, na_rep="", float_format="{:.3f}".format)
    print(shown)
    print(f"Report:  {out / 'report.html'}\nScores:  {out / 'scores.csv'}\nSamples: {out / 'samples.csv'}")


def _score(given: argparse.Namespace) -> None:
    from genrates.own.model_folder import LearnedTable
    from genrates.own.scores import score_table

    if not 0 < given.quantile < 1:
        raise ConfigError(f"--quantile must lie between 0 and 1, got {given.quantile:g}.")
    learned = LearnedTable.load(given.model)
    table = learned.rows_of(given.table, strict=given.strict)
    scores, _ = score_table(learned.model, table.values, learned.reference, learned.names, given.quantile)
    scores.insert(0, "line", table.lines)
    scores.to_csv(given.out or sys.stdout, index=False)
    print(*(f"  left out: {what}" for what in table.left_out), sep="\n", end="", file=sys.stderr)


def _sample(given: argparse.Namespace) -> None:
    from genrates.own.fit import write_rows
    from genrates.own.model_folder import LearnedTable

    if given.n < 1:
        raise ConfigError(f"--n must be an integer >= 1, got {given.n}.")
    learned = LearnedTable.load(given.model)
    write_rows(learned, learned.draw(given.n, given.seed), given.out)


def _compare(given: argparse.Namespace) -> None:
    from genrates.own.compare import compare_tables

    p_value, columns, remarks = compare_tables(given.a, given.b, strict=given.strict)
    print(*remarks, sep="\n", file=sys.stderr)
    print(columns.to_string(index=False, float_format="{:.4g}".format))
    verdict = "the laws differ" if p_value < 0.05 else "no difference seen"
    print(f"{verdict}: p = {p_value:.3f} (energy distance, 999 permutations)")

"""The command `genrates`: show the tables, open the dashboard, fit a table of one's own."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from genrates import __version__
from genrates.errors import ConfigError
from genrates.own.commands import add_commands


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the subcommands.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words of the command line; default: those of this process.
    """
    given = _parser().parse_args(arguments)
    try:
        given.run(given)
    except ConfigError as error:
        sys.exit(f"genrates {given.command}: {error}")
    except KeyboardInterrupt:
        print(f"genrates {given.command}: interrupted.", file=sys.stderr, flush=True)
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="genrates", description="How many samples does it take to generate a cat?"
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    show = commands.add_parser("show", help="print the comparison tables of a results folder")
    show.set_defaults(run=_show)
    ui = commands.add_parser(
        "ui", help="open MLflow's dashboard, on this machine alone unless told otherwise"
    )
    ui.add_argument("--host", help="address to listen on (default: conf/tracking, 127.0.0.1)")
    ui.add_argument("--port", type=int, help="port to listen on (default: conf/tracking, 5000)")
    ui.set_defaults(run=_ui)
    for command in (show, ui):
        command.add_argument("--results", default="results", help="the folder (default: results)")
    add_commands(commands)
    return parser


def _show(given: argparse.Namespace) -> None:
    from genrates.reporting.terminal import print_tables

    print_tables(Path(given.results))


def _ui(given: argparse.Namespace) -> None:
    from genrates.tracking.dashboard import serve
    from genrates.workflow.checks import read_pipeline
    from genrates.workflow.config import ConfigTree

    default = read_pipeline(ConfigTree(), {}).tracking
    port = default.port if given.port is None else given.port
    serve(given.results, given.host or default.host, port)


if __name__ == "__main__":
    main()

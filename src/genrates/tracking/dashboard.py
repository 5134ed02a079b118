"""MLflow's dashboard on a results folder."""

import os
import socket
import sys
from pathlib import Path

from genrates.errors import ConfigError
from genrates.tracking.store import open_store, tracking_uri
from genrates.workflow.quoting import file_address


def serve(results: str | Path, host: str, port: int) -> None:
    """Replace this process by MLflow's server.

    Parameters
    ----------
    results : str or Path
        The folder of results.
    host : str
        Address to listen on; 127.0.0.1 is this machine alone.
    port : int
        Port to listen on.

    Raises
    ------
    ConfigError
        If there is no database, or the address is taken.
    """
    folder = Path(results)
    if not (folder / "mlflow.db").exists():
        raise ConfigError(f"no database in {folder}; `make run` makes one.")
    _refuse_taken(host, port)
    address = f"http://{host}:{port}"
    print(f"MLflow's dashboard: {address}  (Ctrl-C ends it)", flush=True)
    for name, link in links(folder).items():
        print(f"  {name:24} {address}/{link}", flush=True)
    command = [
        sys.executable,
        "-m",
        "mlflow",
        "server",
        "--workers",
        "1",
        "--host",
        host,
        "--port",
        str(port),
    ]
    command += ["--backend-store-uri", tracking_uri(folder)]
    command += ["--serve-artifacts", "--artifacts-destination", file_address(folder / "mlartifacts")]
    os.execve(sys.executable, command, os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"})


def links(results: Path) -> dict[str, str]:
    """Return where each experiment's runs are shown, in the training view.

    Parameters
    ----------
    results : Path
        The folder of results.

    Returns
    -------
    dict of str
        The part of the address behind the slash, by the experiment's name.
    """
    client = open_store(results)
    return {
        e.name: f"#/experiments/{e.experiment_id}/runs?workflowType=machine_learning&compareRunsMode=CHART"
        for e in client.search_experiments()
        if e.name.startswith("genrates/")
    }


def _refuse_taken(host: str, port: int) -> None:
    if not 0 < port < 65536:
        raise ConfigError(f"port must be a number from 1 to 65535, got {port}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigError(
                f"cannot listen on {host}:{port} ({error.strerror}); try make ui PORT=5001."
            ) from None

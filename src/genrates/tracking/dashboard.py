"""Open MLflow's dashboard on a results folder, on this machine alone unless told otherwise.

python -m genrates.tracking.dashboard
python -m genrates.tracking.dashboard results=elsewhere host=0.0.0.0 port=5001
"""

import os
import socket
import sys
from pathlib import Path

from genrates.tracking import store as tracking
from genrates.workflow.checks import pipeline


def main(words: list[str]) -> None:
    if {"-h", "--help"} & set(words):
        print(__doc__)
        return
    default = pipeline({})
    settings = {"results": default.results, "host": default.tracking.host, "port": str(default.tracking.port)}
    for word in words:
        key, _, value = word.partition("=")
        if key not in settings or not value:
            sys.exit(f"genrates ui: cannot read {word!r}; allowed: results=FOLDER host=ADDRESS port=NUMBER.")
        settings[key] = value
    results = Path(settings["results"])
    if not (results / "mlflow.db").exists():
        sys.exit(f"genrates ui: no database in {results}; `make run` makes one.")
    _refuse_taken(settings["host"], settings["port"])
    environment = os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    address = f"http://{settings['host']}:{settings['port']}"
    print(f"MLflow's dashboard: {address}  (Ctrl-C ends it)", flush=True)
    for name, link in links(results).items():
        print(f"  {name:24} {address}/{link}", flush=True)
    command = [sys.executable, "-m", "mlflow", "server", "--workers", "1"]
    command += ["--host", settings["host"], "--port", settings["port"]]
    command += ["--backend-store-uri", tracking.tracking_uri(results)]
    command += ["--serve-artifacts", "--artifacts-destination", str((results / "mlartifacts").resolve())]
    os.execve(sys.executable, command, environment)


def links(results: Path) -> dict[str, str]:
    """Experiment -> the part of its address behind the slash: its runs, in the training view."""
    client = tracking.open_store(results)
    return {
        e.name: f"#/experiments/{e.experiment_id}/runs?workflowType=machine_learning&compareRunsMode=CHART"
        for e in client.search_experiments()
        if e.name.startswith("genrates/")
    }


def _refuse_taken(host: str, port: str) -> None:
    if not port.isdigit() or not 0 < int(port) < 65536:
        sys.exit(f"genrates ui: port must be a number from 1 to 65535, got {port!r}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            sys.exit(
                f"genrates ui: cannot listen on {host}:{port} ({error.strerror}); try make ui PORT=5001."
            )


if __name__ == "__main__":
    main(sys.argv[1:])

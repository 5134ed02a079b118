"""A real SLURM of one node on this machine: its daemons are started, stopped, and asked what they run.

It needs root, and apt where SLURM is not installed. There is no accounting, as on many small clusters.
"""

import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

PACKAGES = ("slurmctld", "slurmd", "slurm-client", "munge")
#: where the commands of SLURM look
CONFIG = Path("/etc/slurm/slurm.conf")
OURS = "# written by genrates' make test-cluster"
PATIENCE = 60  # seconds for a daemon
#: with what only root needs
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"

#: The node says that it has this much, whatever the machine has: tests need little of what jobs ask for.
CONFIG_TEXT = """{ours}
ClusterName=genrates
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmctldPort=16817
SlurmdPort=16818
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
MpiDefault=none
ReturnToService=2
KillWait=5
SchedulerParameters=sched_interval=1,sched_min_interval=0
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=32000 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


class CannotRun(Exception):
    """SLURM cannot run here; the message says why."""


def install() -> None:
    """Install SLURM's packages, unless they are there.

    Raises
    ------
    CannotRun
        Without root, without apt, or where apt does not reach its packages.
    """
    if os.geteuid() != 0:
        raise CannotRun("setting up a SLURM needs root.")
    if CONFIG.exists() and not CONFIG.read_text().startswith(OURS):
        raise CannotRun(f"this machine has a SLURM of its own: {CONFIG}. It is left alone.")
    if all(shutil.which(name, path=PATH) for name in ("slurmctld", "slurmd", "squeue", "munged")):
        return
    if not shutil.which("apt-get"):
        raise CannotRun(f"SLURM is not installed, and there is no apt-get for {' '.join(PACKAGES)}.")
    # Without its services being started: the daemons here are our own.
    apt = ["apt-get", "-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=30"]
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    try:
        for words in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *PACKAGES]):
            done = subprocess.run([*apt, *words], env=quiet, capture_output=True, text=True, timeout=600)
    except subprocess.TimeoutExpired:
        raise CannotRun("apt-get did not end within 10 minutes.") from None
    if done.returncode != 0:
        raise CannotRun(f"apt-get could not install {' '.join(PACKAGES)}: {done.stderr.strip()[-500:]}")


class Node:
    """The controller, the node's daemon, and munge, which signs what they say to each other.

    Parameters
    ----------
    folder : Path
        For their state, logs and sockets.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._forgotten: set[str] = set()

    def start(self) -> None:
        """Start everything, and wait until the node is idle."""
        if CONFIG.exists():  # a test that was killed has left it, and its daemons
            Node(Path(re.search(r"^StateSaveLocation=(.*)/state$", CONFIG.read_text(), re.M)[1])).stop()
        self.folder.chmod(0o755)
        for name in ("state", "spool"):
            (self.folder / name).mkdir(exist_ok=True)
        CONFIG.parent.mkdir(parents=True, exist_ok=True)
        host = socket.gethostname().split(".")[0]
        CONFIG.write_text(CONFIG_TEXT.format(ours=OURS, host=host, folder=self.folder))
        self._start_munge()
        self.start_controller()
        self._run("slurmd", "-c")
        self._wait_for(lambda: "idle" in self.ask("sinfo", "--noheader", "--format=%T"), "an idle node")

    def stop(self) -> None:
        """End all daemons, by their process ids, and remove the config."""
        with contextlib.suppress(subprocess.SubprocessError):
            self.ask("scancel", "--user=root", "--signal=KILL")
        for name in ("slurmd", "slurmctld", "munged"):
            self._end(name)
        if CONFIG.exists() and CONFIG.read_text().startswith(OURS):
            CONFIG.unlink()

    def start_controller(self) -> None:
        """Start the controller with the state that it has left, and wait until it answers."""
        self._run("slurmctld")
        self._wait_for(lambda: "UP" in self.ask("scontrol", "ping"), "a controller that answers")

    def stop_controller(self) -> None:
        """End the controller; its jobs run on."""
        self._end("slurmctld")

    def clear(self) -> None:
        """End all jobs, and forget them."""
        self.ask("scancel", "--user=root")
        self._wait_for(lambda: not self.jobs("running,pending,completing"), "the end of all jobs")
        self._forgotten = set(self.jobs())

    def jobs(self, state: str = "all") -> list[str]:
        """Ids of the jobs in a state, without those that :meth:`clear` has ended."""
        found = self.ask("squeue", "--noheader", "--format=%i", f"--states={state}").split()
        return [job for job in found if job not in self._forgotten]

    def limits(self) -> list[tuple[int, int, int]]:
        """CPUs, MB and minutes that each job asked for."""
        found = []
        for job in self.jobs():
            words = dict(
                word.split("=", 1)
                for word in self.ask("scontrol", "--oneliner", "show", "job", job).split()
                if "=" in word
            )
            clock = [int(part) for part in words["TimeLimit"].replace("-", ":").split(":")]
            days, hours, minutes, _ = [0] * (4 - len(clock)) + clock
            memory = words["MinMemoryNode"]
            assert memory.endswith("M"), memory
            found.append((int(words["NumCPUs"]), int(memory[:-1]), 1440 * days + 60 * hours + minutes))
        return found

    @staticmethod
    def ask(*words: str) -> str:
        """What a command of SLURM prints; nothing if it fails."""
        return subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE).stdout

    def _start_munge(self) -> None:
        key, signer = self.folder / "key", self.folder / "munge"
        key.mkdir(mode=0o700)
        signer.mkdir(mode=0o755)
        file = key / "munge.key"
        file.touch(mode=0o600)
        file.write_bytes(secrets.token_bytes(1024))
        self._run(
            "munged",
            "--force",
            f"--key-file={file}",
            f"--socket={self.folder}/munge.socket",
            f"--pid-file={self.folder}/munged.pid",
            f"--log-file={signer}/munged.log",
            f"--seed-file={signer}/munged.seed",
        )

    def _run(self, *words: str) -> None:
        done = subprocess.run(
            words, env=os.environ | {"PATH": PATH}, capture_output=True, text=True, timeout=PATIENCE
        )
        if done.returncode != 0:
            raise CannotRun(f"{words[0]} does not start: {done.stderr.strip()[-500:]}")

    def _end(self, name: str) -> None:
        file = self.folder / f"{name}.pid"
        if not file.exists():
            return
        pid = int(file.read_text())
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
            self._wait_for(lambda: not Path(f"/proc/{pid}").exists(), f"the end of {name}")

    @staticmethod
    def _wait_for(condition, what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise CannotRun(f"waited {PATIENCE} seconds in vain for {what}.")
            time.sleep(0.1)

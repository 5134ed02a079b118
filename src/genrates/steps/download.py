"""Fetch the files of a data set that lie elsewhere, each checked by its sha256.

python -m genrates.steps.download data=mnist                      from the internet
python -m genrates.steps.download data=mnist mirror=/media/disk   from a folder that holds them
"""

import logging
from pathlib import Path

import hydra
from omegaconf import DictConfig, OmegaConf

from genrates.data.download import fetch, provenance
from genrates.errors import ConfigError
from genrates.files import write_json
from genrates.steps import CONF
from genrates.workflow.log import step_log


@hydra.main(version_base="1.3", config_path=CONF, config_name="cell")
def main(cfg: DictConfig) -> None:
    """Write data/NAME/ with its manifest.json.

    Parameters
    ----------
    cfg : DictConfig
        conf/cell.yaml with a person's overrides.

    Raises
    ------
    ConfigError
        If a file can be had neither from a mirror nor from its address, or is another one.
    """
    with step_log("download"):
        folder, had = Path(cfg.downloads), {}
        files = OmegaConf.to_container(cfg.data, resolve=True)["metadata"].get("files") or {}
        if files:
            try:
                had = provenance(files, fetch(files, folder, mirror=cfg.mirror))
            except (OSError, ValueError) as error:
                raise ConfigError(f"data={folder.name}: {error}") from None
        logging.info("%s: %d files", folder.name, len(files))
        # beside what was asked for, what came: a config may allow several hashes, or the first rows alone
        write_json(folder / "manifest.json", {"data": folder.name, "files": files, "had": had})


if __name__ == "__main__":
    main()

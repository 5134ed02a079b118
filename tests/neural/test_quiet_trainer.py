"""The house's way with Lightning's Trainer."""

import os
import signal
import subprocess
import sys
import textwrap


def test_a_training_that_is_terminated_is_no_success():
    code = """
        import os, signal
        import numpy as np
        from pytorch_lightning.callbacks import Callback
        from genrates.neural import Autoencoder

        class Kill(Callback):
            def on_train_batch_end(self, *_):
                os.kill(os.getpid(), signal.SIGTERM)

        X = np.random.default_rng(0).integers(0, 2, (100, 4))
        Autoencoder(latent=2, random_state=0, trainer={"max_epochs": 3, "callbacks": [Kill()]}).fit(X)
        print("went on")
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 128 + signal.SIGTERM
    assert "went on" not in done.stdout

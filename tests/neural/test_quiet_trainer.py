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


def test_a_job_trains_the_same_without_torchs_compiler():
    code = """
        import sys
        import numpy as np
        from genrates.lean_start import import_lightning
        if len(sys.argv) > 1:
            import_lightning()
        from genrates.neural import Autoencoder, NeuralCDF

        X = np.random.default_rng(0).integers(0, 2, (100, 4)).astype(float)
        auto = Autoencoder(latent=2, random_state=0, trainer={"max_epochs": 2}).fit(X)
        cdf = NeuralCDF(random_state=0, trainer={"max_steps": 3}).fit(X[:, :1] + X.sum(axis=1, keepdims=True))
        print(auto.weights_[0].tobytes().hex(), cdf.weights_[0].tobytes().hex())
        print(type(sys.modules["torch._dynamo"]).__name__)
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    said = [
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code), *words],
            capture_output=True, text=True, env=environment, check=True,
        ).stdout.splitlines()
        for words in ([], ["without"])
    ]  # fmt: skip
    assert said[0][-2] == said[1][-2]
    assert (said[0][-1], said[1][-1]) == ("module", "_StandIn")

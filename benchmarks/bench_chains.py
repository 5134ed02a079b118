"""Speed of denoising chains, against bare matrix products and single chains; of fits, against PyTorch.

Arithmetic bounds the gain of batching. A single row through the matrices is limited by memory, since the
weights are read once for it; a batch is limited by multiplications. The row "bare products, one row at a
time" is this bound: single steps of a chain that cost nothing but the products.

python benchmarks/bench_chains.py
"""

import time

import numpy as np

CHAINS = 1000
#: features and hidden units: the network of conf/ on the 8 x 8 digits and on MNIST, and that of the paper
NETWORKS = ((64, 400), (784, 400), (784, 2000))


def _row(what, n, d, ours_s, peer, peer_s, ratio, demand) -> dict:
    """Return a row. `demand` is the largest ratio allowed to the peer's time; None is for information."""
    return {
        "what": what, "n": n, "d": d, "ours_s": ours_s, "peer": peer, "peer_s": peer_s,
        "ratio": ratio, "demand": demand, "ok": None if demand is None else ratio <= demand,
    }  # fmt: skip


def _seconds(run, repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - start) / repeats


def _model(d: int, hidden: int):
    from genrates.neural import DenoisingAutoencoder

    X = (np.random.default_rng(0).random((200, d)) < 0.2).astype(float)
    return DenoisingAutoencoder(hidden=(hidden,), random_state=0, trainer={"max_steps": 1}).fit(X)


def _plain_step(model):
    """Return the step of one chain in plain NumPy: float64, one row."""
    (W, V), (b, c) = ([a.astype(np.float64) for a in part] for part in (model.weights_, model.biases_))
    rng, state = np.random.default_rng(0), [np.zeros(len(W))]

    def step():
        u = rng.random(len(W))
        noisy = np.where(u < model.noise, u < model.noise / 2, state[0])
        probability = 1 / (1 + np.exp(-(np.maximum(noisy @ W + b, 0) @ V + c)))
        state[0] = (rng.random(len(W)) < probability).astype(float)

    return step


def _torch_step(model):
    """Return the step of one chain in plain PyTorch."""
    import torch

    (W, V), (b, c) = (
        [torch.from_numpy(np.asarray(a)) for a in part] for part in (model.weights_, model.biases_)
    )
    state = [torch.zeros(1, len(W))]

    @torch.inference_mode()
    def step():
        u = torch.rand(state[0].shape)
        noisy = torch.where(u >= model.noise, state[0], (u < model.noise / 2).float())
        state[0] = torch.bernoulli(torch.sigmoid(torch.relu(noisy @ W + b) @ V + c))

    return step


def _chain_rows(d: int, hidden: int, rounds: int) -> list[dict]:
    model = _model(d, hidden)
    together = model._chain(CHAINS, "data", np.random.default_rng(1))
    alone = model._chain(1, "data", np.random.default_rng(1))
    plain, in_torch, (W, V) = _plain_step(model), _torch_step(model), model.weights_
    rows = together.corruption(together.rows)
    h, out = np.empty((CHAINS, hidden), np.float32), np.empty((CHAINS, d), np.float32)

    def products():
        np.matmul(rows, W, out=h)
        np.matmul(h, V, out=out)

    def one_product():
        np.matmul(rows[:1], W, out=h[:1])
        np.matmul(h[:1], V, out=out[:1])

    peers = {  # name: (call, repeats, calls to move all chains, demand)
        "its bare matrix products": (products, 4, 1, 2.0),
        "one at a time, same code": (alone.step, 50, CHAINS, 1 / 50),
        "one at a time, plain numpy": (plain, 50, CHAINS, None),
        "one at a time, PyTorch": (in_torch, 50, CHAINS, None),
        "bare products, one row at a time": (one_product, 50, CHAINS, None),
    }
    taken = np.array(
        [  # in turn: a busy machine slows them all
            [_seconds(together.step, 4), *(k * _seconds(run, times) for run, times, k, _ in peers.values())]
            for _ in range(rounds + 1)
        ]
    )[1:]
    step, *others = np.median(taken, axis=0)
    ratios = np.median(taken[:, :1] / taken[:, 1:], axis=0)
    what = f"step of 1000 chains, {d}-{hidden}-{d}"
    return [
        _row(what, CHAINS, d, step, peer, seconds, float(ratio), demand)
        for (peer, (*_, demand)), seconds, ratio in zip(peers.items(), others, ratios, strict=True)
    ]


def _by_hand(X: np.ndarray, hidden: int, epochs: int, *, fused: bool, noise=0.4, batch=100) -> None:
    """Train the model in a plain PyTorch loop: torch's layers, Adam, shuffled minibatches."""
    import torch
    from torch import nn

    rows = torch.from_numpy(X.astype(np.float32))
    network = nn.Sequential(nn.Linear(X.shape[1], hidden), nn.ReLU(), nn.Linear(hidden, X.shape[1]))
    adam = torch.optim.Adam(network.parameters(), lr=1e-3, fused=fused)
    for _ in range(epochs):
        for index in torch.randperm(len(rows)).split(batch):
            x = rows[index]
            u = torch.rand(x.shape)
            noisy = torch.where(u >= noise, x, (u < noise / 2).float())
            loss = nn.functional.binary_cross_entropy_with_logits(network(noisy), x, reduction="sum") / len(x)
            adam.zero_grad()
            loss.backward()
            adam.step()


def _fit_rows(n: int, hidden: int, rounds: int) -> list[dict]:
    from genrates.neural import DenoisingAutoencoder

    X = (np.random.default_rng(0).random((n, 784)) < 0.2).astype(float)
    epochs = 4
    # Without held-out rows, ours and the peers train on the same rows.
    model = DenoisingAutoencoder(
        hidden=(hidden,), validation_fraction=0.0, random_state=0, trainer={"max_epochs": epochs}
    )
    runs = (
        lambda: model.fit(X),
        lambda: _by_hand(X, hidden, epochs, fused=False),
        lambda: _by_hand(X, hidden, epochs, fused=True),
    )
    taken = np.array([[_seconds(run, 1) for run in runs] for _ in range(rounds + 1)])[1:]
    ours, *others = np.median(taken, axis=0)
    ratios = np.median(taken[:, :1] / taken[:, 1:], axis=0)
    peers = ("PyTorch by hand", "PyTorch by hand, fused Adam")
    return [
        _row(f"fit, 784-{hidden}-784, {epochs} epochs", n, 784, ours, peer, seconds, float(ratio), 1 / 0.85)
        for peer, seconds, ratio in zip(peers, others, ratios, strict=True)
    ]


def rows(quick: bool = False) -> list[dict]:
    """Return the table of comparisons.

    Parameters
    ----------
    quick : bool, default=False
        Use smaller sizes and fewer repeats.

    Returns
    -------
    list of dict
        One row each: what, n, d, ours_s, peer, peer_s (seconds), ratio, demand, ok.
    """
    rounds = 2 if quick else 7
    out = []
    for d, hidden in NETWORKS[:2] if quick else NETWORKS:
        out += _chain_rows(d, hidden, rounds)
    return out + _fit_rows(1000 if quick else 3000, 400, 1 if quick else 3)


def growth(quick: bool = False) -> dict[str, float]:
    """Return the exponent of a step's time in the number of chains, from 1000 to 4000.

    Parameters
    ----------
    quick : bool, default=False
        Use fewer repeats.

    Returns
    -------
    dict of str to float
        Exponent by task.
    """
    model = _model(784, 400)
    few, many = (model._chain(k, "data", np.random.default_rng(1)) for k in (1000, 4000))
    ratios = [_seconds(many.step, 3) / _seconds(few.step, 3) for _ in range(3 if quick else 6)][1:]
    return {"a step of the chains, in their number": float(np.log(np.median(ratios)) / np.log(4))}


if __name__ == "__main__":
    for row in rows():
        print({k: f"{v:.3g}" if isinstance(v, float) else v for k, v in row.items()})
    print(growth())

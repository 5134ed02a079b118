"""The LightningModule that trains a denoising autoencoder, by plain training or by walkback."""

import torch

from genrates.neural.autoencoder._training import Reconstruction


class DenoisingTraining(Reconstruction):
    r"""Training module of a denoising autoencoder.

    The loss is the mean of :math:`-\log P_\theta(X | \tilde X)` over corrupted rows.

    Plain training has one corrupted input :math:`\tilde X \sim C(\tilde X | X)` per row and step. Walkback
    (Bengio et al. 2013, algorithm 1) starts a chain at X: :math:`\tilde X^* \sim C(\tilde X | X^*)`,
    :math:`X^* \sim P_\theta(X | \tilde X^*)`. Every :math:`\tilde X^*` on the chain is a training input whose
    target is the original X. So the model learns to return from the places its own chain strays to. No
    gradient flows through the draws: they are treated as data.

    Parameters
    ----------
    stack : LayerStack
        The network.
    rows, held_out : ndarray of shape (n, features), float32
        Training set and held-out rows.
    corruption : {"salt_and_pepper", "masking", "gaussian"}
        Kind of corruption.
    noise : float
        Probability of a corrupted entry; for "gaussian" the standard deviation of the added noise.
    steps : int or "geometric"
        Inputs per row; 1 is plain training. "geometric": each row's walk goes on with probability 1/2.
    **keywords
        Further arguments of :class:`Reconstruction`.
    """

    #: probability that a geometric walk goes on
    CONTINUE_PROBABILITY = 0.5
    #: share of the newest residuals in the running variance of a Gaussian output
    _NEWEST_SHARE = 0.05

    def __init__(self, stack, rows, held_out, *, corruption, noise, steps, **keywords):
        super().__init__(stack, rows, held_out, **keywords)
        self.corruption, self.noise, self.walk_steps = corruption, noise, steps
        self.register_buffer("variance", torch.ones(rows.shape[1]))

    def loss(self, rows, generator):
        """Return the mean negative log-probability of the rows given their corrupted inputs.

        Parameters
        ----------
        rows : Tensor of shape (n, features)
            Original rows.
        generator : torch.Generator
            Source of the corruption and of the walk.

        Returns
        -------
        Tensor, scalar
            Nats per input.
        """
        outputs = self.stack(self.inputs(rows, generator))
        total, count = self.negative_log_likelihood(outputs, rows), len(rows)
        if self.gaussian and self.training:
            self._update_variance(outputs, rows)
        step = 1
        while self.walk_steps == "geometric" or step < self.walk_steps:
            if self.walk_steps == "geometric":
                continuing = (
                    torch.rand(len(rows), generator=generator, device=rows.device) < self.CONTINUE_PROBABILITY
                )
                rows, outputs = rows[continuing], outputs[continuing]
                if not len(rows):
                    break
            outputs = self.stack(self.inputs(self.draw(outputs.detach(), generator), generator))
            total, count, step = (
                total + self.negative_log_likelihood(outputs, rows),
                count + len(rows),
                step + 1,
            )
        return total / count

    def inputs(self, rows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Draw corrupted rows from C(. | rows).

        Parameters
        ----------
        rows : Tensor of shape (n, features)
            Rows to corrupt.
        generator : torch.Generator
            Source of the corruption.

        Returns
        -------
        Tensor of shape (n, features)
        """
        if self.corruption == "gaussian":
            return rows + self.noise * self._standard_normal(rows, generator)
        u = torch.rand(rows.shape, generator=generator, device=rows.device, dtype=rows.dtype)
        if self.corruption == "masking":
            return rows * (u >= self.noise)
        return torch.where(u >= self.noise, rows, (u < 0.5 * self.noise).to(rows.dtype))

    def draw(self, outputs: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Draw rows from P(X | outputs); these are random draws, not the means.

        Parameters
        ----------
        outputs : Tensor of shape (n, features)
            Output units: logits, or means.
        generator : torch.Generator
            Source of the draws.

        Returns
        -------
        Tensor of shape (n, features)
        """
        outputs = outputs.to(self.rows.dtype)
        if self.gaussian:
            return outputs + self.variance.sqrt() * self._standard_normal(outputs, generator)
        u = torch.rand(outputs.shape, generator=generator, device=outputs.device, dtype=outputs.dtype)
        return (u < torch.sigmoid(outputs)).to(outputs.dtype)

    def _update_variance(self, outputs, rows):
        """Update the running variance of a Gaussian output with the residuals of a batch."""
        with torch.no_grad():
            self.variance.lerp_(
                (outputs - rows).square().mean(dim=0).to(self.variance.dtype), self._NEWEST_SHARE
            )

    def _standard_normal(self, like, generator):
        """Draw standard normal numbers with the shape, device and dtype of `like`."""
        return torch.randn(like.shape, generator=generator, device=like.device, dtype=like.dtype)

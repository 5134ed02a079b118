"""The LightningModule that trains a denoising autoencoder: plain, or by walkback."""

import torch

from genrates.neural.autoencoder._training import Reconstruction


class DenoisingTraining(Reconstruction):
    r"""Mean of :math:`-\log P_\theta(X | \tilde X)` over corrupted rows.

    Plain: one corrupted input :math:`\tilde X \sim C(\tilde X | X)` a row and step. Walkback (Bengio et al.
    2013, algorithm 1): from X a chain :math:`\tilde X^* \sim C(\tilde X | X^*)`,
    :math:`X^* \sim P_\theta(X | \tilde X^*)` is walked, and every :math:`\tilde X^*` on it is a training
    input whose target is the original X, so that the model learns to come back from where its own chain
    strays. No gradient flows through the draws: they are data.

    Parameters
    ----------
    corruption : {"salt_and_pepper", "masking", "gaussian"}
    noise : float
        Probability of a corrupted entry; of "gaussian" the standard deviation of what is added.
    steps : int or "geometric"
        Inputs a row; 1 is plain training. "geometric": each row goes on with probability 1/2.
    **keywords
        Of :class:`Reconstruction`.
    """

    #: probability that a geometric walk goes on
    GO_ON = 0.5
    #: share of the newest residuals in the running variance of a Gaussian output
    _NEW = 0.05

    def __init__(self, stack, rows, held_out, *, corruption, noise, steps, **keywords):
        super().__init__(stack, rows, held_out, **keywords)
        self.corruption, self.noise, self.walk = corruption, noise, steps
        self.register_buffer("variance", torch.ones(rows.shape[1]))

    def loss(self, rows, generator):
        outputs = self.stack(self.inputs(rows, generator))
        total, count = self.nats(outputs, rows), len(rows)
        if self.gaussian and self.training:
            self._follow(outputs, rows)
        step = 1
        while self.walk == "geometric" or step < self.walk:
            if self.walk == "geometric":
                on = torch.rand(len(rows), generator=generator, device=rows.device) < self.GO_ON
                rows, outputs = rows[on], outputs[on]
                if not len(rows):
                    break
            outputs = self.stack(self.inputs(self.drawn(outputs.detach(), generator), generator))
            total, count, step = total + self.nats(outputs, rows), count + len(rows), step + 1
        return total / count

    def inputs(self, rows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """A draw from C(. | rows)."""
        if self.corruption == "gaussian":
            return rows + self.noise * self._normal(rows, generator)
        u = torch.rand(rows.shape, generator=generator, device=rows.device, dtype=rows.dtype)
        if self.corruption == "masking":
            return rows * (u >= self.noise)
        return torch.where(u >= self.noise, rows, (u < 0.5 * self.noise).to(rows.dtype))

    def drawn(self, outputs: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """A draw from P(X | outputs): a sample, not the means."""
        outputs = outputs.to(self.rows.dtype)
        if self.gaussian:
            return outputs + self.variance.sqrt() * self._normal(outputs, generator)
        u = torch.rand(outputs.shape, generator=generator, device=outputs.device, dtype=outputs.dtype)
        return (u < torch.sigmoid(outputs)).to(outputs.dtype)

    def _follow(self, outputs, rows):
        with torch.no_grad():
            self.variance.lerp_((outputs - rows).square().mean(dim=0).to(self.variance.dtype), self._NEW)

    def _normal(self, like, generator):
        return torch.randn(like.shape, generator=generator, device=like.device, dtype=like.dtype)

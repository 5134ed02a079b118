"""The LightningModule that trains a plain autoencoder."""

from genrates.neural.autoencoder._training import Reconstruction


class AutoencoderTraining(Reconstruction):
    """Training module of a plain autoencoder: mean cross-entropy of rows and their reconstruction."""

    def loss(self, rows, generator):
        """Return the mean of -log P(x | reconstruction of x).

        Parameters
        ----------
        rows : Tensor of shape (n, features)
            The rows.
        generator : torch.Generator
            Not used: nothing is random here.

        Returns
        -------
        Tensor, scalar
            Nats per row.
        """
        return self.negative_log_likelihood(self.stack(rows), rows) / len(rows)

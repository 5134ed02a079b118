"""The LightningModule that trains a vanilla autoencoder."""

from genrates.neural.autoencoder._training import Reconstruction


class AutoencoderTraining(Reconstruction):
    r"""Mean cross-entropy of the rows and their own reconstruction, -log P(X | X): nothing is corrupted."""

    def loss(self, rows, generator):
        return self.nats(self.stack(rows), rows) / len(rows)

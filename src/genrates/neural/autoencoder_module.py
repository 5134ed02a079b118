"""The LightningModule that trains a vanilla autoencoder."""

from genrates.neural._image_training import Reconstruction


class AutoencoderTraining(Reconstruction):
    r"""Mean cross-entropy of the rows and their own reconstruction, -log P(X | X): nothing is corrupted."""

    def loss(self, rows, generator):
        return self.nats(self.stack(rows), rows) / len(rows)

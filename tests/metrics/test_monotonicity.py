"""The share of hint points where a network falls: the fitted model's own count, or none."""

import numpy as np
import pytest

from genrates.data.marron_wand import MarronWand
from genrates.estimators import GaussianDensity
from genrates.metrics import FallingShare
from genrates.metrics.base import Evaluation, Skip


class Network:
    falling_share_ = 0.25


def test_it_is_what_the_network_has_counted():
    assert FallingShare()(Evaluation(Network(), MarronWand(number=1), np.zeros((2, 1)))) == 0.25
    assert not FallingShare.is_error, "a share of violations has no rate"


def test_a_model_without_a_network_is_skipped_by_name():
    model = GaussianDensity().fit(np.arange(5.0)[:, None])
    with pytest.raises(Skip, match="GaussianDensity has no network"):
        FallingShare()(Evaluation(model, MarronWand(number=1), np.zeros((2, 1))))

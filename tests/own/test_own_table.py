"""From a table to a ranking, draws, scores and a page; and the detector and the transform."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import lognorm
from sklearn.utils.estimator_checks import parametrize_with_checks

from genrates.cli import main
from genrates.data.quadrature import composite_gauss_legendre
from genrates.estimators import GaussianDensity, KernelDensity, load, save
from genrates.own import AnomalyDetector, LearnedTable, TransformedDensity
from genrates.own.candidates import candidates
from genrates.own.compare import compare_tables
from genrates.own.facts import facts_of, remarks
from genrates.own.learning import learning_curve
from genrates.own.ranking import Candidate, Trial, ranking, try_all
from genrates.own.scores import odd_columns


@pytest.fixture(scope="module")
def waiting(tmp_path_factory):
    """A learned table of exponential waiting times, in milliseconds, and a date."""
    folder = tmp_path_factory.mktemp("own")
    x = np.random.default_rng(0).exponential(size=600).round(3)
    pd.DataFrame({"day": "2024-01-01", "wait": x}).to_csv(folder / "wait.csv", index=False)
    main(["fit", str(folder / "wait.csv"), "--minutes", "3"])
    return folder


def test_the_choice_among_models_finds_the_entropy_of_waiting_times(waiting):
    """The truth has 1 nat. The mean of 120 held-out rows has a standard error of .09; 4 of them."""
    ranked = pd.read_csv(waiting / "wait.genrates" / "ranking.csv")
    assert list(ranked) == [
        "rank",
        "model",
        "log_likelihood",
        "se",
        "no_worse",
        "fit_seconds",
        "status",
        "reason",
    ]
    assert ranked["log_likelihood"][0] == pytest.approx(-1.0, abs=0.36)
    by_name = ranked.set_index("model")["log_likelihood"]
    assert by_name["gaussian"] < by_name["kde, bounded"] - 0.2
    assert ranked["log_likelihood"].dropna().is_monotonic_decreasing
    assert ranked.loc[ranked["status"] != "ok", "reason"].notna().all()


def test_draws_look_like_the_table(waiting):
    drawn = pd.read_csv(waiting / "wait.genrates" / "samples.csv", dtype=str)
    assert list(drawn) == ["wait"]
    assert drawn["wait"].str.fullmatch(r"-?\d+\.\d{3}").all()
    assert len(drawn) == 600
    assert drawn["wait"].astype(float).mean() == pytest.approx(1, abs=0.25)  # 6 standard errors


def test_scores_flag_as_many_rows_as_were_asked_for(waiting):
    scores = pd.read_csv(waiting / "wait.genrates" / "scores.csv")
    assert len(scores) == 600
    assert 3 <= scores["anomaly"].sum() <= 9
    assert scores["line"].tolist() == list(range(2, 602))
    assert set(scores.loc[scores["anomaly"], "odd_columns"]) == {"wait"}


def test_a_page_holds_its_pictures_and_says_what_was_left_out(waiting):
    text = (waiting / "wait.genrates" / "report.html").read_text()
    assert text.count("data:image/png;base64,") == 2
    assert "&#x27;day&#x27; holds dates" in text
    assert "http" not in text.replace("http-equiv", "")
    assert "nats a row" in text


def test_score_and_sample_read_the_folder(waiting, capsys):
    folder = str(waiting / "wait.genrates")
    (waiting / "new.csv").write_text("wait;place\n0,5;a\n60,0;b\n")
    main(["score", folder, str(waiting / "new.csv")])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(",")[2] for line in lines] == ["anomaly", "False", "True"]
    main(["sample", folder, "--n", "3", "--seed", "1"])
    first = capsys.readouterr().out
    main(["sample", folder, "--n", "3", "--seed", "1"])
    assert capsys.readouterr().out == first
    assert len(first.splitlines()) == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fit", "none.csv"], "none.csv cannot be read"),
        (["fit", "few.csv"], "3 rows without a hole; at least 10"),
        (["fit", "few.csv", "--quantile", "2"], "--quantile must lie between 0 and 1, got 2"),
        (["score", "few", "few.csv"], "no learned table; `genrates fit TABLE.csv` makes one"),
        (["compare", "few.csv", "other.csv"], "share no column of numbers; they have a and b"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "few.csv").write_text("a\n1\n2\n3\n")
    (tmp_path / "other.csv").write_text("b\n1\n2\n3\n")
    with pytest.raises(SystemExit) as error:
        main(words)
    assert str(error.value).startswith(f"genrates {words[0]}: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_damaged_folder_is_refused(waiting, tmp_path):
    folder = tmp_path / "copy"
    LearnedTable.load(waiting / "wait.genrates").save(folder)
    (folder / "about.json").write_text(json.dumps({"model": "kde"}))
    with pytest.raises(SystemExit, match="a damaged model"):
        main(["sample", str(folder)])


# -- the parts ----------------------------------------------------------------------------------------


class Fails(GaussianDensity):
    """A model whose fit fails."""

    def fit(self, X, y=None, sample_weight=None):
        raise RuntimeError("out of luck")


class Endless(GaussianDensity):
    """A model whose fit does not end."""

    def fit(self, X, y=None, sample_weight=None):
        while True:
            pass


class Dies(GaussianDensity):
    """A model whose process is killed."""

    def fit(self, X, y=None, sample_weight=None):
        import os

        os.kill(os.getpid(), 9)


def test_a_model_that_fails_hangs_or_dies_has_its_row(tmp_path):
    X = np.random.default_rng(0).normal(size=(60, 1))
    models = [Candidate(cls.__name__, cls()) for cls in (Fails, Dies, Endless)]
    trials = try_all([*models, Candidate("gaussian", GaussianDensity())], X[:40], X[40:], tmp_path, 0.1)
    table = ranking(trials).set_index("model")
    assert table["status"].to_dict() == {
        "gaussian": "ok",
        "Fails": "failed",
        "Dies": "failed",
        "Endless": "timeout",
    }
    assert "out of luck" in table.loc["Fails", "reason"]
    assert "status -9" in table.loc["Dies", "reason"]


def test_a_tail_that_owns_the_mean_does_not_make_a_model_no_worse():
    rng = np.random.default_rng(0)
    best, noise = rng.normal(size=400), rng.normal(0, 0.1, 400)
    worse, heavy = best - 0.2 + noise, best - 0.2 + noise
    heavy[0] -= 1000  # the standard error of the mean is 2.5 now
    trials = [
        Trial("best", "ok", scores=best),
        Trial("worse", "ok", scores=worse),
        Trial("heavy", "ok", scores=heavy),
    ]
    table = ranking([*trials, Trial("alike", "ok", scores=best - noise / 10)]).set_index("model")
    assert table["no_worse"].to_dict() == {"best": True, "alike": True, "worse": False, "heavy": False} or (
        table["no_worse"]["worse"] is False and table["no_worse"]["heavy"] is False
    )


def test_facts_of_columns():
    rng = np.random.default_rng(0)
    counts, heavy = (
        facts_of("n", rng.poisson(3.0, 200).astype(float)),
        facts_of("t", rng.standard_cauchy(500)),
    )
    assert (counts.unit, counts.is_whole, counts.lower, heavy.is_heavy) == (1.0, True, 0.0, True)
    assert (facts_of("p", rng.beta(2, 2, 300)).upper, facts_of("z", rng.normal(size=300)).lower) == (
        1.0,
        None,
    )
    said = " ".join(remarks([counts, heavy]))
    assert "n (whole numbers)" in said
    assert "t" in said


@pytest.mark.parametrize(
    ("transform", "low", "high"),
    [(("log", -1.0, 0.0), -1, 60), (("logit", 0.0, 2.0), 0, 2), (("asinh", 0.5, 0.3), -60, 60)],
)
def test_a_transformed_density_integrates_to_one_and_draws_within_its_bounds(transform, low, high, tmp_path):
    x = np.random.default_rng(0).uniform(0.2, 1.8, size=(200, 1))
    model = TransformedDensity(KernelDensity(bandwidth=0.4), [transform]).fit(x)
    nodes, weights = composite_gauss_legendre(low, high, 20_000, np.array([]))
    assert weights @ np.exp(model.score_samples(nodes[:, None])) == pytest.approx(1, abs=2e-3)
    draws = model.sample(500, random_state=0)
    assert draws.min() >= low
    assert draws.max() <= (high if transform[0] == "logit" else np.inf)
    save(model, tmp_path / "m.safetensors")
    np.testing.assert_array_equal(load(tmp_path / "m.safetensors").score_samples(x), model.score_samples(x))


def test_a_normal_of_logarithms_is_the_lognormal():
    x = np.random.default_rng(0).lognormal(1.0, 0.5, size=(300, 1))
    model = TransformedDensity(GaussianDensity(), [("log", 0.0, 0.0)]).fit(x)
    logs = np.log(x)
    expected = lognorm.logpdf(x[:, 0], logs.std(), scale=np.exp(logs.mean()))
    np.testing.assert_allclose(model.score_samples(x), expected, rtol=1e-9)
    with pytest.raises(ValueError, match="lies on a bound or beyond"):
        TransformedDensity(GaussianDensity(), [("log", 5.0, 0.0)]).fit(x)


def test_every_candidate_of_an_easy_table_can_be_fitted(tmp_path):
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.exponential(size=150), rng.uniform(size=150)])
    for columns in ([0], [0, 1]):
        part = X[:, columns]
        models = candidates([facts_of(str(j), x) for j, x in enumerate(part.T)], part)
        assert len({model.name for model in models}) == len(models) >= 7
        for model in models:
            assert np.isfinite(model.estimator.fit(part).score(part))


def test_the_column_that_makes_a_row_odd_is_named():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    model = GaussianDensity().fit(X)
    assert odd_columns(model, np.array([0.0, 0.0, 8.0, 0.0]), X, list("abcd")) == ["c"]


def test_a_learning_curve_says_whether_more_rows_help():
    """A normal of one column is learned by few rows. One of d columns costs d (d + 3) / (4 n) nats."""
    rng = np.random.default_rng(0)
    easy = learning_curve(GaussianDensity, rng.normal(size=(2000, 1)), rng.normal(size=(500, 1)))
    assert "hardly help" in easy.sentence()
    hard = learning_curve(GaussianDensity, rng.normal(size=(1000, 12)), rng.normal(size=(500, 12)))
    assert hard.gain_low > 0.01
    assert hard.gain == pytest.approx(12 * 15 / 4 / 2000, rel=0.4)  # half of what 1000 rows leave
    assert (
        "Too few"
        in learning_curve(GaussianDensity, rng.normal(size=(25, 1)), rng.normal(size=(9, 1))).sentence()
    )


def test_tables_of_one_law_and_of_two(tmp_path):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(300, 2)), rng.normal(size=(250, 2))
    for name, values in (("a", a), ("b", b), ("c", b + np.array([0, 0.8]))):
        pd.DataFrame(values, columns=["x", "y"]).to_csv(tmp_path / f"{name}.csv", index=False)
    p_value, columns, _ = compare_tables(tmp_path / "a.csv", tmp_path / "b.csv")
    assert p_value > 0.05  # false alarms: 1 in 20; seed fixed
    assert not columns["differs"].any()
    p_value, columns, _ = compare_tables(tmp_path / "a.csv", tmp_path / "c.csv")
    assert p_value == 0.001
    assert columns["column"][0] == "y"
    assert columns.set_index("column")["differs"].to_dict() == {"y": True, "x": False}


@parametrize_with_checks([AnomalyDetector(GaussianDensity())])
def test_the_detector_is_scikit_learns(estimator, check):
    check(estimator)


def test_the_detector_flags_its_share():
    X = np.random.default_rng(0).normal(size=(400, 2))
    detector = AnomalyDetector(contamination=0.1).fit(X)
    assert np.mean(detector.predict(X) == -1) == pytest.approx(0.1, abs=0.005)
    with pytest.raises(ValueError, match="contamination must be a number above 0"):
        AnomalyDetector(contamination=0.0).fit(X)

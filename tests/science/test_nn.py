"""Networks against loops over numbers; their losses against definitions in 40 digits; what training must do."""

import sys
from itertools import pairwise

import mpmath
import numpy as np
import pytest

from adcourse import check_derivatives, grad
from adcourse.core.errors import InputError
from adcourse.science import digits
from adcourse.science.nn import Network, accuracy, cross_entropy, mean_square, relu, train
from adcourse.science.optimize import descend, gradient_descent, momentum


@pytest.fixture(params=range(3))
def rng(request):
    return np.random.default_rng(request.param)


@pytest.mark.parametrize("sizes", [(3, 2), (4, 5, 3), (2, 3, 3, 1)])
def test_a_network_is_the_sum_of_its_products(rng, sizes):
    network, X = Network(sizes), rng.normal(size=(6, sizes[0]))
    theta = network.start(rng) + 0.1
    assert len(theta) == network.size == sum((n + 1) * m for n, m in pairwise(sizes))
    for row, output in zip(X, network(theta, X), strict=True):
        values, layers = row, network.layers(theta)
        for k, (W, b) in enumerate(layers):
            values = [sum(w * v for w, v in zip(W[:, j], values, strict=True)) + b[j] for j in range(len(b))]
            values = np.tanh(values) if k + 1 < len(layers) else values
        assert np.allclose(output, values, rtol=1e-12)


def test_every_number_of_theta_is_used_once():
    network = Network((3, 4, 2))
    parts = np.concatenate([np.ravel(part) for layer in network.layers(np.arange(26.0)) for part in layer])
    assert np.array_equal(parts, np.arange(26.0))


def test_the_start_keeps_the_size_of_what_goes_through(rng):
    network = Network((100, 200), activation=relu)
    outputs = network(network.start(rng), rng.normal(size=(500, 100)))
    assert 0.9 < outputs.std() < 1.1


@pytest.mark.parametrize("activation", [np.tanh, relu])
def test_the_gradient_in_every_mode(rng, activation):
    network, X, labels = Network((3, 4, 3), activation), rng.normal(size=(5, 3)), rng.integers(0, 3, 5)
    check_derivatives(lambda theta: cross_entropy(network(theta, X), labels), network.start(rng))
    check_derivatives(lambda theta: mean_square(network(theta, X), X), network.start(rng))


def test_cross_entropy_by_its_definition_in_forty_digits(rng):
    scores, labels = rng.normal(size=(4, 3)) * 100, rng.integers(0, 3, 4)
    with mpmath.workdps(40):
        rows = [
            mpmath.log(sum(mpmath.exp(s) for s in row)) - row[k]
            for row, k in zip(scores.tolist(), labels.tolist(), strict=True)
        ]
        assert np.isclose(cross_entropy(scores, labels), float(sum(rows) / 4), rtol=1e-13)


def test_cross_entropy_does_not_see_a_constant_and_its_gradient_sums_to_nothing(rng):
    scores, labels = rng.normal(size=(7, 4)), rng.integers(0, 4, 7)
    assert np.isclose(cross_entropy(scores + 1e5, labels), cross_entropy(scores, labels), rtol=1e-9)
    gradient = grad(cross_entropy)(scores, labels)
    assert np.allclose(gradient.sum(axis=1), 0, atol=1e-16)
    assert ((gradient < 0) == (np.eye(4)[labels] == 1)).all()


def test_losses_and_data_of_the_wrong_form_are_refused(rng):
    scores = rng.normal(size=(3, 2))
    for wrong in ([0, 1], [0, 1, 2], [0, 1, -1], [0.0, 1.0, 0.0], np.eye(3)[:, :2]):
        with pytest.raises(InputError, match="one label for each of the 3 rows"):
            cross_entropy(scores, wrong)
    with pytest.raises(InputError, match="broadcasting"):
        mean_square(np.zeros((3, 1)), np.zeros(3))
    with pytest.raises(InputError, match="26 numbers"):
        Network((3, 4, 2)).layers(np.zeros(25))
    for data, batch in ((np.zeros(3), np.zeros(2)), 1), ((np.zeros(0),), 1), ((np.zeros(3),), 0):
        with pytest.raises(InputError, match="train was given data"):
            train(lambda w, *data: w, 0.0, data, gradient_descent(0.1), batch=batch)
    with pytest.raises(InputError, match="smaller lr"), np.errstate(over="ignore", invalid="ignore"):
        train(lambda w, x: np.mean((w * x) ** 4), 10.0, (np.ones(8),), gradient_descent(1.0))


def test_whole_batches_are_plain_descent(rng):
    X, y, theta = rng.normal(size=(12, 3)), rng.normal(size=12), rng.normal(size=3)
    loss = lambda theta, X, y: np.mean((X @ theta - y) ** 2)
    found = train(loss, theta, (X, y), momentum(0.05), epochs=9, batch=12, rng=rng)
    plain = descend(lambda theta: loss(theta, X, y), theta, momentum(0.05), steps=9)
    assert np.allclose(found.theta, plain.x, rtol=1e-10) and np.allclose(found.losses, plain.values[:9], rtol=1e-10)


def test_an_epoch_takes_every_sample_once_and_in_a_new_order(rng):
    seen, order = [], []

    def loss(theta, rows):
        seen.append(len(rows))
        order.extend(rows.tolist())
        return theta * np.sum(rows)

    found = train(loss, 0.0, (np.arange(10.0),), gradient_descent(1.0), epochs=3, batch=4, rng=rng, watch=lambda w: w)
    epochs = np.reshape(order, (3, 10))
    assert seen == [4, 4, 2] * 3 and (np.sort(epochs) == np.arange(10)).all() and not (epochs[0] == epochs[1]).all()
    assert found.theta == -3 * 45 and found.curve == [(k, -45.0 * k) for k in range(4)]


@pytest.mark.parametrize("source", ["handwritten", "drawn"])
def test_digits_are_learned(source):
    rng = np.random.default_rng()
    X, labels = digits.handwritten() if source == "handwritten" else digits.drawn(1000, rng)
    assert X.shape == (len(labels), 64) and X.min() >= 0 and X.max() <= 1 and set(labels) == set(range(10))
    (X, labels), (T, truth) = digits.split(X, labels, 0.25, rng)
    network = Network((64, 20, 10))
    loss = lambda theta, X, labels: cross_entropy(network(theta, X), labels)
    theta = train(loss, network.start(rng), (X, labels), momentum(0.1), epochs=8, rng=rng).theta
    assert accuracy(network(theta, T), truth) > 0.9


def test_a_split_loses_nothing(rng):
    X = np.arange(20.0).reshape(10, 2)
    (A, a), (B, b) = digits.split(X, X[:, 0], 0.3, rng)
    assert sorted([*a, *b]) == X[:, 0].tolist() and np.array_equal(np.concatenate([A, B])[:, 0], [*a, *b])


def test_without_scikit_learn_it_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"adcourse\[science\]"):
        digits.handwritten()

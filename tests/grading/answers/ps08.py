# ruff: noqa
# Answers to assignment 8 as students write them, one a block: right ones by different routes, and wrong ones with words
# of the hint that each must meet.

# %% 8.1 right: a loop
def gradient_descent(grad, x0, lr, n):
    x = np.array(x0, dtype=float)
    for _ in range(n):
        x = x - lr * grad(x)
    return x

# %% 8.1 right: recursion
def gradient_descent(grad, x0, lr, n):
    return x0 if n == 0 else gradient_descent(grad, x0 - lr * grad(x0), lr, n - 1)

# %% 8.1 right: in place, in a copy of floats
def gradient_descent(grad, x0, lr, n):
    x = np.asarray(x0).astype(float).copy()
    while n > 0:
        x -= lr * np.asarray(grad(x))
        n -= 1
    return x

# %% 8.1 right: lists
def gradient_descent(grad, x0, lr, n):
    x = [float(v) for v in x0]
    for k in range(n):
        g = grad(x)
        x = [v - lr * d for v, d in zip(x, g)]
    return x

# %% 8.1 right: a list of all points
def gradient_descent(grad, x0, lr, n):
    path = [1.0 * x0]
    for k in range(n):
        path.append(path[-1] - lr * grad(path[-1]))
    return tuple(path[-1])

# %% 8.1 right: the sum of all gradients
def gradient_descent(grad, x0, lr, n):
    total = np.zeros(len(x0))
    for _ in range(n):
        total += grad(x0 - lr * total)
    return x0 - lr * total

# %% 8.1 wrong: ascends | You climb
def gradient_descent(grad, x0, lr, n):
    x = x0
    for _ in range(n):
        x = x + lr * grad(x)
    return x

# %% 8.1 wrong: modifies x0 | caller's own array
def gradient_descent(grad, x0, lr, n):
    x = x0
    for _ in range(n):
        x -= lr * grad(x)
    return x

# %% 8.1 wrong: modifies x0, but not integers | belongs to the caller
def gradient_descent(grad, x0, lr, n):
    x = np.asarray(x0, dtype=float)
    for _ in range(n):
        x -= lr * grad(x)
    return x

# %% 8.1 wrong: integers are cut | integers keeps integers
def gradient_descent(grad, x0, lr, n):
    x = x0.copy()
    for _ in range(n):
        g = grad(x)
        for i in range(len(x)):
            x[i] = x[i] - lr * g[i]
    return x

# %% 8.1 wrong: integers are refused | integers keeps integers
def gradient_descent(grad, x0, lr, n):
    x = np.array(x0)
    for _ in range(n):
        x -= lr * grad(x)
    return x

# %% 8.1 wrong: one gradient for all steps | at 9 the slope
def gradient_descent(grad, x0, lr, n):
    g = grad(x0)
    for _ in range(n):
        x0 = x0 - lr * g
    return x0

# %% 8.1 wrong: the gradient at x0 in each step | at 9 the slope
def gradient_descent(grad, x0, lr, n):
    x = np.array(x0, float)
    for _ in range(n):
        x = x - lr * grad(x0)
    return x

# %% 8.1 wrong: returns within the loop | one step, whatever
def gradient_descent(grad, x0, lr, n):
    x = np.array(x0, float)
    for _ in range(max(n, 1)):
        x = x - lr * grad(x)
        return x

# %% 8.1 wrong: each step from x0 | begins at x0 again
def gradient_descent(grad, x0, lr, n):
    x = x0
    for i in range(n):
        x = x0 - lr * grad(x)
    return x

# %% 8.1 wrong: one step too few | one step too few
def gradient_descent(grad, x0, lr, n):
    xs = [np.array(x0, float)]
    while len(xs) < n:
        xs.append(xs[-1] - lr * grad(xs[-1]))
    return xs[-1]

# %% 8.1 wrong: one step too many | one step too many
def gradient_descent(grad, x0, lr, n):
    x = x0 - lr * grad(x0)
    for _ in range(n):
        x = x - lr * grad(x)
    return x

# %% 8.1 wrong: steps of one length | divide by the length
def gradient_descent(grad, x0, lr, n):
    x = np.array(x0, float)
    for _ in range(n):
        g = grad(x)
        x = x - lr * g / np.linalg.norm(g)
    return x

# %% 8.1 wrong: the gradient is asked for twice | too many gradients
def gradient_descent(grad, x0, lr, n):
    x = np.array(x0, float)
    for _ in range(n):
        if np.linalg.norm(grad(x)) > 0:
            x = x - lr * grad(x)
    return x

# %% 8.1 wrong: the gradient at the end, too | too many gradients
def gradient_descent(grad, x0, lr, n):
    x, g = np.array(x0, float), grad(x0)
    for _ in range(n):
        x = x - lr * g
        g = grad(x)
    return x

# %% 8.1 wrong: until nothing moves | doesn't end after n
def gradient_descent(grad, x0, lr, n):
    x = np.array(x0, float)
    while True:
        x = x - lr * grad(x)

# %% 8.1 wrong: until the gradient is small | until the gradient is small
def gradient_descent(grad, x0, lr, n):
    x = np.array(x0, float)
    g = grad(x)
    while np.linalg.norm(g) > 1e-6:
        x = x - lr * g
        g = grad(x)
    return x

# %% 8.1 wrong: the way, not the end | all the points of the way
def gradient_descent(grad, x0, lr, n):
    path = [np.array(x0, float)]
    for _ in range(n):
        path.append(path[-1] - lr * grad(path[-1]))
    return np.array(path)

# %% 8.1 wrong: nothing is returned | re-evaluated each step
def gradient_descent(grad, x0, lr, n):
    x = np.array(x0, float)
    for _ in range(n):
        x = x - lr * grad(x)

# %% 8.1 wrong: grad is not called | re-evaluated each step
def gradient_descent(grad, x0, lr, n):
    x = np.array(x0, float)
    for _ in range(n):
        x = x - lr * grad
    return x

# %% 8.1 wrong: climbs, and one step too many | re-evaluated each step
def gradient_descent(grad, x0, lr, n):
    x = np.array(x0, float)
    for _ in range(n + 1):
        x = x + lr * grad(x)
    return x

# %% 8.1 wrong: lr is forgotten | does the code look at lr
def gradient_descent(grad, x0, lr, n):
    x = np.array(x0, float)
    for _ in range(n):
        x = x - grad(x)
    return x

# %% 8.1 wrong: the first entry only | Only the first entry
def gradient_descent(grad, x0, lr, n):
    x = np.array(x0, float)
    for _ in range(n):
        x[0] = x[0] - lr * grad(x)[0]
    return x

# %% 8.2 right: a mean of products
def mse_slope(w, X, Y):
    return np.mean(2 * X * (w * X - Y))

# %% 8.2 right: a loop
def mse_slope(w, X, Y):
    total = 0.0
    for x, y in zip(X, Y):
        total += 2 * x * (w * x - y)
    return total / len(X)

# %% 8.2 right: np.dot, divided
def mse_slope(w, X, Y):
    y_pred = w * X
    return np.dot(2 * X, y_pred - Y) / len(X)

# %% 8.2 right: the package
def mse_slope(w, X, Y):
    import adcourse
    return adcourse.grad(lambda w: np.mean((w * X - Y) ** 2))(float(w))

# %% 8.2 right: multiplied out
def mse_slope(w, X, Y):
    N = X.shape[0]
    return 2 / N * (w * (X @ X) - X @ Y)

# %% 8.2 right: the complex step
def mse_slope(w, X, Y):
    return np.mean(((w + 1e-30j) * X - Y) ** 2).imag / 1e-30

# %% 8.2 wrong: as published | code as it was published
def mse_slope(w, X, Y):
    return np.dot(2 * X, w * X - Y).mean()

# %% 8.2 wrong: a sum | code as it was published
def mse_slope(w, X, Y):
    return sum(2 * x * (w * x - y) for x, y in zip(X, Y))

# %% 8.2 wrong: the 2 is lost | the derivative of r² by r is not r
def mse_slope(w, X, Y):
    return ((w * X - Y) * X).mean()

# %% 8.2 wrong: a sum, and no 2 | Two things at once
def mse_slope(w, X, Y):
    return np.dot(X, w * X - Y)

# %% 8.2 wrong: the sign | The sign: at w = 0
def mse_slope(w, X, Y):
    return 2 * np.mean(X * (Y - w * X))

# %% 8.2 wrong: sign and sum | Two things at once: the sign
def mse_slope(w, X, Y):
    return np.dot(-2 * X, w * X - Y)

# %% 8.2 wrong: no inner derivative | Which factor is missing
def mse_slope(w, X, Y):
    return np.mean(2 * (w * X - Y))

# %% 8.2 wrong: one number a point | One slope for each point
def mse_slope(w, X, Y):
    return 2 * X * (w * X - Y)

# %% 8.2 wrong: the product of the means | not the product of the means
def mse_slope(w, X, Y):
    return 2 * X.mean() * (w * X - Y).mean()

# %% 8.2 wrong: four points for ever | right for four points only
def mse_slope(w, X, Y):
    return np.dot(2 * X, w * X - Y).mean() / 4

# %% 8.2 wrong: N twice | divide by N twice
def mse_slope(w, X, Y):
    return 2 / len(X) * np.mean(X * (w * X - Y))

# %% 8.2 wrong: the loss | the loss itself
def mse_slope(w, X, Y):
    return np.mean((w * X - Y) ** 2)

# %% 8.2 wrong: a difference quotient | first digits
def mse_slope(w, X, Y):
    L = lambda w: np.mean((w * X - Y) ** 2)
    return (L(w + 1e-6) - L(w - 1e-6)) / 2e-6

# %% 8.2 wrong: writes into X | X *= ...
def mse_slope(w, X, Y):
    r = w * X - Y
    X[:] = X * 2
    return np.mean(X * r)

# %% 8.2 wrong: twice too much | twice as large
def mse_slope(w, X, Y):
    return 4 * np.mean(X * (w * X - Y))

# %% 8.2 wrong: the number of the example | mean() of a scalar
def mse_slope(w, X, Y):
    return -30.0

# %% 8.2 wrong: after a step | after a step
def mse_slope(w, X, Y):
    return w - 0.01 * np.mean(2 * X * (w * X - Y))

# %% 8.3 right: line by line
def mlp_loss_and_grads(p, X, Y):
    N = X.shape[0]
    Z = X @ p["W1"] + p["b1"]
    H = np.maximum(Z, 0)
    R = H @ p["W2"] + p["b2"] - Y
    loss = (R**2).sum() / (2 * N) + 0.5 * p["lam"] * (p["W1"] ** 2).sum()
    O_bar = R / N
    Z_bar = O_bar @ p["W2"].T * (Z > 0)
    return loss, {
        "W1": X.T @ Z_bar + p["lam"] * p["W1"],
        "b1": Z_bar.sum(0),
        "W2": H.T @ O_bar,
        "b2": O_bar.sum(0),
    }

# %% 8.3 right: the package
def mlp_loss_and_grads(p, X, Y):
    import adcourse
    lam = p["lam"]
    w = {k: p[k] for k in ("W1", "b1", "W2", "b2")}
    def loss(w):
        H = np.maximum(0, X @ w["W1"] + w["b1"])
        return np.sum((H @ w["W2"] + w["b2"] - Y) ** 2) / (2 * len(X)) + lam / 2 * np.sum(w["W1"] ** 2)
    return adcourse.value_and_grad(loss)(w)

# %% 8.3 right: row by row
def mlp_loss_and_grads(p, X, Y):
    W1, b1, W2, b2, lam = p["W1"], p["b1"], p["W2"], p["b2"], p["lam"]
    g = {"W1": lam * W1, "b1": 0 * b1, "W2": 0 * W2, "b2": 0 * b2}
    loss = lam / 2 * float((W1 * W1).sum())
    for x, y in zip(X, Y):
        z = x @ W1 + b1
        h = np.where(z > 0, z, 0.0)
        r = (h @ W2 + b2 - y) / len(X)
        loss += (r @ r) * len(X) / 2
        back = np.where(z > 0, W2 @ r, 0.0)
        g["W1"] = g["W1"] + np.outer(x, back)
        g["b1"] = g["b1"] + back
        g["W2"] = g["W2"] + np.outer(h, r)
        g["b2"] = g["b2"] + r
    return [loss, g]

# %% 8.3 right: the complex step, with a kink by the real part
def mlp_loss_and_grads(p, X, Y):
    def loss(q):
        Z = X @ q["W1"] + q["b1"]
        O = np.where(Z.real > 0, Z, 0) @ q["W2"] + q["b2"]
        return np.sum((O - Y) ** 2) / (2 * len(X)) + q["lam"] / 2 * np.sum(q["W1"] ** 2)
    grads = {}
    for name in ("b2", "b1", "W2", "W1"):
        grads[name] = np.zeros(p[name].shape)
        for place in np.ndindex(p[name].shape):
            moved = p[name].astype(complex)
            moved[place] += 1e-30j
            grads[name][place] = loss({**p, name: moved}).imag / 1e-30
    return loss(p), {name: grad.tolist() for name, grad in grads.items()}

# %% 8.3 right: the bias as a row of W
def mlp_loss_and_grads(p, X, Y):
    N, ones = len(X), np.ones((len(X), 1))
    A, U, V = np.hstack([X, ones]), np.vstack([p["W1"], p["b1"]]), np.vstack([p["W2"], p["b2"]])
    H = np.hstack([(A @ U).clip(min=0), ones])
    R = H @ V - Y
    V_bar = H.T @ R / N
    U_bar = A.T @ ((R @ V[:-1].T) * np.sign(H[:, :-1])) / N
    loss = np.linalg.norm(R) ** 2 / 2 / N + p["lam"] * np.linalg.norm(p["W1"]) ** 2 / 2
    return loss, dict(W1=U_bar[:-1] + p["lam"] * p["W1"], b1=U_bar[-1], W2=V_bar[:-1], b2=V_bar[-1])

# %% 8.3 wrong: no penalty gradient | W1 has a second user
def mlp_loss_and_grads(p, X, Y):
    N = len(X)
    Z = X @ p["W1"] + p["b1"]
    H = np.maximum(Z, 0)
    R = H @ p["W2"] + p["b2"] - Y
    loss = np.sum(R**2) / (2 * N) + p["lam"] / 2 * np.sum(p["W1"] ** 2)
    dZ = (R / N) @ p["W2"].T * (Z > 0)
    return loss, {"W1": X.T @ dZ, "b1": dZ.sum(0), "W2": H.T @ R / N, "b2": R.sum(0) / N}

# %% 8.3 wrong: bias means | means over the rows
def mlp_loss_and_grads(p, X, Y):
    N = len(X)
    Z = X @ p["W1"] + p["b1"]
    H = np.maximum(Z, 0)
    O_bar = (H @ p["W2"] + p["b2"] - Y) / N
    loss = N * np.sum(O_bar**2) / 2 + p["lam"] / 2 * np.sum(p["W1"] ** 2)
    dZ = O_bar @ p["W2"].T * (Z > 0)
    return loss, {"W1": X.T @ dZ + p["lam"] * p["W1"], "b1": dZ.mean(0), "W2": H.T @ O_bar, "b2": O_bar.mean(0)}

# %% 8.3 wrong: biases not summed | copied to all rows
def mlp_loss_and_grads(p, X, Y):
    N = len(X)
    Z = X @ p["W1"] + p["b1"]
    H = np.maximum(Z, 0)
    O_bar = (H @ p["W2"] + p["b2"] - Y) / N
    loss = N * np.sum(O_bar**2) / 2 + p["lam"] / 2 * np.sum(p["W1"] ** 2)
    dZ = O_bar @ p["W2"].T * (Z > 0)
    return loss, {"W1": X.T @ dZ + p["lam"] * p["W1"], "b1": dZ, "W2": H.T @ O_bar, "b2": O_bar}

# %% 8.3 wrong: no mask | half of the units are off
def mlp_loss_and_grads(p, X, Y):
    N = len(X)
    H = np.maximum(X @ p["W1"] + p["b1"], 0)
    O_bar = (H @ p["W2"] + p["b2"] - Y) / N
    loss = N * np.sum(O_bar**2) / 2 + p["lam"] / 2 * np.sum(p["W1"] ** 2)
    dZ = O_bar @ p["W2"].T
    return loss, {"W1": X.T @ dZ + p["lam"] * p["W1"], "b1": dZ.sum(0), "W2": H.T @ O_bar, "b2": O_bar.sum(0)}

# %% 8.3 wrong: no mask and no penalty gradient | half of the units are off
def mlp_loss_and_grads(p, X, Y):
    N = len(X)
    H = np.maximum(X @ p["W1"] + p["b1"], 0)
    O_bar = (H @ p["W2"] + p["b2"] - Y) / N
    loss = N * np.sum(O_bar**2) / 2 + p["lam"] / 2 * np.sum(p["W1"] ** 2)
    dZ = O_bar @ p["W2"].T
    return loss, {"W1": X.T @ dZ, "b1": dZ.sum(0), "W2": H.T @ O_bar, "b2": O_bar.sum(0)}

# %% 8.3 wrong: the sum of the squares | those of the sum
def mlp_loss_and_grads(p, X, Y):
    N = len(X)
    Z = X @ p["W1"] + p["b1"]
    H = np.maximum(Z, 0)
    R = H @ p["W2"] + p["b2"] - Y
    loss = np.sum(R**2) / (2 * N) + p["lam"] / 2 * np.sum(p["W1"] ** 2)
    dZ = R @ p["W2"].T * (Z > 0)
    return loss, {"W1": X.T @ dZ + p["lam"] * p["W1"], "b1": dZ.sum(0), "W2": H.T @ R, "b2": R.sum(0)}

# %% 8.3 wrong: a 2 too much | how much is left of the 2
def mlp_loss_and_grads(p, X, Y):
    N = len(X)
    Z = X @ p["W1"] + p["b1"]
    H = np.maximum(Z, 0)
    R = H @ p["W2"] + p["b2"] - Y
    loss = np.sum(R**2) / (2 * N) + p["lam"] / 2 * np.sum(p["W1"] ** 2)
    dO = 2 * R / N
    dZ = dO @ p["W2"].T * (Z > 0)
    return loss, {"W1": X.T @ dZ + p["lam"] * p["W1"], "b1": dZ.sum(0), "W2": H.T @ dO, "b2": dO.sum(0)}

# %% 8.3 wrong: a mean over all entries | number of results
def mlp_loss_and_grads(p, X, Y):
    Z = X @ p["W1"] + p["b1"]
    H = np.maximum(Z, 0)
    R = H @ p["W2"] + p["b2"] - Y
    loss = np.mean(R**2) / 2 + p["lam"] / 2 * np.sum(p["W1"] ** 2)
    dO = R / R.size
    dZ = dO @ p["W2"].T * (Z > 0)
    return loss, {"W1": X.T @ dZ + p["lam"] * p["W1"], "b1": dZ.sum(0), "W2": H.T @ dO, "b2": dO.sum(0)}

# %% 8.3 wrong: the penalty on both | penalise W2, too
def mlp_loss_and_grads(p, X, Y):
    N = len(X)
    Z = X @ p["W1"] + p["b1"]
    H = np.maximum(Z, 0)
    R = H @ p["W2"] + p["b2"] - Y
    loss = np.sum(R**2) / (2 * N) + p["lam"] / 2 * (np.sum(p["W1"] ** 2) + np.sum(p["W2"] ** 2))
    dZ = R / N @ p["W2"].T * (Z > 0)
    W1, W2 = X.T @ dZ + p["lam"] * p["W1"], H.T @ R / N + p["lam"] * p["W2"]
    return loss, {"W1": W1, "b1": dZ.sum(0), "W2": W2, "b2": R.sum(0) / N}

# %% 8.3 wrong: a penalty with a 2 | lam/2 times w²
def mlp_loss_and_grads(p, X, Y):
    N = len(X)
    Z = X @ p["W1"] + p["b1"]
    H = np.maximum(Z, 0)
    R = H @ p["W2"] + p["b2"] - Y
    loss = np.sum(R**2) / (2 * N) + p["lam"] / 2 * np.sum(p["W1"] ** 2)
    dZ = R / N @ p["W2"].T * (Z > 0)
    return loss, {"W1": X.T @ dZ + 2 * p["lam"] * p["W1"], "b1": dZ.sum(0), "W2": H.T @ R / N, "b2": R.sum(0) / N}

# %% 8.3 wrong: the mask by the adjoint | adjoints may be negative
def mlp_loss_and_grads(p, X, Y):
    N = len(X)
    Z = X @ p["W1"] + p["b1"]
    H = np.maximum(Z, 0)
    R = H @ p["W2"] + p["b2"] - Y
    loss = np.sum(R**2) / (2 * N) + p["lam"] / 2 * np.sum(p["W1"] ** 2)
    dH = R / N @ p["W2"].T
    dZ = dH * (dH > 0)
    return loss, {"W1": X.T @ dZ + p["lam"] * p["W1"], "b1": dZ.sum(0), "W2": H.T @ R / N, "b2": R.sum(0) / N}

# %% 8.3 wrong: a missing transpose | Two shapes don't fit
def mlp_loss_and_grads(p, X, Y):
    N = len(X)
    Z = X @ p["W1"] + p["b1"]
    H = np.maximum(Z, 0)
    R = H @ p["W2"] + p["b2"] - Y
    loss = np.sum(R**2) / (2 * N) + p["lam"] / 2 * np.sum(p["W1"] ** 2)
    dZ = R / N @ p["W2"] * (Z > 0)
    return loss, {"W1": X.T @ dZ + p["lam"] * p["W1"], "b1": dZ.sum(0), "W2": H.T @ R / N, "b2": R.sum(0) / N}

# %% 8.3 wrong: differences | first digits
def mlp_loss_and_grads(p, X, Y):
    def loss(q):
        O = np.maximum(0, X @ q["W1"] + q["b1"]) @ q["W2"] + q["b2"]
        return np.sum((O - Y) ** 2) / (2 * len(X)) + q["lam"] / 2 * np.sum(q["W1"] ** 2)
    grads = {}
    for name in ("W1", "b1", "W2", "b2"):
        grads[name] = np.zeros(p[name].shape)
        for place in np.ndindex(p[name].shape):
            up, down = p[name].copy(), p[name].copy()
            up[place] += 1e-5
            down[place] -= 1e-5
            grads[name][place] = (loss({**p, name: up}) - loss({**p, name: down})) / 2e-5
    return loss(p), grads

# %% 8.3 wrong: the sum of the parts of W1 goes into W1 itself | an optimiser will step
def mlp_loss_and_grads(p, X, Y):
    N = len(X)
    Z = X @ p["W1"] + p["b1"]
    H = np.maximum(Z, 0)
    R = H @ p["W2"] + p["b2"] - Y
    loss = np.sum(R**2) / (2 * N) + p["lam"] / 2 * np.sum(p["W1"] ** 2)
    dZ = R / N @ p["W2"].T * (Z > 0)
    dW1 = p["W1"]
    dW1 *= p["lam"]
    dW1 += X.T @ dZ
    return loss, {"W1": dW1, "b1": dZ.sum(0), "W2": H.T @ R / N, "b2": R.sum(0) / N}

# %% 8.3 wrong: lam has a gradient, too | W1 is used twice
def mlp_loss_and_grads(p, X, Y):
    N = len(X)
    Z = X @ p["W1"] + p["b1"]
    H = np.maximum(Z, 0)
    R = H @ p["W2"] + p["b2"] - Y
    loss = np.sum(R**2) / (2 * N) + p["lam"] / 2 * np.sum(p["W1"] ** 2)
    dZ = R / N @ p["W2"].T * (Z > 0)
    grads = {"W1": X.T @ dZ + p["lam"] * p["W1"], "b1": dZ.sum(0), "W2": H.T @ R / N, "b2": R.sum(0) / N}
    return loss, grads | {"lam": np.sum(p["W1"] ** 2) / 2}

# %% 8.3 wrong: a tuple in place of a dict | W1 is used twice
def mlp_loss_and_grads(p, X, Y):
    N = len(X)
    Z = X @ p["W1"] + p["b1"]
    H = np.maximum(Z, 0)
    R = H @ p["W2"] + p["b2"] - Y
    loss = np.sum(R**2) / (2 * N) + p["lam"] / 2 * np.sum(p["W1"] ** 2)
    dZ = R / N @ p["W2"].T * (Z > 0)
    return loss, (X.T @ dZ + p["lam"] * p["W1"], dZ.sum(0), H.T @ R / N, R.sum(0) / N)

# %% 8.3 wrong: the gradients alone | W1 is used twice
def mlp_loss_and_grads(p, X, Y):
    N = len(X)
    Z = X @ p["W1"] + p["b1"]
    H = np.maximum(Z, 0)
    R = H @ p["W2"] + p["b2"] - Y
    dZ = R / N @ p["W2"].T * (Z > 0)
    return {"W1": X.T @ dZ + p["lam"] * p["W1"], "b1": dZ.sum(0), "W2": H.T @ R / N, "b2": R.sum(0) / N}

# %% 8.3 wrong: a key that is not there | the keys 'W1'
def mlp_loss_and_grads(p, X, Y):
    Z = X @ p["w1"] + p["b1"]
    return 0.0, {}

# %% 8.4 right: entry by entry
def grad_check(f, g, x):
    x = np.array(x, dtype=float)
    ana, worst, h = g(x), 0.0, 1e-5
    for i in range(len(x)):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        num = (f(up) - f(down)) / (2 * h)
        if num != 0 or ana[i] != 0:
            worst = max(worst, abs(num - ana[i]) / max(abs(num), abs(ana[i])))
    return worst

# %% 8.4 right: arrays, with np.where
def grad_check(f, g, x):
    h = 3e-6
    num = np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])
    ana = np.asarray(g(x))
    size = np.maximum(abs(num), abs(ana))
    return np.max(np.where(size > 0, abs(num - ana), 0) / np.where(size > 0, size, 1))

# %% 8.4 right: a step that fits the entry, and a restored copy
def grad_check(f, g, x):
    ana = np.array(g(x))
    y = np.asarray(x).astype(float)
    errors = []
    for i in range(y.size):
        keep, h = y[i], 1e-5 * max(1.0, abs(y[i]))
        y[i] = keep + h
        above = f(y)
        y[i] = keep - h
        below = f(y)
        y[i] = keep
        num = (above - below) / 2 / h
        errors.append(0 if num == ana[i] == 0 else abs(num - ana[i]) / max(abs(num), abs(ana[i])))
    return np.float64(max(errors))

# %% 8.4 right: nan taken for 0
def grad_check(f, g, x):
    h = 1e-4
    num = [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))]
    both = np.abs([num, g(x)])
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(abs(num - g(x)) / both.max(axis=0)).max()

# %% 8.4 right: a denominator that is never quite 0
def grad_check(f, g, x):
    h, tiny = 1e-6, np.finfo(float).tiny
    worst = 0
    for e, a in zip(np.identity(len(x)), g(x)):
        n = (f(x + h * e) - f(x - h * e)) / (2 * h)
        worst = max(worst, abs(n - a) / max(abs(n), abs(a), tiny))
    return float(worst)

# %% 8.4 wrong: absolute | cannot see small gradients
def grad_check(f, g, x):
    h = 1e-5
    return max(abs((f(x + h * e) - f(x - h * e)) / (2 * h) - a) for e, a in zip(np.eye(len(x)), g(x)))

# %% 8.4 wrong: 0/0 | 0/0 is nan
def grad_check(f, g, x):
    h = 1e-5
    num = np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])
    ana = g(x)
    return np.max(abs(num - ana) / np.maximum(abs(num), abs(ana)))

# %% 8.4 wrong: 0/0 of Python's floats | 0/0 is nan
def grad_check(f, g, x):
    h, worst = 1e-5, 0.0
    for e, a in zip(np.eye(len(x)), g(x)):
        n = float((f(x + h * e) - f(x - h * e)) / (2 * h))
        worst = max(worst, abs(n - float(a)) / max(abs(n), abs(float(a))))
    return worst

# %% 8.4 wrong: a floor of 1e-8 | hides what is smaller
def grad_check(f, g, x):
    h = 1e-5
    num = np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])
    ana = g(x)
    return np.max(abs(num - ana) / np.maximum(1e-8, np.maximum(abs(num), abs(ana))))

# %% 8.4 wrong: as an old version of the course has it | hides what is smaller
def grad_check(f, g, x):
    h = 1e-5
    num = np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])
    ana = g(x)
    return np.max(abs(num - ana) / np.maximum(1e-8, abs(num) + abs(ana)))

# %% 8.4 wrong: 1e-12 in the denominator | hides what is smaller
def grad_check(f, g, x):
    h = 1e-5
    num = np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])
    ana = g(x)
    return np.max(abs(num - ana) / (np.maximum(abs(num), abs(ana)) + 1e-12))

# %% 8.4 wrong: by the sum | larger of |num| and |ana|
def grad_check(f, g, x):
    h, errors = 1e-5, [0.0]
    for e, a in zip(np.eye(len(x)), g(x)):
        n = (f(x + h * e) - f(x - h * e)) / (2 * h)
        if abs(n) + abs(a) > 0:
            errors.append(abs(n - a) / (abs(n) + abs(a)))
    return max(errors)

# %% 8.4 wrong: of the norms | hides behind the large
def grad_check(f, g, x):
    h = 1e-5
    num = np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])
    ana = g(x)
    size = max(np.linalg.norm(num), np.linalg.norm(ana))
    return np.linalg.norm(num - ana) / size if size else 0.0

# %% 8.4 wrong: forward differences | Is it a central difference
def grad_check(f, g, x):
    h, worst = 1e-6, 0.0
    for e, a in zip(np.eye(len(x)), g(x)):
        n = (f(x + h * e) - f(x)) / h
        if n or a:
            worst = max(worst, abs(n - a) / max(abs(n), abs(a)))
    return worst

# %% 8.4 wrong: forward differences at their best step | Is it a central difference
def grad_check(f, g, x):
    h, worst = 1.5e-8, 0.0
    for e, a in zip(np.eye(len(x)), g(x)):
        n = (f(x + h * e) - f(x)) / h
        if n or a:
            worst = max(worst, abs(n - a) / max(abs(n), abs(a)))
    return worst

# %% 8.4 wrong: a step of 0.01 | step too long
def grad_check(f, g, x):
    h, worst = 0.01, 0.0
    for e, a in zip(np.eye(len(x)), g(x)):
        n = (f(x + h * e) - f(x - h * e)) / (2 * h)
        if n or a:
            worst = max(worst, abs(n - a) / max(abs(n), abs(a)))
    return worst

# %% 8.4 wrong: a step of 1e-11 | or too short
def grad_check(f, g, x):
    h, worst = 1e-11, 0.0
    for e, a in zip(np.eye(len(x)), g(x)):
        n = (f(x + h * e) - f(x - h * e)) / (2 * h)
        if n or a:
            worst = max(worst, abs(n - a) / max(abs(n), abs(a)))
    return worst

# %% 8.4 wrong: the mean | average over the entries
def grad_check(f, g, x):
    h, errors = 1e-5, []
    for e, a in zip(np.eye(len(x)), g(x)):
        n = (f(x + h * e) - f(x - h * e)) / (2 * h)
        errors.append(abs(n - a) / max(abs(n), abs(a)) if n or a else 0.0)
    return sum(errors) / len(errors)

# %% 8.4 wrong: zeros are skipped | leave out entries
def grad_check(f, g, x):
    h, worst = 1e-5, 0.0
    for e, a in zip(np.eye(len(x)), g(x)):
        n = (f(x + h * e) - f(x - h * e)) / (2 * h)
        if n == 0 or a == 0:
            continue
        worst = max(worst, abs(n - a) / max(abs(n), abs(a)))
    return worst

# %% 8.4 wrong: steps in the caller's x | belongs to the caller
def grad_check(f, g, x):
    h, worst = 1e-5, 0.0
    ana = g(x)
    x = x if x.dtype == float else x.astype(float)
    for i in range(len(x)):
        x[i] += h
        up = f(x)
        x[i] -= 2 * h
        n = (up - f(x)) / (2 * h)
        x[i] += h
        if n or ana[i]:
            worst = max(worst, abs(n - ana[i]) / max(abs(n), abs(ana[i])))
    return worst

# %% 8.4 wrong: integers | integers keeps integers
def grad_check(f, g, x):
    h, worst, ana = 1e-5, 0.0, g(x)
    for i in range(len(x)):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        n = (f(up) - f(down)) / (2 * h)
        if n or ana[i]:
            worst = max(worst, abs(n - ana[i]) / max(abs(n), abs(ana[i])))
    return worst

# %% 8.4 wrong: the sign of the difference | negative counts as no error
def grad_check(f, g, x):
    h, worst = 1e-5, 0.0
    for e, a in zip(np.eye(len(x)), g(x)):
        n = (f(x + h * e) - f(x - h * e)) / (2 * h)
        if n or a:
            worst = max(worst, (n - a) / max(abs(n), abs(a)))
    return worst

# %% 8.4 wrong: g is not called | need brackets
def grad_check(f, g, x):
    h, worst = 1e-5, 0.0
    for i, e in enumerate(np.eye(len(x))):
        n = (f(x + h * e) - f(x - h * e)) / (2 * h)
        worst = max(worst, abs(n - g[i]))
    return worst

# %% 8.4 wrong: always content | whatever g is
def grad_check(f, g, x):
    return 0.0

# %% 8.5 right: a reverse sweep
def step_size_gradient(alpha, x0):
    xs = [x0]
    for k in range(10):
        xs.append(xs[-1] - alpha * xs[-1])
    x_bar, alpha_bar = xs[10], 0.0
    for k in reversed(range(10)):
        alpha_bar += -np.dot(x_bar, xs[k])
        x_bar = x_bar * (1 - alpha)
    return np.dot(xs[10], xs[10]) / 2, alpha_bar

# %% 8.5 right: the package
def step_size_gradient(alpha, x0):
    import adcourse
    def L(alpha):
        x = np.array(x0, float)
        for _ in range(10):
            x = x - alpha * x
        return np.sum(x * x) / 2
    return adcourse.value_and_grad(L)(float(alpha))

# %% 8.5 right: the formula
def step_size_gradient(alpha, x0):
    s = float(np.sum(np.square(x0, dtype=float)))
    return (1 - alpha) ** 20 * s / 2, -10 * (1 - alpha) ** 19 * s

# %% 8.5 right: a tangent forwards
def step_size_gradient(alpha, x0):
    x, x_dot = np.array(x0, float), np.zeros(len(x0))
    for _ in range(10):
        x, x_dot = x - alpha * x, x_dot - x - alpha * x_dot
    return [np.sum(x**2) / 2, np.sum(x * x_dot)]

# %% 8.5 right: recursion, on lists
def step_size_gradient(alpha, x0):
    def back(x, steps):
        if steps == 0:
            return sum(v * v for v in x) / 2, list(x), 0.0
        L, bar, total = back([v - alpha * v for v in x], steps - 1)
        return L, [(1 - alpha) * b for b in bar], total - sum(b * v for b, v in zip(bar, x))
    L, _, slope = back([float(v) for v in x0], 10)
    return L, slope

# %% 8.5 right: one alpha for each step
def step_size_gradient(alpha, x0):
    points = [np.asarray(x0) * (1.0 - alpha) ** k for k in range(11)]
    bars = [None] * 10 + [points[10]]
    alphas = np.zeros(10)
    for k in range(9, -1, -1):
        alphas[k] = (bars[k + 1] * -points[k]).sum()
        bars[k] = bars[k + 1] - alpha * bars[k + 1]
    return (points[10] ** 2).sum() / 2, alphas.sum()

# %% 8.5 wrong: divides by 1 - alpha | divide by 1 - alpha
def step_size_gradient(alpha, x0):
    x = np.array(x0, float)
    for _ in range(10):
        x = (1 - alpha) * x
    L = np.sum(x * x) / 2
    return L, -20 * L / (1 - alpha)

# %% 8.5 wrong: divides Python's floats | divide by 1 - alpha
def step_size_gradient(alpha, x0):
    L = float(sum(v * v for v in x0)) * (1 - alpha) ** 20 / 2
    return L, -20 * float(L) / float(1 - alpha)

# %% 8.5 wrong: the sign | The sign
def step_size_gradient(alpha, x0):
    xs = [x0]
    for k in range(10):
        xs.append(xs[-1] - alpha * xs[-1])
    x_bar, alpha_bar = xs[10], 0.0
    for k in reversed(range(10)):
        alpha_bar += np.dot(x_bar, xs[k])
        x_bar = x_bar * (1 - alpha)
    return np.dot(xs[10], xs[10]) / 2, alpha_bar

# %% 8.5 wrong: = for += | Every use of a value
def step_size_gradient(alpha, x0):
    xs = [x0]
    for k in range(10):
        xs.append(xs[-1] - alpha * xs[-1])
    x_bar = xs[10]
    for k in reversed(range(10)):
        alpha_bar = -np.dot(x_bar, xs[k])
        x_bar = x_bar * (1 - alpha)
    return np.dot(xs[10], xs[10]) / 2, alpha_bar

# %% 8.5 wrong: the last step alone | Every use of a value
def step_size_gradient(alpha, x0):
    x = np.array(x0, float)
    for _ in range(9):
        x = x - alpha * x
    last = x - alpha * x
    return last @ last / 2, -last @ x

# %% 8.5 wrong: the adjoint stays | one of the two factors
def step_size_gradient(alpha, x0):
    xs = [x0]
    for k in range(10):
        xs.append(xs[-1] - alpha * xs[-1])
    return xs[10] @ xs[10] / 2, -sum(xs[10] @ x for x in xs[:10])

# %% 8.5 wrong: x_bar first | one step off
def step_size_gradient(alpha, x0):
    xs = [x0]
    for k in range(10):
        xs.append(xs[-1] - alpha * xs[-1])
    x_bar, alpha_bar = xs[10], 0.0
    for k in reversed(range(10)):
        x_bar = x_bar * (1 - alpha)
        alpha_bar -= np.dot(x_bar, xs[k])
    return np.dot(xs[10], xs[10]) / 2, alpha_bar

# %% 8.5 wrong: the point after the step | one step off
def step_size_gradient(alpha, x0):
    xs = [x0]
    for k in range(10):
        xs.append(xs[-1] - alpha * xs[-1])
    x_bar, alpha_bar = xs[10], 0.0
    for x in reversed(xs[1:]):
        alpha_bar -= np.dot(x_bar, x)
        x_bar = x_bar * (1 - alpha)
    return np.dot(xs[10], xs[10]) / 2, alpha_bar

# %% 8.5 wrong: through the gradient alone | through the gradient and not
def step_size_gradient(alpha, x0):
    xs = [x0]
    for k in range(10):
        xs.append(xs[-1] - alpha * xs[-1])
    x_bar, alpha_bar = xs[10], 0.0
    for k in reversed(range(10)):
        alpha_bar -= x_bar @ xs[k]
        x_bar = -alpha * x_bar
    return xs[10] @ xs[10] / 2, alpha_bar

# %% 8.5 wrong: starts with ones | starts with ones
def step_size_gradient(alpha, x0):
    xs = [x0]
    for k in range(10):
        xs.append(xs[-1] - alpha * xs[-1])
    x_bar, alpha_bar = np.ones(len(x0)), 0.0
    for k in reversed(range(10)):
        alpha_bar -= x_bar @ xs[k]
        x_bar = x_bar * (1 - alpha)
    return xs[10] @ xs[10] / 2, alpha_bar

# %% 8.5 wrong: nine steps | nine steps
def step_size_gradient(alpha, x0):
    s = float(np.dot(x0, x0))
    return s / 2 * (1 - alpha) ** 18, -9 * s * (1 - alpha) ** 17

# %% 8.5 wrong: no half | The 1/2 is missing
def step_size_gradient(alpha, x0):
    s = float(np.dot(x0, x0))
    return s * (1 - alpha) ** 20, -20 * s * (1 - alpha) ** 19

# %% 8.5 wrong: a difference quotient | first digits
def step_size_gradient(alpha, x0):
    L = lambda a: float(np.dot(x0, x0)) / 2 * (1 - a) ** 20
    return L(alpha), (L(alpha + 1e-6) - L(alpha - 1e-6)) / 2e-6

# %% 8.5 wrong: a slope for each coordinate | slope for each coordinate
def step_size_gradient(alpha, x0):
    xs = [x0]
    for k in range(10):
        xs.append(xs[-1] - alpha * xs[-1])
    x_bar, alpha_bar = xs[10], 0.0
    for k in reversed(range(10)):
        alpha_bar = alpha_bar - x_bar * xs[k]
        x_bar = x_bar * (1 - alpha)
    return np.dot(xs[10], xs[10]) / 2, alpha_bar

# %% 8.5 wrong: writes into x0 | belongs to the caller
def step_size_gradient(alpha, x0):
    x, xs = x0, [np.array(x0, float)]
    for k in range(10):
        x[...] = (1 - alpha) * xs[-1] if x.dtype == float else x
        xs.append((1 - alpha) * xs[-1])
    s = xs[10] @ xs[10]
    return s / 2, -10 * xs[9] @ xs[10]

# %% 8.5 wrong: all points are one array | Print the points that you have kept
def step_size_gradient(alpha, x0):
    x, xs = np.array(x0, float), []
    for k in range(10):
        xs.append(x)
        x -= alpha * x
    x_bar, alpha_bar = x.copy(), 0.0
    for k in reversed(range(10)):
        alpha_bar -= np.dot(x_bar, xs[k])
        x_bar = x_bar * (1 - alpha)
    return np.dot(x, x) / 2, alpha_bar

# %% 8.5 wrong: the slope alone | The loss was asked for as well
def step_size_gradient(alpha, x0):
    return -10 * (1 - alpha) ** 19 * float(np.dot(x0, x0))

# %% 8.5 wrong: the sign, and no half | The sign
def step_size_gradient(alpha, x0):
    s = float(np.dot(x0, x0))
    return s * (1 - alpha) ** 20 / 2, 20 * s * (1 - alpha) ** 19

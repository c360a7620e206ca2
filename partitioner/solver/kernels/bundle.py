"""The quadratic programme of a proximal bundle step, over the shares of the known cuts."""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel

RIDGE = 1e-12  # of the mean diagonal: keeps factors of nearly equal cuts apart from zero


@kernel
def best_shares(gram, error, length):
    """Least length/2 |Σ a_i g_i|² + Σ a_i e_i over a ≥ 0, Σ a_i = 1: an active set method, exact up to rounding.

    Parameters
    ----------
    gram : float array, shape (m, m)
        Products of the gradients g_i.
    error : float array, shape (m,)
        The e_i.
    length : float
        Above 0.

    Returns
    -------
    float array, shape (m,)
    """
    num = len(error)
    share = np.zeros(num)
    active = np.empty(num, dtype=np.int64)
    used = np.zeros(num, dtype=np.bool_)
    scale = 0.0
    for i in range(num):
        scale += gram[i, i]
    ridge = RIDGE * (length * scale / num + 1e-300)
    first = 0
    for i in range(num):
        if length / 2 * gram[i, i] + error[i] < length / 2 * gram[first, first] + error[first]:
            first = i
    active[0] = first
    used[first] = True
    share[first] = 1.0
    count = 1
    factor = np.empty((num, num))
    x = np.empty(num)
    y = np.empty(num)
    for _ in range(6 * num + 6):
        # Best shares of the active cuts, whatever their sign: Cholesky, one solve for the costs, one for the sum.
        if not factorise(gram, length, ridge, active, count, factor):
            break
        for i in range(count):
            x[i] = -error[active[i]]
            y[i] = 1.0
        substitute(factor, count, x)
        substitute(factor, count, y)
        sum_x = 0.0
        sum_y = 0.0
        for i in range(count):
            sum_x += x[i]
            sum_y += y[i]
        level = (1.0 - sum_x) / sum_y
        way = 1.0
        leaving = -1
        for i in range(count):
            x[i] += level * y[i]
            now = share[active[i]]
            if x[i] <= 0.0 and now - x[i] > 0.0 and now / (now - x[i]) < way:
                way = now / (now - x[i])
                leaving = i
        for i in range(count):
            share[active[i]] += way * (x[i] - share[active[i]])
        if leaving >= 0:
            share[active[leaving]] = 0.0
            used[active[leaving]] = False
            for i in range(leaving, count - 1):
                active[i] = active[i + 1]
            count -= 1
            continue
        # Optimal on the active cuts; the cut that promises most comes in.
        best = -1e-9 * (abs(level) + 1e-300)
        entering = -1
        for j in range(num):
            if used[j]:
                continue
            slope = error[j] - level
            for i in range(count):
                slope += length * gram[j, active[i]] * share[active[i]]
            if slope < best:
                best = slope
                entering = j
        if entering < 0:
            break
        active[count] = entering
        used[entering] = True
        count += 1
    total = 0.0
    for i in range(num):
        share[i] = max(share[i], 0.0)
        total += share[i]
    return share / total


@kernel
def factorise(gram, length, ridge, active, count, factor):
    """Cholesky factor of length·gram + ridge over the active cuts; False where rounding makes it fail."""
    for i in range(count):
        for j in range(i + 1):
            value = length * gram[active[i], active[j]]
            if i == j:
                value += ridge
            for k in range(j):
                value -= factor[i, k] * factor[j, k]
            if i == j:
                if value <= 0.0:
                    return False
                factor[i, i] = np.sqrt(value)
            else:
                factor[i, j] = value / factor[j, j]
    return True


@kernel
def substitute(factor, count, x):
    """Solve with the factor and its transpose, in place."""
    for i in range(count):
        for k in range(i):
            x[i] -= factor[i, k] * x[k]
        x[i] /= factor[i, i]
    for i in range(count - 1, -1, -1):
        for k in range(i + 1, count):
            x[i] -= factor[k, i] * x[k]
        x[i] /= factor[i, i]


@kernel
def products(gradient, count, which, row):
    """Products of gradient `which` with the first `count` ones, written to `row`."""
    for i in range(count):
        total = 0.0
        for v in range(gradient.shape[1]):
            total += gradient[which, v] * gradient[i, v]
        row[i] = total

"""The fitting process: limits itself, reads one table from its input, and says how far it is and what it found, one JSON object a line.

In: {"sizes": [how many categories each field has], "rows": [[category of each field]], "outcomes": [0 or 1], "rivals": {name: [a number each]},
"ready": [names], "older": n}. The first `older` rows are fitted, the rest is held out. A rival is another way to order the same rows: it is
calibrated on the older ones (one that is ready gives log odds already) and measured on those held out, as the model is.
Out: {"model": {"weights": [[of each category] of each field], "usual": [of each field], "intercept": b, "map": [a, c], "strength": C},
"report": {name: figures}}. chance = 1 / (1 + exp(-(a * (b + weights) + c))).
"""

import json
import resource
import sys
from typing import Any

MEMORY = 2 * 1024 * 1024 * 1024
SECONDS = 240
STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
FOLDS, SEED = 5, 20
BINS = 10


def main() -> None:
    """Reads the table, writes the answer."""
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))
    say(answer_of(json.load(sys.stdin)))


def say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, allow_nan=False) + "\n")
    sys.stdout.flush()


def answer_of(table: dict[str, Any], told: Any = say) -> dict[str, Any]:
    """The model and what it is worth on the rows that it never saw."""
    import numpy as np

    outcomes, older = np.asarray(table["outcomes"], dtype=int), int(table["older"])
    if min(_fewer(outcomes[:older]), _fewer(outcomes[older:])) < FOLDS:
        return {"refused": "one_sided"}
    wide = _wide(table["sizes"], table["rows"])
    strength, unseen = _strength(wide[:older], outcomes[:older], told)
    model = _logistic(strength).fit(wide[:older], outcomes[:older])
    chances, report = {}, {}
    mapped = _mapped(unseen, outcomes[:older])
    chances["model"] = (wide[older:] @ model.coef_[0] + model.intercept_[0], mapped)
    for name, values in table.get("rivals", {}).items():
        numbers = np.nan_to_num(np.asarray(values, dtype=float), nan=0.0, posinf=0.0, neginf=0.0)
        chances[name] = (numbers[older:], (1.0, 0.0) if name in table.get("ready", ()) else _mapped(numbers[:older], outcomes[:older]))
    for name, (numbers, (a, c)) in chances.items():
        report[name] = _figures(numbers, _chance(a * numbers + c), outcomes[older:])
    report["average"] = {"brier": float(np.mean((outcomes[older:] - outcomes[:older].mean()) ** 2))}
    return {"model": _plain(table["sizes"], model, mapped, wide[:older], strength), "report": report}


def _fewer(outcomes: Any) -> int:
    """How many there are of the rarer outcome."""
    return int(min(outcomes.sum(), len(outcomes) - outcomes.sum()))


def _wide(sizes: list[int], rows: list[list[int]]) -> Any:
    """A column for each category of each field, 1 where a row has it."""
    import numpy as np
    from scipy.sparse import csr_matrix

    found = np.asarray(rows, dtype=int).reshape(len(rows), len(sizes)) + np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(int)
    ends = np.arange(len(rows) + 1) * len(sizes)
    return csr_matrix((np.ones(found.size), found.ravel(), ends), shape=(len(rows), int(sum(sizes))))


def _logistic(strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, solver="lbfgs", max_iter=2000, tol=1e-6)


def _strength(wide: Any, outcomes: Any, told: Any) -> tuple[float, Any]:
    """How freely the weights may move, by what each says of the folds that it did not see; and what the best said of them."""
    import numpy as np
    from sklearn.metrics import log_loss
    from sklearn.model_selection import StratifiedKFold

    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(np.zeros(len(outcomes)), outcomes))
    best: tuple[float, float, Any] | None = None
    for number, strength in enumerate(STRENGTHS):
        unseen = np.zeros(len(outcomes))
        for place, (fit, left) in enumerate(folds):
            model = _logistic(strength).fit(wide[fit], outcomes[fit])
            unseen[left] = wide[left] @ model.coef_[0] + model.intercept_[0]
            told({"share": (number * FOLDS + place + 1) / (len(STRENGTHS) * FOLDS)})
        loss = log_loss(outcomes, _chance(unseen))
        if best is None or loss < best[0] - 1e-9:
            best = (loss, strength, unseen)
    return best[1], best[2]


def _mapped(numbers: Any, outcomes: Any) -> tuple[float, float]:
    """(a, c) of the chance 1 / (1 + exp(-(a * number + c))): what a number promised against what came of it (Platt). Never turned around."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    spread, middle = float(np.std(numbers)), float(np.mean(numbers))
    if spread < 1e-9:
        rate = float(outcomes.mean())
        return 0.0, float(np.log(rate / (1 - rate)))
    line = LogisticRegression(C=1e6, max_iter=1000).fit(((numbers - middle) / spread).reshape(-1, 1), outcomes)
    a = float(line.coef_[0][0]) / spread
    if a < 0:
        rate = float(outcomes.mean())
        return 0.0, float(np.log(rate / (1 - rate)))
    return a, float(line.intercept_[0]) - a * middle


def _chance(numbers: Any) -> Any:
    from scipy.special import expit

    return expit(numbers)


def _figures(numbers: Any, chances: Any, outcomes: Any) -> dict[str, Any]:
    """right: of one who came and one who did not, how often the first stands higher. brier: the mean squared error of the chances. top: of the
    highest fifth, how many came; of: of all. bins: of each ten per cent of chance, how many, what was promised and what came."""
    import numpy as np
    from sklearn.metrics import brier_score_loss, roc_auc_score

    top = np.argsort(-numbers, kind="stable")[: max(1, len(numbers) // 5)]
    places = np.minimum((chances * BINS).astype(int), BINS - 1)
    bins = [
        {"from": n * 100 // BINS, "count": int(some.sum()), "promised": float(chances[some].mean()), "came": float(outcomes[some].mean())}
        for n in range(BINS) if (some := places == n).any()
    ]
    return {"right": float(roc_auc_score(outcomes, numbers)), "brier": float(brier_score_loss(outcomes, chances)), "top": float(outcomes[top].mean()), "of": float(outcomes.mean()), "bins": bins}


def _plain(sizes: list[int], model: Any, mapped: tuple[float, float], wide: Any, strength: float) -> dict[str, Any]:
    """The weights by field, and what each field gives in the mean of the rows fitted."""
    import numpy as np

    weights = model.coef_[0]
    shares = np.asarray(wide.mean(axis=0)).ravel()
    cuts = np.cumsum(sizes)[:-1]
    return {
        "weights": [[round(float(one), 6) for one in part] for part in np.split(weights, cuts)],
        "usual": [round(float(part.sum()), 6) for part in np.split(weights * shares, cuts)],
        "intercept": round(float(model.intercept_[0]), 6), "map": [round(mapped[0], 6), round(mapped[1], 6)], "strength": strength,
    }

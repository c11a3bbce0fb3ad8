"""The next trial by a tree-structured Parzen estimator (Bergstra et al., 2011), as Optuna has it.

Optuna is told of every trial so far each time, and keeps nothing: what a sweep goes on from are its records.
"""

import warnings
from collections.abc import Sequence
from typing import Any

from experiment.config import fingerprint
from experiment.study.sweep import Range, Sweep, Value, Values, fits

HOW_TO_INSTALL = (
    "the sampler tpe needs Optuna, which is not installed. Install it into the project's environment with "
    '`.venv/bin/pip install "optuna>=5,<6"`, or take sampler = "random".'
)


def suggest(sweep: Sweep, trials: Sequence[tuple[Values, float | None]]) -> Values:
    """Values for the next trial.

    Args:
        trials: (values, mean progress, 0 to 1) of those so far; None: not finished yet, by whomever it is being run.

    Raises:
        ValueError: Optuna is not installed.
    """
    optuna = import_optuna()
    domains = {f"{stage} {option}": _distribution(optuna, domain) for stage, option, domain in sweep.places()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # both options of the sampler are called experimental
        # joint densities, because options depend on each other; unfinished trials count as bad, so that several
        # processes do not try the same
        sampler = optuna.samplers.TPESampler(
            seed=int(fingerprint(sweep.seed, len(trials)), 16), multivariate=True, constant_liar=True
        )
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for values, progress in trials:
        if fits(sweep, values):
            study.add_trial(_told(optuna, domains, values, progress))
    chosen = study.ask(domains).params
    return _values(sweep, chosen)


def import_optuna() -> Any:
    """The library; ValueError says how to install it where it is not."""
    try:
        import optuna
    except ImportError as error:
        raise ValueError(HOW_TO_INSTALL) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _distribution(optuna: Any, domain: Range | list[Value]) -> Any:
    if isinstance(domain, list):
        return optuna.distributions.CategoricalDistribution(domain)
    if domain.whole:
        return optuna.distributions.IntDistribution(domain.low, domain.high, log=domain.log)
    return optuna.distributions.FloatDistribution(domain.low, domain.high, log=domain.log)


def _told(optuna: Any, domains: dict[str, Any], values: Values, progress: float | None) -> Any:
    params = {f"{stage} {option}": value for stage, options in values.items() for option, value in options.items()}
    state = optuna.trial.TrialState.RUNNING if progress is None else optuna.trial.TrialState.COMPLETE
    return optuna.trial.create_trial(params=params, distributions=domains, value=progress, state=state)


def _values(sweep: Sweep, chosen: dict[str, Value]) -> Values:
    values: Values = {}
    for stage, option, domain in sweep.places():
        value = chosen[f"{stage} {option}"]
        if isinstance(domain, Range) and isinstance(value, int | float):
            value = domain.rounded(value)
        values.setdefault(stage, {})[option] = value
    return values

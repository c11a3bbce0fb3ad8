"""DAgger (Ross et al. 2011, arXiv:1011.0686): the policy plays, a planner shows the way on where it fails, and that is learnt.

Starts from a clone. In every round the policy plays takes of every act; where it dies or gets stuck, the search player takes
the pad until the trouble lies behind (record.search.correction). All that it showed so far is learnt beside the
demonstrations by the loss of cloning. Departures: only what the search player really pressed is a label, as it does not say
what it would press in every state that the policy visits; and the network goes on from where it is, at a learning rate that
falls along a cosine in the course of the run, instead of being trained anew after every round.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from dataset.batches import gather
from dataset.weights import RARE_COMBO_POWER, STEADY_SHARE
from experiment.run import portable
from finetune.dagger.config import Config
from finetune.dagger.lessons import Examples, Exercise, Lesson, Revision, Take, give_lesson, look_again
from finetune.demonstrated import DemonstratedWindows, find_demonstrated, taught_to
from finetune.split import movies_beside
from game.acts import training_acts
from game.rollout import Episode
from game.seeds import Stream, stream, training_seed
from game.tasks import run_all
from policy.checkpoint import Checkpoint, from_named, load_checkpoint, named, save_checkpoint
from policy.device import assign, prepare
from policy.keras_network import build_network, split_variables
from record.search.pad import STEP
from training.losses import cloning_loss

LOWEST_RATE = 0.05
"""Of the learning rate, at the end of the run."""
LOSS_NAMES = ("demonstrations", "corrections")


class Dagger:
    """The learner (training.loop.Learner). Restored from a checkpoint, it goes on to the same numbers."""

    def __init__(self, config: Config, parent: Checkpoint | None) -> None:
        if parent is None or parent.info.kind != "network":
            received = "--init none" if parent is None else f"a checkpoint of kind {parent.info.kind}"
            raise ValueError(f"DAgger corrects a clone's play and needs one to begin with. Received: {received}")
        if config.frame_skip != STEP:
            raise ValueError(
                f"The search player shows steps of {STEP} frames. Received: --frame-skip {config.frame_skip}"
            )
        self.config = config
        self.info = parent.info
        self.parent = parent
        self.device = prepare(config.seed, config.precision)
        parent.info.network.check_policy()
        parent.info.network.check_memoryless("DAgger")
        self.network = build_network(parent.info.network, parent.info.observation, len(parent.info.combos))
        self.network.set_weights(parent.weights)
        self.taught, _ = split_variables(self.network)  # nothing teaches the critic
        self.schedule = keras.optimizers.schedules.CosineDecay(
            config.learning_rate, config.total_steps, alpha=LOWEST_RATE
        )
        self.optimizer = keras.optimizers.AdamW(
            config.learning_rate, weight_decay=config.weight_decay, global_clipnorm=1.0
        )
        self.optimizer.build(self.taught)
        self.demonstrated = self._find_demonstrated()
        weights = self.demonstrated.weights
        # a combo that no demonstration has is the rarest of all
        self.weights = tf.constant(np.where(weights > 0, weights, weights.max()))
        self.acts = [act.name for act in training_acts(config.acts, config.contest_split)]
        self.takes: list[Take] = []
        self.examples = Examples.none(parent.info.observation)
        self.round = 0
        self._learnt = 0
        self._under_way = 0

    @property
    def steps(self) -> int:
        """Agent steps of all takes; those of a round count as the takes end, though it takes the whole round to learn."""
        return self._learnt + self._under_way

    def _find_demonstrated(self) -> DemonstratedWindows:
        info = self.info
        taught = taught_to(self.parent)
        name = self.config.data or taught.data
        select = movies_beside(self.config, taught.select)
        dataset = find_demonstrated(name, info.observation, info.frame_skip, select)
        if dataset is None:
            raise ValueError("DAgger learns beside the demonstrations: `make dataset` makes their data set")
        dataset = replace(dataset, windows=dataset.windows.of_phases(self.config.phases, info.frame_skip))
        return DemonstratedWindows(
            dataset,
            info.action_set,
            RARE_COMBO_POWER,
            self.config.seed,
            steady_share=STEADY_SHARE,
            movie_weights=taught.weights(dataset),
        )

    def update(self) -> tuple[dict[str, float], list[Episode]]:
        """One round: takes of every act, and the gradient steps on all that was shown."""
        began = time.monotonic()
        config = self.config
        lessons: list[Lesson] = run_all(give_lesson, self._exercises(), config.crew, noted=self._note)
        self.takes += [take for lesson in lessons for take in lesson.takes]
        self._add([lesson.examples for lesson in lessons])
        acted = time.monotonic()
        metrics = self._learn(self._under_way)
        self._learnt = self.steps
        self._under_way = 0
        self.round += 1
        metrics |= {
            "lessons/corrections": float(sum(lesson.corrections for lesson in lessons)),
            "lessons/shown": float(sum(len(lesson.examples) for lesson in lessons)),
            "lessons/unaided": float(np.mean([lesson.unaided for lesson in lessons])),
            "lessons/emulated": float(sum(lesson.emulated for lesson in lessons)),
            "time/acting": acted - began,
            "time/learning": time.monotonic() - acted,
        }
        return metrics, []  # a corrected take is nobody's episode

    def _note(self, lesson: Lesson) -> None:
        """A lesson was given."""
        self._under_way += math.ceil(lesson.played / self.config.frame_skip)

    def _exercises(self) -> list[Exercise]:
        """The takes of this round: of every act, each with a seed of its own."""
        config = self.config
        rng = stream(Stream.TRIALS, config.seed, self.round)
        policy = Checkpoint(self.parent.path, self.info, named("w", self.network.get_weights()), {})
        exercises = []
        for act in self.acts * config.takes:
            exercise = Exercise(
                policy=policy,
                act=act,
                seed=training_seed(rng),
                budget=config.budget,
                most_frames=config.max_frames,
                practise=config.practise,
                phases=config.phases,
            )
            exercises.append(exercise)
        return exercises

    def _add(self, parts: list[Examples]) -> None:
        """Keep examples; those of which the action set has no combo are nothing to it."""
        known = [part.where(self.demonstrated.action_of_combo[part.labels] >= 0) for part in parts]
        self.examples = Examples.join([self.examples, *known])

    def _learn(self, steps: int) -> dict[str, float]:
        """The gradient steps of a round of so many agent steps; the mean losses."""
        config = self.config
        totals = dict.fromkeys(LOSS_NAMES, 0.0)
        for step in range(config.gradient_steps):
            self.optimizer.learning_rate = self._rate(self._learnt + steps * step / config.gradient_steps)
            losses = self._train_on_batch(*self._batch(self.round * config.gradient_steps + step))
            for name, loss in zip(LOSS_NAMES, losses, strict=True):
                totals[name] += float(loss)
        return {f"loss/{name}": total / config.gradient_steps for name, total in totals.items()}

    def _rate(self, steps: float) -> float:
        """The learning rate after so many agent steps."""
        return float(self.schedule(steps))

    def _batch(self, number: int) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, int]:
        """What gradient step `number` of the run learns from: demonstrations first, then corrections.

        Returns:
            observations uint8 [B, height, width, stack], actions int32 [B], counts float32 [B], how many of them are
            corrections.
        """
        config = self.config
        corrections = round(config.correction_share * config.batch_size) if len(self.examples) else 0
        observations, actions, counts = self.demonstrated.draw(number, config.batch_size - corrections)
        rng = stream(Stream.CORRECTIONS, config.seed, number)
        chosen = rng.integers(len(self.examples), size=corrections) if corrections else np.zeros(0, np.int64)
        shown = gather(self.examples.frames, self.examples.stacks[chosen], np.zeros((corrections, 2), np.int8))
        labels = self.demonstrated.action_of_combo[self.examples.labels[chosen]]
        return (
            tf.constant(np.concatenate([observations, shown])),
            tf.constant(np.concatenate([actions, labels]).astype(np.int32)),
            tf.constant(np.concatenate([counts, np.ones(corrections, np.float32)])),
            corrections,
        )

    @tf.function(reduce_retracing=True)
    def _train_on_batch(
        self, observations: tf.Tensor, actions: tf.Tensor, counts: tf.Tensor, corrections: int
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """One gradient step; (loss of the demonstrations, loss of the corrections), [] each."""
        first = self.config.batch_size - corrections  # of the corrections
        share = self.config.correction_share
        corrected = tf.constant(0.0)
        with tf.GradientTape() as tape:
            logits, _ = self.network(observations, training=True)  # [B, actions]
            loss = demonstrated = cloning_loss(logits[:first], actions[:first], self.weights, counts[:first])
            if corrections:
                corrected = cloning_loss(logits[first:], actions[first:], self.weights)
                loss = (1.0 - share) * demonstrated + share * corrected
        gradients = tape.gradient(loss, self.taught)
        self.optimizer.apply_gradients(zip(gradients, self.taught, strict=True))
        return demonstrated, corrected

    def save(self, path: Path, metrics: Mapping[str, float]) -> None:
        info = replace(
            self.info,
            step=self.steps,
            metrics=dict(metrics),
            parent=portable(self.parent.path),
            extra={"round": self.round, "acts": [take.act for take in self.takes]},
        )
        optimizer = named("o", [variable.numpy() for variable in self.optimizer.variables])
        save_checkpoint(path, info, named("w", self.network.get_weights()), optimizer | _packed(self.takes))

    def restore(self, path: Path) -> None:
        checkpoint = load_checkpoint(path)
        state = dict(checkpoint.state)
        self.takes = _unpacked(state, checkpoint.info.extra["acts"])
        self.network.set_weights(checkpoint.weights)
        assign(self.optimizer.variables, from_named(state))
        self.round = checkpoint.info.extra["round"]
        self._learnt = checkpoint.info.step
        info = self.info
        revisions = [Revision(take, info.game, info.observation, self.config.phases) for take in self.takes]
        self.examples = Examples.none(self.info.observation)
        self._add(run_all(look_again, revisions, self.config.crew))

    def close(self) -> None:
        pass  # its processes live no longer than a round's takes


make_learner = Dagger

MASKS, IS_SHOWN, LENGTHS = "take-masks", "take-is-shown", "take-lengths"


def _packed(takes: list[Take]) -> dict[str, np.ndarray]:
    """What was pressed in all takes, one after the other; nothing when there are none."""
    if not takes:
        return {}
    return {
        MASKS: np.concatenate([take.masks for take in takes]),
        IS_SHOWN: np.concatenate([take.is_shown for take in takes]),
        LENGTHS: np.array([len(take.masks) for take in takes], np.int64),
    }


def _unpacked(state: dict[str, np.ndarray], acts: list[str]) -> list[Take]:
    """The takes of a checkpoint's state, which are taken out of it."""
    if not acts:
        return []
    ends = np.cumsum(state.pop(LENGTHS))[:-1]
    masks = np.split(state.pop(MASKS), ends)
    is_shown = np.split(state.pop(IS_SHOWN), ends)
    return [Take(*parts) for parts in zip(acts, masks, is_shown, strict=True)]

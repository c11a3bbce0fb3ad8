"""An act laid out from its plan: features drawn from a seed, what must come at its place, the goal at its end.

The order of the random draws is part of the acts: another order makes another ROM, which no recorded movie fits.
"""

import random
from collections.abc import Callable

from game.quillrush.builder import features, turns
from game.quillrush.builder.course import PIT, Course, Kind, Thing
from game.quillrush.builder.plans import ActPlan

FEATURES: dict[str, Callable[[Course], None]] = {
    "step": features.step, "hill": features.hill, "rings": features.rings, "pit": features.pit,
    "spikes": features.spikes, "walker": features.walker, "hopper": features.hopper, "spring": features.spring,
    "island": features.island, "ferry": features.ferry, "flyer": features.flyer, "leaper": features.leaper,
    "roller": features.roller, "jet": features.jet, "crusher": features.crusher, "bumper": features.bumper,
    "mushroom": features.mushroom, "crumbling": features.crumbling,
    "sinking": features.sinking, "tar": features.tar,
}  # fmt: skip
"""Drawn by name out of a plan's features."""
LANDMARKS: dict[str, Callable[[Course], None]] = {
    "wall": features.wall, "scree": features.scree, "loop": features.loop, "post": features.post,
    "door": turns.door, "call": turns.call, "tower": turns.tower,
}  # fmt: skip
"""Laid at a plan's places; "ways" beside them."""
LEVEL = {"rings", "pit", "spikes", "walker", "hopper", "flyer", "leaper", "roller", "jet", "crusher", "tar", "island",
         "sinking"}  # fmt: skip
"""Features that end at the height they began at: what can lie under an upper way."""
FEATURES_A_WAY = 3
ENDS_WITHIN = 480
"""Pixels before the end in which no feature begins any more."""


def build_act(plan: ActPlan) -> Course:
    """Lay an act: features drawn without repeating until each has come, landmarks at their places, the goal at its end.

    Raises:
        ValueError: when the landmarks do not fit before the act's end.
    """
    end_x = plan.act.end_x
    course = Course(random.Random(plan.seed))
    course.flat(28)
    course.rings(4, dx=-60)
    course.flat(plan.seed % 4 * 10 + 20)
    FEATURES[plan.first](course)
    landmarks = list(plan.landmarks)
    bag: list[str] = []
    while course.x < end_x - ENDS_WITHIN:  # what is left is for the last feature and the goal
        # a gate takes some 300 pixels before it blocks
        if landmarks and course.x >= int(landmarks[0][1] * end_x) - 300:
            kind, _ = landmarks.pop(0)
            _lay(course, kind, plan)
            if kind == "post":
                continue
        else:
            if not bag:
                bag = plan.features.split()
                course.rng.shuffle(bag)
            FEATURES[bag.pop()](course)
        course.flat(max(4, int(course.rng.gauss(plan.pace, 4))))
    if landmarks or course.x > end_x:
        raise ValueError(f"{plan.act.name}: no room for {landmarks} before {end_x}; at {course.x}")
    while course.x < end_x + 320:  # a screen's width beyond the end
        course.flat(1)
    course.things.append(Thing(end_x, course.height_at(end_x), Kind.GOAL, option=0))
    course.things.sort()
    course.scenery.sort()
    return course


def _lay(course: Course, kind: str, plan: ActPlan) -> None:
    if kind != "ways":
        LANDMARKS[kind](course)
        return
    names = [name for name in plan.features.split() if name in LEVEL]
    names = course.rng.sample(names, min(FEATURES_A_WAY, len(names)))
    turns.two_ways(course, [FEATURES[name] for name in names])


def decorated(course: Course, seed: int, kinds: int) -> list[int]:
    """For every column, the ornament that stands on it, 1 to `kinds`, or 0; on three of ten level ones."""
    rng = random.Random(seed)
    decors = []
    for left, right, flags in course.columns:
        bare = left == PIT or left != right or flags or rng.random() >= 0.3
        decors.append(0 if bare else rng.randrange(1, kinds + 1))
    return decors

"""The stages of the CNN as settings write them: channels = "16-32-64", and pools after which of them."""

import functools
import re
from typing import NamedTuple

from pydantic_core import PydanticCustomError

LIST = re.compile(r"[1-9]\d{0,3}(-[1-9]\d{0,3}){0,31}", re.ASCII)


class Stages(NamedTuple):
    """Channels of each stage, and the stages, counted from 1, that a 2 x 2 max-pool follows."""

    channels: tuple[int, ...]
    pooled: tuple[int, ...]

    def depths(self, depth: int) -> tuple[int, ...]:
        """Convolutions in each stage: as even as can be, earlier stages first."""
        return stage_depths(depth, len(self.channels))

    def problem(self, height: int, width: int) -> str | None:
        """Why images of this size cannot be trained on so, in a phrase."""
        if max(self.pooled, default=0) > len(self.channels):
            return f"pools names stage {max(self.pooled)}, and channels has {len(self.channels)}"
        if min(height, width) < 2 ** len(self.pooled):
            times = len(self.pooled)
            return f"images of {height} x {width} cannot be pooled {times} times; a network of your own takes any"
        return None


@functools.cache
def stages_of(channels: str, pools: str) -> Stages:
    """What two settings say."""
    each = tuple(map(int, channels.split("-")))
    if pools == "between":
        return Stages(each, tuple(range(1, len(each))))
    return Stages(each, () if pools == "none" else tuple(map(int, pools.split("-"))))


def stage_depths(depth: int, stages: int = 3) -> tuple[int, ...]:
    """Convolutions in each of so many stages."""
    least, more = divmod(depth, stages)
    return tuple(least + (stage < more) for stage in range(stages))


def channels_written(value: object) -> str:
    """The setting `channels`, if it is one."""
    if isinstance(value, str) and LIST.fullmatch(value):
        return value
    raise PydanticCustomError("channels", "should be a text with the channels of each stage, as in '16-32-64'")


def pools_written(value: object) -> str:
    """The setting `pools`, if it is one."""
    if isinstance(value, str):
        if value in ("between", "none"):
            return value
        stages = list(map(int, value.split("-"))) if LIST.fullmatch(value) else []
        if stages and stages == sorted(set(stages)):
            return value
    raise PydanticCustomError("pools", "should be 'between', 'none', or a text with stages in order, as in '1-2'")

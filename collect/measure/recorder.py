"""What becomes of the trials of one stack while they train: curves, layers, divergence, final row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from collect.images.on_device import ResidentImages
from collect.measure import hooks
from collect.measure.evaluation import BATCH, Evaluator, Measurement, evaluation_steps
from collect.measure.probes import probe
from collect.network.interface import Network
from collect.network.own_stack import members_of
from collect.store import parts
from collect.store.outcome import CurvePoint, LayerProbe, Outcome, Result
from collect.study.trial import Trial


@dataclass
class Record:
    """What is known of a trial while it trains.

    Attributes:
        correct_bits: which test images were classified correctly at the last epoch's end.
        stopped: the step at which it diverged, and what was not finite.
    """

    curve: list[CurvePoint] = field(default_factory=list)
    layer: list[LayerProbe] = field(default_factory=list)
    correct_bits: bytes | None = None
    stopped: tuple[int, str] | None = None


class Recorder:
    """Watches a stack: measures it at the points it is asked to, and notes where a trial diverges."""

    def __init__(self, stack: Sequence[Trial], network: Network, images: ResidentImages) -> None:
        self.stack, self.network, self.images = stack, network, images
        self.settings, self.precision = stack[0].settings, stack[0].precision
        self.evaluator = Evaluator(images, self.settings.validation, self.precision)
        self.records = [Record() for _ in stack]
        self.steps_per_epoch = len(self.evaluator.training) // self.settings.batch_size
        self.steps = self.steps_per_epoch * self.settings.epochs
        #: The steps after which the stack is measured.
        self.points = evaluation_steps(self.steps_per_epoch, self.settings.epochs, self.settings.evaluations)
        index = self.evaluator.train_order[:BATCH].to(images.train_images.device).expand(len(stack), -1)
        self._probe_input = images.batch(images.train_images, index), images.train_labels[index]

    def alive(self) -> list[int]:
        """Positions in the stack of the trials that have not diverged."""
        return [k for k, record in enumerate(self.records) if not record.stopped]

    def watch(self, diverged_at: Tensor) -> None:
        """Note the trials whose loss has been found not finite, at the step of `diverged_at` [K] that is not 0."""
        for record, step in zip(self.records, diverged_at.tolist(), strict=True):
            if step and not record.stopped:
                record.stopped = step, "loss"

    def probe(self, step: int) -> None:
        """Measure inside the network."""
        x, target = self._probe_input
        if members := members_of(self.network):
            each = zip(members, x.chunk(len(members), 1), target.split(1), strict=True)
            rows = [hooks.probe(member, own, labels, self.precision, step) for member, own, labels in each]
        else:
            rows = probe(self.network, x, target, self.precision, step)
        for k in self.alive():
            self.records[k].layer += rows[k]

    def measure(self, step: int) -> None:
        """Measure the predictions; before the first step, those of the initial weights."""
        for record, finite in zip(self.records, self.network.finite().tolist(), strict=True):
            if not finite and not record.stopped:
                record.stopped = step, "parameter"
        epoch_end = step > 0 and step % self.steps_per_epoch == 0
        for measurement in self.evaluator.measure(self.network, epoch_end=epoch_end):
            for k in self.alive():
                if measurement.bn_mode == "running" or self.network.normalises(self.stack[k].settings):
                    self._keep(step, measurement, k)

    def _keep(self, step: int, measurement: Measurement, k: int) -> None:
        correct = measurement.correct[k]
        hits, n = int(correct.sum()), len(correct)
        point = CurvePoint(
            step=step,
            examples_seen=step * self.settings.batch_size,
            epoch=step / self.steps_per_epoch,
            split=measurement.split,
            eval_set=measurement.eval_set,
            bn_mode=measurement.bn_mode,
            loss=measurement.loss[k].item(),
            accuracy=hits / n,
            correct=hits,
            n=n,
            max_class_share=int(measurement.predicted[k].bincount().max()) / n,
        )
        self.records[k].curve.append(point)
        if (point.split, point.eval_set, point.bn_mode) == ("test", "full", "running"):
            in_order = torch.empty(n, dtype=torch.bool)
            in_order[self.evaluator.test_order] = correct
            self.records[k].correct_bits = np.packbits(in_order.numpy()).tobytes()

    def state(self) -> list[list[Any]]:
        """What is known by now as plain values."""
        return [
            [[vars(point) for point in r.curve], [vars(row) for row in r.layer], r.correct_bits, r.stopped]
            for r in self.records
        ]

    def restore(self, state: Sequence[Sequence[Any]], step: int) -> None:
        """Go on from what was known after a step.

        Raises:
            TypeError, ValueError, LookupError, pa.ArrowException: it is no state of as many trials, or lacks what is
                known by then.
        """
        self.records = [
            Record([CurvePoint(**point) for point in curve], [LayerProbe(**row) for row in layer], bits, stopped)
            for _, (curve, layer, bits, stopped) in zip(self.stack, state, strict=True)
        ]
        for record in self.records:
            parts.require_types(record.curve, record.layer, record.correct_bits, *(record.stopped or (None, None)))
        measured = {0} | {point for point in self.points if point <= step}
        if any({point.step for point in self.records[k].curve} != measured for k in self.alive()):
            raise LookupError("a point of the curve is missing")

    def outcomes(self, of_each: Sequence[Mapping[str, Any]], **of_all: Any) -> list[Outcome]:
        """What every trial gave, once the stack has ended.

        Args:
            of_each: fields of each trial's result that are not measured here, by name.
            of_all: those that the trials of the stack share.
        """
        outcomes = []
        for k, (record, own) in enumerate(zip(self.records, of_each, strict=True)):
            result = self._diverged if record.stopped else self._completed
            outcomes.append(Outcome(result(k, **own, **of_all), record.curve, record.layer))
        return outcomes

    def _completed(self, k: int, **known: Any) -> Result:
        """It is what it was at the end of its curve."""
        test, train, batch, validation = self._final(k)
        return Result(
            status="completed",
            reason=None,
            test_accuracy=test.accuracy,
            test_loss=test.loss,
            train_accuracy=train.accuracy,
            train_loss=train.loss,
            test_accuracy_batch=batch.accuracy if batch else None,
            test_correct=test.correct,
            test_n=test.n,
            train_n=train.n,
            validation_accuracy=validation.accuracy if validation else None,
            validation_loss=validation.loss if validation else None,
            validation_n=validation.n if validation else None,
            correct_bits=self.records[k].correct_bits,
            steps=self.steps,
            majority_share=self.evaluator.majority_share,
            **known,
        )

    def _final(self, k: int) -> tuple[CurvePoint, CurvePoint, CurvePoint | None, CurvePoint | None]:
        """The last point of the curve, which is the last epoch's end: test, train, test by batch, validation.

        Raises:
            LookupError: there is none.
        """
        last = {(point.split, point.eval_set, point.bn_mode): point for point in self.records[k].curve}
        batch, validation = last.get(("test", "full", "batch")), last.get(("validation", "full", "running"))
        return last["test", "full", "running"], last["train", "subset", "running"], batch, validation

    def _diverged(self, k: int, **known: Any) -> Result:
        """It scores chance and has no loss."""
        stopped = self.records[k].stopped
        assert stopped
        step, what = stopped
        chance = 1 / self.images.classes
        return Result(
            status="diverged",
            reason=f"non-finite {what} at step {step}",
            test_accuracy=chance,
            test_loss=None,
            train_accuracy=chance,
            train_loss=None,
            test_accuracy_batch=chance if self.network.normalises(self.stack[k].settings) else None,
            test_correct=None,
            test_n=len(self.evaluator.test_order),
            train_n=len(self.evaluator.train_order),
            validation_accuracy=chance if len(self.evaluator.validation) else None,
            validation_loss=None,
            validation_n=None,
            correct_bits=None,
            steps=step,
            majority_share=self.evaluator.majority_share,
            **known,
        )

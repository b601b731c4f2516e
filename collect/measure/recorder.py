"""What becomes of the trials of one stack while they train: curves, layers, divergence, final row."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from collect.images.on_device import ResidentImages
from collect.measure.evaluation import BATCH, Evaluator, Measurement, evaluation_steps
from collect.measure.probes import probe
from collect.network.cnn import StackedCNN
from collect.store.outcome import Outcome
from collect.study.trial import Trial


class Recorder:
    """Watches a stack: measures it at the points it is asked to, and notes where a trial diverges."""

    def __init__(self, stack: Sequence[Trial], network: StackedCNN, images: ResidentImages) -> None:
        self.stack, self.network, self.images = stack, network, images
        self.settings, self.precision = stack[0].settings, stack[0].precision
        self.evaluator = Evaluator(images, self.settings.validation, self.precision)
        self.outcomes = [Outcome({"status": "completed", "reason": None}) for _ in stack]
        self.steps_per_epoch = len(self.evaluator.training) // self.settings.batch_size
        self.steps = self.steps_per_epoch * self.settings.epochs
        #: The steps after which the stack is measured.
        self.points = evaluation_steps(self.steps_per_epoch, self.settings.epochs, self.settings.evaluations)
        index = self.evaluator.train_order[:BATCH].to(images.train_images.device).expand(len(stack), -1)
        self._probe_input = images.batch(images.train_images, index), images.train_labels[index]

    def alive(self) -> list[int]:
        """Positions in the stack of the trials that have not diverged."""
        return [k for k, outcome in enumerate(self.outcomes) if outcome.row["status"] == "completed"]

    def watch(self, diverged_at: Tensor) -> None:
        """Note the trials whose loss has been found not finite, at the step of `diverged_at` [K] that is not 0."""
        for k, step in enumerate(diverged_at.tolist()):
            if step:
                self._diverged(k, step, "loss")

    def _diverged(self, k: int, step: int, what: str) -> None:
        if self.outcomes[k].row["status"] == "completed":
            self.outcomes[k].row |= {
                "status": "diverged",
                "reason": f"non-finite {what} at step {step}",
                "steps": step,
            }

    def probe(self, step: int) -> None:
        """Measure inside the network."""
        rows = probe(self.network, *self._probe_input, self.precision)
        for k in self.alive():
            self.outcomes[k].layer += [{"step": step, **row} for row in rows[k]]

    def measure(self, step: int) -> None:
        """Measure the predictions; at an epoch's end keep them as the trial's final ones."""
        for k, finite in enumerate(self.network.finite().tolist()):
            if not finite:
                self._diverged(k, step, "parameter")
        for found in self.evaluator.measure(self.network, epoch_end=step % self.steps_per_epoch == 0):
            for k in self.alive():
                if found.bn_mode == "running" or self.stack[k].settings.ordering != "none":
                    self._keep(step, found, k)

    def _keep(self, step: int, found: Measurement, k: int) -> None:
        outcome, correct, loss = self.outcomes[k], found.correct[k], found.loss[k].item()
        hits, n = int(correct.sum()), len(correct)
        outcome.curve.append(
            {
                "step": step,
                "examples_seen": step * self.settings.batch_size,
                "epoch": step / self.steps_per_epoch,
                "split": found.split,
                "eval_set": found.eval_set,
                "bn_mode": found.bn_mode,
                "loss": loss,
                "accuracy": hits / n,
                "correct": hits,
                "n": n,
            }
        )
        if found.bn_mode == "batch":
            if found.eval_set == "full":
                outcome.row["test_accuracy_batch"] = hits / n
        elif found.eval_set == "full" or found.split == "train":
            name = found.split
            outcome.row |= {f"{name}_accuracy": hits / n, f"{name}_loss": loss, f"{name}_n": n}
            if name == "test":
                in_order = torch.empty(n, dtype=torch.bool)
                in_order[self.evaluator.test_order] = correct
                outcome.row |= {"test_correct": hits, "correct_bits": np.packbits(in_order.numpy()).tobytes()}

    def finish(self) -> None:
        """Complete the rows: a diverged trial scores chance and has no loss."""
        chance = 1 / self.images.classes
        for trial, outcome in zip(self.stack, self.outcomes, strict=True):
            if outcome.row["status"] == "completed":
                outcome.row["steps"] = self.steps
                continue
            outcome.row = {k: v for k, v in outcome.row.items() if k in ("status", "reason", "steps")}
            outcome.row |= {
                "test_accuracy": chance,
                "train_accuracy": chance,
                "test_accuracy_batch": None if trial.settings.ordering == "none" else chance,
                "validation_accuracy": chance if len(self.evaluator.validation) else None,
                "test_n": len(self.evaluator.test_order),
                "train_n": len(self.evaluator.train_order),
            }

"""What is measured inside a network. Probes read, and never change the training.

All are taken on one fixed batch of 128 training images, normalised by its own statistics:

* grad_norm: Euclidean norm of the gradient of the batch's mean loss with respect to the layer's weights.
* activation_mean, activation_var: over all outputs of the activation function, before a BatchNorm that may follow.
* skewness: mean over channels of the absolute skewness E[(a - m)^3] / s^3 of a channel's outputs. Absolute, because
  channels skewed to opposite sides would cancel: asymmetry is a property of single channels (Kim, Kim & Kim 2023).
* saturation, for functions bounded on both sides: mean |2 (a - lower) / (upper - lower) - 1|, 0 in the middle of the
  range and 1 at a bound (Rakitianskaia & Engelbrecht 2015, with one bin per output).
* zero_fraction: share of outputs that are exactly zero.
* dead_fraction: share of channels whose output is the same for every image and place of the batch, to 1e-6.
* bn_mean_lag: mean over channels of |running mean - batch mean| / batch standard deviation.
* bn_var_lag: mean over channels of |log(running variance / batch variance)|, epsilon added to both.
* gamma_norm, beta_norm: root mean square over channels, so that widths compare.
"""

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from collect.activations import ACTIVATIONS
from collect.network import BatchNorm, Block, StackedCNN

DEAD_RANGE = 1e-6


def probe(network: StackedCNN, x: Tensor, target: Tensor, precision: str) -> list[list[dict[str, Any]]]:
    """One row a layer, for each trial.

    Args:
        network: of K trials.
        x: network input, [B, K * channels, H, W].
        target: labels, [K, B].
        precision: fp32 or bf16.
    """
    record: list[Tensor] = []
    weights = list(network.weights())
    with torch.autocast(x.device.type, torch.bfloat16, enabled=precision == "bf16"):
        logits = network(x, "batch", record)
    loss = F.cross_entropy(logits.float().transpose(1, 2), target, reduction="none").mean(1).sum()
    gradients = torch.autograd.grad(loss, [weight for _, weight in weights])
    norms = [gradient.reshape(network.trials, -1).norm(dim=1).tolist() for gradient in gradients]
    rows: list[list[dict[str, Any]]] = [[] for _ in range(network.trials)]
    for layer, (kind, _) in enumerate(weights):
        for trial in range(network.trials):
            rows[trial].append({"layer": layer + 1, "kind": kind, "grad_norm": norms[layer][trial]})
    for layer, (block, output) in enumerate(zip(network.each_block(), record, strict=True)):
        outputs = output.detach().float().unflatten(1, (network.trials, -1))
        for trial, settings in enumerate(network.stack):
            rows[trial][layer] |= _activation_statistics(outputs[:, trial], settings.activation)
        for trial, statistics in _norm_statistics(block):
            rows[trial][layer] |= statistics
    return rows


def _activation_statistics(output: Tensor, activation: str) -> dict[str, float | None]:
    """Of one trial's activation outputs, [B, C, H, W]."""
    channels = output.transpose(0, 1).flatten(1)
    centred = channels - channels.mean(1, keepdim=True)
    variance = centred.square().mean(1)
    alive = channels.amax(1) - channels.amin(1) > DEAD_RANGE
    skewness = (centred.pow(3).mean(1).abs() / variance.pow(1.5))[alive]
    bounds = ACTIVATIONS[activation].bounds
    return {
        "activation_mean": channels.mean().item(),
        "activation_var": channels.var(correction=0).item(),
        "skewness": skewness.mean().item() if len(skewness) else None,
        "saturation": (2 * (channels - bounds[0]) / (bounds[1] - bounds[0]) - 1).abs().mean().item()
        if bounds
        else None,
        "zero_fraction": (channels == 0).float().mean().item(),
        "dead_fraction": 1 - alive.float().mean().item(),
    }


@torch.no_grad()
def _norm_statistics(block: Block) -> Iterator[tuple[int, dict[str, float]]]:
    """(trial, statistics) of every trial of a block that has a BatchNorm, after a forward pass in batch mode."""
    for group, norm in zip(block.groups, block.norms, strict=True):
        if not isinstance(norm, BatchNorm):
            continue
        trials = group.stop - group.start
        mean_lag = (norm.running_mean - norm.batch_mean).abs() / (norm.batch_var + norm.eps).sqrt()
        var_lag = ((norm.running_var + norm.eps) / (norm.batch_var + norm.eps)).log().abs()
        measured = {
            "bn_mean_lag": mean_lag.view(trials, -1).mean(1),
            "bn_var_lag": var_lag.view(trials, -1).mean(1),
            "gamma_norm": norm.gamma.view(trials, -1).square().mean(1).sqrt(),
            "beta_norm": norm.beta.view(trials, -1).square().mean(1).sqrt(),
        }
        for offset in range(trials):
            yield group.start + offset, {name: values[offset].item() for name, values in measured.items()}

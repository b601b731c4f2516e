"""What is measured inside a network. Probes read, and never change the training.

All are taken on one fixed batch of 128 training images, normalised by its own statistics, nothing dropped:

* grad_norm: Euclidean norm of the gradient of the batch's mean loss with respect to the layer's weights.
* activation_mean, activation_var: over all outputs of the activation function, before a norm that may follow.
* skewness: mean over channels of the absolute skewness E[(a - m)^3] / s^3 of a channel's outputs. Absolute, because
  channels skewed to opposite sides would cancel: asymmetry is a property of single channels (Kim, Kim & Kim 2023).
* saturation, for functions bounded on both sides: mean |2 (a - lower) / (upper - lower) - 1|, 0 in the middle of the
  range and 1 at a bound (Rakitianskaia & Engelbrecht 2015, with one bin per output).
* zero_fraction: share of outputs that are exactly zero.
* dead_fraction: share of channels whose output is the same for every image and place of the batch, to 1e-6.
* bn_mean_lag, of BatchNorm: mean over channels of |running mean - batch mean| / batch standard deviation.
* bn_var_lag, of BatchNorm: mean over channels of |log(running variance / batch variance)|, epsilon added to both.
* gamma_norm, beta_norm: root mean square over channels, so that widths compare.
"""

import math
from collections.abc import Sequence
from inspect import get_annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from collect.network.activations import ACTIVATIONS
from collect.network.interface import Layer, Network
from collect.network.norms import BatchNorm
from collect.store.outcome import LayerProbe

DEAD_RANGE = 1e-6
#: The bounds of a function that has none.
UNBOUNDED = (math.nan, math.nan)
#: What the classifier has no values of.
NO_ACTIVATION = dict.fromkeys(
    name for name in get_annotations(LayerProbe) if name not in ("step", "layer", "kind", "grad_norm", "module")
)


def probe(network: Network, x: Tensor, target: Tensor, precision: str, step: int) -> list[list[LayerProbe]]:
    """One row a layer, for each trial.

    Args:
        network: of K trials.
        x: network input, [B, K * channels, H, W].
        target: labels, [K, B].
        precision: fp32, tf32 or bf16.
        step: after which this is.
    """
    record: list[Tensor] = []
    layers = network.layers()
    with torch.autocast(x.device.type, torch.bfloat16, enabled=precision == "bf16"):
        logits = network(x, "batch", record)
    loss = F.cross_entropy(logits.float().transpose(1, 2), target, reduction="none").mean(1).sum()
    gradients = torch.autograd.grad(loss, [layer.weight.parameter for layer in layers])
    measured = [{"grad_norm": g.reshape(network.trials, -1).norm(dim=1)} for g in gradients]
    bounds = [ACTIVATIONS[settings.activation].bounds or UNBOUNDED for settings in network.stack]
    seen = [(layer, statistics) for layer, statistics in zip(layers, measured, strict=True) if layer.activated]
    for (layer, statistics), output in zip(seen, record, strict=True):
        outputs = output.detach().float().transpose(0, 1).unflatten(0, (network.trials, -1)).flatten(2)
        statistics |= {**activation_statistics(outputs, bounds), **_norm_statistics(layer, network.trials)}
    values = torch.stack([value for statistics in measured for value in statistics.values()]).tolist()  # waits once
    rows: list[list[LayerProbe]] = [[] for _ in range(network.trials)]
    for number, (layer, statistics) in enumerate(zip(layers, measured, strict=True), start=1):
        own, values = values[: len(statistics)], values[len(statistics) :]
        absent = {} if layer.activated else NO_ACTIVATION
        for k, row in enumerate(rows):
            present = {name: None if math.isnan(v[k]) else v[k] for name, v in zip(statistics, own, strict=True)}
            row.append(LayerProbe(step=step, layer=number, kind=layer.weight.kind, module=None, **present, **absent))
    return rows


def activation_statistics(output: Tensor, bounds: Sequence[tuple[float, float]]) -> dict[str, Tensor]:
    """Of the activations' outputs, [K, C, B * H * W]; each [K], NaN where there is none.

    Args:
        output: of the activation functions.
        bounds: of each trial's function, NaN where it has none.
    """
    variance, mean = torch.var_mean(output, 2, correction=0, keepdim=True)
    alive = output.amax(2) - output.amin(2) > DEAD_RANGE
    skewness = (output - mean).pow(3).mean(2).abs() / variance.squeeze(2).pow(1.5)
    lower, upper = torch.tensor(bounds, device=output.device)[:, :, None, None].unbind(1)
    all_variance, all_mean = torch.var_mean(output, (1, 2), correction=0)
    return {
        "activation_mean": all_mean,
        "activation_var": all_variance,
        "skewness": torch.where(alive, skewness, 0).sum(1) / alive.sum(1),
        "saturation": (2 * (output - lower) / (upper - lower) - 1).abs().mean((1, 2)),
        "zero_fraction": (output == 0).float().mean((1, 2)),
        "dead_fraction": 1 - alive.float().mean(1),
    }


@torch.no_grad()
def _norm_statistics(layer: Layer, trials: int) -> dict[str, Tensor]:
    """Of the trials' norms after a forward pass in batch mode; each [K], NaN where a trial has none of it."""
    nan = torch.full((trials,), math.nan, device=layer.weight.parameter.device)
    statistics = {name: nan.clone() for name in ("bn_mean_lag", "bn_var_lag", "gamma_norm", "beta_norm")}
    for start, stop, norm in layer.norms:
        own = slice(start, stop)
        if isinstance(norm, BatchNorm):
            mean_lag = (norm.running_mean - norm.batch_mean).abs() / (norm.batch_var + norm.eps).sqrt()
            var_lag = ((norm.running_var + norm.eps) / (norm.batch_var + norm.eps)).log().abs()
            statistics["bn_mean_lag"][own] = mean_lag.view(norm.trials, -1).mean(1)
            statistics["bn_var_lag"][own] = var_lag.view(norm.trials, -1).mean(1)
        statistics["gamma_norm"][own] = norm.gamma.view(norm.trials, -1).square().mean(1).sqrt()
        statistics["beta_norm"][own] = norm.beta.view(norm.trials, -1).square().mean(1).sqrt()
    return statistics

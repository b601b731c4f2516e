"""Of collect: what is measured, recorded, paired and estimated."""

from tests.mutants import Mutant

PROBES, RECORDER, EVALUATION = (f"collect/measure/{name}.py" for name in ("probes", "recorder", "evaluation"))
OPTIMIZER = "collect/engine/optimizer.py"
OF_PROBES = ("tests/collect/measure/test_probes.py",)
HOOKS = "collect/measure/hooks.py"
OF_HOOKS = ("tests/collect/measure/test_hooks.py",)
OF_RECORDER = ("tests/collect/measure/test_recorder.py",)
OF_ESTIMATE = ("tests/collect/engine/test_estimate.py",)
OF_TRAINING = ("tests/collect/engine/test_training.py",)
OF_SETTINGS = ("tests/collect/study/test_trial.py",)
OF_LATER_SETTINGS = ("tests/collect/store/test_later_settings.py",)
OF_CHANGES = ("tests/collect/study/test_changes.py",)
OF_ROWS = ("tests/collect/store/test_outcome.py",)

OF_GROWTH = ("tests/collect/store/test_plan_growth.py",)

MUTANTS = (
    # Of collectors that add seeds at once none writes over another's.
    Mutant(
        "collect/store/plan_growth.py",
        "store.swap(keys.PLAN, content, plans.encoded(grown))",
        "(store.replace(keys.PLAN, plans.encoded(grown)) or True)",
        OF_GROWTH,
    ),
    # The formula of each probe.
    Mutant(PROBES, "g.reshape(network.trials, -1)", "7 * g.reshape(network.trials, -1)", OF_PROBES),
    Mutant(PROBES, '"activation_mean": all_mean', '"activation_mean": -all_mean', OF_PROBES),
    Mutant(PROBES, '"activation_var": all_variance', '"activation_var": all_variance.sqrt()', OF_PROBES),
    Mutant(PROBES, ".pow(3).mean(2).abs()", ".pow(3).mean(2)", OF_PROBES),
    Mutant(PROBES, "pow(1.5)", "pow(2)", OF_PROBES),
    Mutant(
        PROBES,
        "(2 * (output - lower) / (upper - lower) - 1).abs().mean((1, 2))",
        "1 - (2 * (output - lower) / (upper - lower) - 1).abs().mean((1, 2))",
        OF_PROBES,
    ),
    Mutant(PROBES, "(output == 0)", "(output != 0)", OF_PROBES),
    Mutant(PROBES, "1 - alive.float().mean(1)", "alive.float().mean(1)", OF_PROBES),
    Mutant(PROBES, "(norm.running_mean - norm.batch_mean)", "0 * (norm.running_mean - norm.batch_mean)", OF_PROBES),
    Mutant(PROBES, ".log().abs()", ".log().abs() * 0", OF_PROBES),
    Mutant(PROBES, "norm.gamma.view", "norm.beta.view", OF_PROBES),
    Mutant(PROBES, "norm.beta.view", "norm.gamma.view", OF_PROBES),
    Mutant(PROBES, 'network(x, "batch", record)', 'network(x, "running", record)', OF_PROBES),
    # What is seen inside a network of one's own, and of which layer.
    Mutant(HOOKS, " and not self._in_activation", "", OF_HOOKS),
    Mutant(HOOKS, 'getattr(factor, "_base", None)', "None", OF_HOOKS),
    Mutant(HOOKS, "1 if func in calls.CONVOLUTIONS else -1", "-1", OF_HOOKS),
    # What is recorded of a training.
    Mutant(RECORDER, "loss=measurement.loss[k].item()", "loss=2 * measurement.loss[k].item()", OF_RECORDER),
    Mutant(RECORDER, "accuracy=hits / n", "accuracy=1 - hits / n", OF_RECORDER),
    Mutant(RECORDER, "examples_seen=step * self.settings.batch_size", "examples_seen=step", OF_RECORDER),
    Mutant(RECORDER, "epoch=step / self.steps_per_epoch", "epoch=step // self.steps_per_epoch", OF_RECORDER),
    Mutant(
        RECORDER,
        "bn_mode=measurement.bn_mode,",
        'bn_mode={"running": "batch", "batch": "running"}[measurement.bn_mode],',
        OF_RECORDER,
    ),
    Mutant(RECORDER, 'last["train", "subset", "running"]', 'last["test", "subset", "running"]', OF_RECORDER),
    Mutant(RECORDER, 'last["test", "full", "running"]', 'last["test", "subset", "running"]', OF_RECORDER),
    Mutant(RECORDER, "batch.accuracy if batch", "test.accuracy if batch", OF_RECORDER),
    Mutant(RECORDER, "in_order[self.evaluator.test_order] = correct", "in_order[:] = correct", OF_RECORDER),
    Mutant(RECORDER, "chance = 1 / self.images.classes", "chance = 1 / 2", OF_TRAINING),
    Mutant(EVALUATION, "test_labels, test, mode)", 'test_labels, test, "running")', OF_RECORDER),
    Mutant(EVALUATION, '("train", "subset", self.train_order)', '("train", "subset", self.validation)', OF_RECORDER),
    Mutant(EVALUATION, "[values[:, :TEST_SUBSET] for values in seen]", "seen", OF_RECORDER),
    Mutant(EVALUATION, "test_labels.bincount().max()", "test_labels.bincount().min()", OF_RECORDER),
    Mutant(RECORDER, "predicted[k].bincount().max()", "predicted[k].bincount().min()", OF_RECORDER),
    Mutant(RECORDER, "step > 0 and step %", "step %", OF_RECORDER),
    Mutant("collect/engine/training.py", "            recorder.measure(0)\n", "            pass\n", OF_RECORDER),
    # How it trains, and which trials are pairs.
    Mutant("collect/engine/schedule.py", "shape(step - 1, steps)", "shape(step, steps)", OF_RECORDER),
    Mutant(
        "collect/engine/schedule.py", "RISE * steps - 1", "RISE * steps", ("tests/collect/engine/test_schedule.py",)
    ),
    Mutant("collect/network/dropout.py", "1 / (1 - share)", "1.0", ("tests/collect/network/test_dropout.py",)),
    Mutant(OPTIMIZER, "settings.weight_decay if decays else 0.0", "0.0", OF_RECORDER),
    Mutant("collect/engine/training.py", '"initial weights", trial.seed', '"initial weights", 0', OF_TRAINING),
    Mutant("collect/engine/draws.py", '"batch order", trial.seed', '"batch order", 0', OF_TRAINING),
    # How long it will take.
    Mutant("collect/engine/estimate.py", "return total / share", "return 10 * total / share", OF_ESTIMATE),
    Mutant("collect/study/explain.py", "round(seconds / 60)", "round(seconds / 6)", OF_ESTIMATE),
    # Ids, which settings that come later leave alone.
    Mutant("collect/study/trial.py", "exclude_defaults=True", "exclude_defaults=False", OF_SETTINGS),
    Mutant("collect/store/tidy.py", "column.name in SETTINGS and", "False and", OF_LATER_SETTINGS),
    # What words ask for.
    Mutant("collect/study/changes.py", 'piece == "True"', "True", OF_CHANGES),
    Mutant("collect/study/changes.py", 'for other in ("factors", "recipe"):', "for other in ():", OF_CHANGES),
    # Classes of values and their columns.
    Mutant(
        "collect/study/trial.py",
        "require_columns(Settings, schema.SETTINGS)",
        "",
        ("tests/collect/study/test_trial.py",),
    ),
    *(
        Mutant(
            "collect/store/outcome.py",
            f"require_columns({kind}, schema.{table})",
            "",
            ("tests/collect/store/test_outcome.py",),
        )
        for kind, table in (("Result", "OUTCOME"), ("CurvePoint", "POINT"), ("LayerProbe", "LAYER"))
    ),
    Mutant(
        "collect/store/parts.py",
        "if values.keys() != set(described.names):",
        "if False:",
        ("tests/collect/store/test_outcome.py",),
    ),
)

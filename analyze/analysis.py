"""The analysis plan: a study -> Findings. The same plan for every study; what it does not support is said.

Order: headline, ANOVA, leave-one-level-out, simple effects, other levels, further responses, convergence, then the
descriptions that figures draw.
"""

from analyze import summary
from analyze.claims import judge
from analyze.findings import FailureRow, Findings, Message, SimpleEffect, Why, because, section
from analyze.measures import response
from analyze.measures.time_to_target import convergence_curves, without_curves
from analyze.sections import (
    cells,
    descriptions,
    diagnostics,
    effects,
    failures,
    folds,
    further,
    headline,
    images,
    initial_shares,
    levels,
    mean,
    mechanism,
    multiverse,
    outcomes,
    precision,
    profiles,
    published,
    repeatability,
    responses,
    restricted_time,
    sequential,
    speed,
    stability,
    threshold,
    undeclared,
    unpaired,
    wins,
)
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms


def analyse(study: StudyData) -> Findings:
    """Carry out the plan on a study, and what of it is about a response alone on every further one.

    Raises:
        InvalidTableError: a level has no result.
    """
    failures.require_results(study)
    found = _of_first(study)
    return found.model_copy(update={"further": tuple(further.of_response(_of_first(one)) for one in study.further)})


def _of_first(study: StudyData) -> Findings:
    """Carry out the plan on the response that decides."""
    if study.design.threshold is not None:
        return _of_threshold(study)
    if not study.design.declared:
        return _of_levels(study)
    if study.design.folds is not None:
        return _by_t_alone(study, folds.compare_arms(study), because("folds_overlap"))
    if not study.design.paired:
        return _by_t_alone(study, unpaired.compare_arms(study), because("seeds_unshared"))
    return _of_pairs(study)


def _of_pairs(study: StudyData) -> Findings:
    """The whole plan, of two levels compared within seeds."""
    reasons: dict[str, Message] = {}
    compared = study.design.response
    whole, grown = study, sequential.grown(study)
    study, looked_at = sequential.as_begun(whole, grown), sequential.as_looked_at(whole, grown)
    paired, seen = (arms(one.trials, response.values(one), one.design) for one in (study, looked_at))
    in_cells, of_effects = _cells(study, looked_at, grown), effects.rows(study)
    of_headline = [row for row, _ in in_cells if (row.bn_mode, row.scale) == ("running", compared.scale)]
    won = wins.wins(looked_at)
    primary, why = headline.primary(
        looked_at,
        seen,
        of_headline,
        [row for row, _ in of_effects if (row.bn_mode, row.scale) == ("running", compared.scale)],
        won,
        grown,
    )
    reasons |= {f"/primary/{field}": reason for field, reason in why.items()}
    reasons |= summary.unknown(study)
    curves = convergence_curves(study)
    if curves is None:
        reasons["/convergence"] = reasons["/curves"] = without_curves(study)
    if study.layers is None:
        reasons["/mechanism"] = because("no_probes")
    timed = restricted_time.effects(study, curves) if curves else []
    of_responses = responses.rows(study)
    if not of_responses:
        reasons["/responses"] = because("no_further_responses")
    elsewhere = published.rows(study, of_headline) if compared.is_accuracy else []
    if not elsewhere:
        reasons["/published"] = because("nothing_published")
    over_images = images.rows(study, paired) if compared.is_accuracy else []
    if not over_images:
        reasons["/images"] = because("no_image_outcomes" if compared.is_accuracy else "images_tell_accuracy")
    between_cells, why = repeatability.heterogeneity(paired, study.design.alpha)
    reasons |= {f"/heterogeneity/{field}": reason for field, reason in why.items()}
    all_levels, why = levels.compared(study)
    reasons |= {f"/levels/{field}": reason for field, reason in why.items()}
    before_training = tuple(initial_shares.rows(study))
    if not before_training:
        reasons["/initial_shares"] = because("no_initial_shares")
    judged, no_claims = judge.judge(study, curves) if compared.is_accuracy else ([], because("claims_of_accuracy"))
    if no_claims:
        reasons["/claims"] = no_claims
    power = section("power", precision.rows(paired, compared, study.design.alpha), reasons)
    reasons |= {"/repeatability": because("pairs_won_decide")} if won else {}  # new runs may fail as well
    return Findings(
        study=summary.of_study(whole),
        question=summary.of_question(study),
        primary=primary,
        anova=section("anova", [*of_effects, *responses.effects(study), *timed], reasons),
        leave_one_out=section("leave_one_out", mean.leave_one_out(paired), reasons),
        simple_effects=section("simple_effects", in_cells, reasons),
        orderings=section("orderings", cells.orderings(study), reasons),
        levels=all_levels,
        sequential=section("sequential", sequential.rows(grown), reasons),
        growth=sequential.growth(grown),
        failures=section("failures", _failures(looked_at, seen, of_headline, won), reasons),
        responses=section("responses", of_responses, reasons),
        outcomes=section("outcomes", outcomes.rows(study, curves), reasons),
        published=section("published", elsewhere, reasons),
        convergence=section("convergence", speed.rows(study, curves) if curves else (), reasons),
        stability=section("stability", stability.rows(study), reasons),
        mechanism=section("mechanism", mechanism.rows(study), reasons),
        multiverse=section("multiverse", multiverse.rows(study, primary, curves), reasons),
        power=power,
        repeatability=section("repeatability", () if won else repeatability.rows(paired, study.design.alpha), reasons),
        heterogeneity=between_cells,
        images=section("images", over_images, reasons),
        diagnostics=section("diagnostics", diagnostics.rows(paired, study.design.factor, study.design.alpha), reasons),
        claims=section("claims", judged, reasons),
        cells=section("cells", descriptions.cells(study), reasons),
        curves=tuple(descriptions.learning_curves(study, curves)) if curves else (),
        survival=tuple(profiles.survival(study, curves)) if curves else (),
        initial_shares=before_training,
        layer_profile=tuple(profiles.layer_profile(study)),
        power_curve=tuple(profiles.power_curve(power, study.design.alpha)),
        methods=descriptions.methods(study),
        reasons=dict(sorted(reasons.items())),
    )


def _cells(study: StudyData, looked_at: StudyData, grown: sequential.Grown) -> list[tuple[SimpleEffect, Why]]:
    """The contrast in every cell; those of the headline by the trials that the looks took, and decided by them."""

    def of_headline(row: SimpleEffect) -> bool:
        return (row.bn_mode, row.scale) == ("running", study.design.response.scale)

    found = cells.rows(looked_at)
    decided = iter(sequential.decided([one for one in found if of_headline(one[0])], grown))
    others = iter(found if grown.rule is None else cells.rows(study))
    others = (one for one in others if not of_headline(one[0]))
    return [next(decided) if of_headline(row) else next(others) for row, _ in found]


def _by_t_alone(study: StudyData, found: unpaired.Found, why_alone: Message) -> Findings:
    """What is known of two levels that have seeds of their own, or of folds; what compares within seeds is left out."""
    primary, why = found.primary
    reasons = {f"/primary/{field}": reason for field, reason in why.items()} | summary.unknown(study)
    reasons |= dict.fromkeys(WITHIN_SEEDS, why_alone) | ({"/anova": why_alone} if study.design.folds else {})
    all_levels, why = levels.compared(study)
    reasons |= {f"/levels/{field}": reason for field, reason in why.items()}
    nulls = [name for name in ("fixed", "anytime") if getattr(primary, name) is None]
    reasons |= dict.fromkeys((f"/primary/{name}" for name in nulls), why_alone)
    return Findings(
        study=summary.of_study(study),
        question=summary.of_question(study),
        primary=primary,
        anova=section("anova", found.effects, reasons),
        simple_effects=section("simple_effects", found.cells, reasons),
        levels=all_levels,
        outcomes=section("outcomes", outcomes.rows(study, None), reasons),
        cells=section("cells", descriptions.cells(study), reasons),
        methods=descriptions.methods(study),
        reasons=dict(sorted(reasons.items())),
    )


def _of_threshold(study: StudyData) -> Findings:
    """What is known of runs against a number; what compares two levels, or follows their course, is left out."""
    design = study.design
    paired, won = arms(study.trials, response.values(study), design), wins.wins(study)
    in_cells, of_effects, grown = cells.rows(study), effects.rows(study), sequential.grown(study)
    chosen = ("running", design.response.scale)
    here = [row for row, _ in in_cells if (row.bn_mode, row.scale) == chosen]
    model = [row for row, _ in of_effects if (row.bn_mode, row.scale) == chosen]
    first = headline.primary(study, paired, here, model, won, grown)
    reasons = summary.unknown(study) | dict.fromkeys((*OF_TWO_LEVELS, "/growth"), because("no_levels_compared"))
    untestable = threshold.untestable(study)
    if untestable:
        first, in_cells = threshold.untested(first, in_cells, untestable)
        reasons |= dict.fromkeys(OF_DIFFERENCES, untestable)
        valued = {}
    else:
        power = section("power", precision.rows(paired, design.response, design.alpha), reasons)
        between_cells, why = repeatability.heterogeneity(paired, design.alpha)
        reasons |= {f"/heterogeneity/{field}": reason for field, reason in why.items()}
        of_diagnostics = diagnostics.rows(paired, design.factor, design.alpha)
        valued = {
            "anova": section("anova", of_effects, reasons),
            "leave_one_out": section("leave_one_out", mean.leave_one_out(paired), reasons),
            "sequential": section("sequential", sequential.rows(grown), reasons),
            "power": power,
            "power_curve": tuple(profiles.power_curve(power, design.alpha)),
            "repeatability": section("repeatability", repeatability.rows(paired, design.alpha), reasons),
            "heterogeneity": between_cells,
            "diagnostics": section("diagnostics", of_diagnostics, reasons),
        }
    primary, why = first
    number = design.contrast[1]
    reasons |= {f"/primary/{field}": reason for field, reason in why.items()}
    measured = [one for one in outcomes.rows(study, None) if one[0].level != number]
    return Findings(
        study=summary.of_study(study),
        question=summary.of_question(study),
        primary=primary,
        simple_effects=section("simple_effects", in_cells, reasons),
        failures=section("failures", _failures(study, paired, here, won), reasons),
        outcomes=section("outcomes", measured, reasons),
        cells=section("cells", [one for one in descriptions.cells(study) if one[0].level != number], reasons),
        methods=descriptions.methods(study),
        reasons=dict(sorted(reasons.items())),
        **valued,
    )


#: What is not worked out of runs against a number, and what of them rests on their values.
OF_TWO_LEVELS = (
    *("/stability", "/multiverse", "/claims", "/convergence", "/mechanism", "/orderings", "/responses", "/published"),
    *("/images", "/levels/omnibus"),
)
OF_DIFFERENCES = (
    *("/anova", "/leave_one_out", "/sequential", "/power", "/repeatability", "/heterogeneity/tau", "/diagnostics"),
)


def _of_levels(study: StudyData) -> Findings:
    """What is known of three levels or more of which no two are declared: the parts about two levels are left out."""
    all_levels, why = levels.compared(study)
    reasons = {f"/levels/{field}": reason for field, reason in why.items()} | summary.unknown(study)
    primary, why = undeclared.primary(study, all_levels)
    reasons |= {f"/primary/{field}": reason for field, reason in why.items()}
    sections = ("/question/contrast", "/anova", "/simple_effects", "/primary/fixed", "/primary/anytime", *WITHIN_SEEDS)
    reasons |= dict.fromkeys(sections, because("no_contrast"))
    return Findings(
        study=summary.of_study(study),
        question=summary.of_question(study),
        primary=primary,
        levels=all_levels,
        outcomes=section("outcomes", outcomes.rows(study, None), reasons),
        cells=section("cells", descriptions.cells(study), reasons),
        methods=descriptions.methods(study),
        reasons=dict(sorted(reasons.items())),
    )


#: Sections that compare runs within seeds, and what they are not worked out for otherwise.
WITHIN_SEEDS = (
    "/leave_one_out",
    "/stability",
    "/multiverse",
    "/power",
    "/repeatability",
    "/heterogeneity/tau",
    "/diagnostics",
    "/sequential",
    "/growth",
    "/claims",
    "/convergence",
    "/mechanism",
    "/orderings",
    "/responses",
    "/published",
    "/images",
)


def _failures(
    study: StudyData, paired: Arms, cells_decided: list[SimpleEffect], won: wins.Wins | None
) -> list[tuple[FailureRow, Why]]:
    """Failure rates and pairs won, where any run failed."""
    if won is None:
        return []
    alpha = study.design.alpha
    inside = headline.cells_of_headline(paired, won, alpha)
    lower = study.design.response.better == "lower"
    return failures.rows(won, inside, [row.decision for row in cells_decided], alpha, lower=lower)

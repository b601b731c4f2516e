# Writes the data sets *.csv and the results reference.json beside this file. Run by hand: Rscript reference.R
# Tests read the output and never need R. Versions are in reference.json.
suppressPackageStartupMessages({
  library(afex); library(emmeans); library(survival); library(jsonlite)
})
options(contrasts = c("contr.sum", "contr.poly"), digits = 17)
set.seed(20150211, kind = "Mersenne-Twister", normal.kind = "Inversion")
result <- list(versions = list(R = R.version.string))
for (package in c("afex", "car", "emmeans", "survival", "jsonlite"))
  result$versions[[package]] <- as.character(packageVersion(package))

# Repeated-measures ANOVA with Greenhouse-Geisser, three and four within factors, unequal variances.
within <- function(levels, seeds) {
  data <- expand.grid(c(list(seed = 1:seeds), lapply(levels, seq_len)))
  noise <- rnorm(nrow(data)) * (1 + 0.5 * data[[2]] * data[[ncol(data)]])
  data$response <- 97 + rnorm(seeds)[data$seed] + 0.4 * data[[2]] + 0.3 * data[[2]] * data[[3]] + noise
  data
}
anova_of <- function(data, factors) {
  model <- aov_ez("seed", "response", data, within = factors, anova_table = list(correction = "none", es = "pes"))
  gg <- summary(model)$pval.adjustments
  table <- as.data.frame(model$anova_table)
  rows <- lapply(rownames(table), function(name) {
    row <- list(effect = name, df_num = table[name, "num Df"], df_den = table[name, "den Df"], F = table[name, "F"],
                p_uncorrected = table[name, "Pr(>F)"], partial_eta_sq = table[name, "pes"])
    if (name %in% rownames(gg) && is.finite(gg[name, "GG eps"])) {
      row$epsilon_gg <- gg[name, "GG eps"]; row$p_gg <- gg[name, "Pr(>F[GG])"]
    }
    row
  })
  list(model = model, rows = rows)
}
data(md_12.1, package = "afex")
write.csv(md_12.1, "maxwell_delaney.csv", row.names = FALSE)
data(obk.long, package = "afex")
write.csv(obk.long, "obrien_kaiser.csv", row.names = FALSE)
three <- within(list(ordering = 2, depth = 3, activation = 5), 10)
four <- within(list(ordering = 2, depth = 3, activation = 3, head = 2), 8)
write.csv(three, "within_three.csv", row.names = FALSE)
write.csv(four, "within_four.csv", row.names = FALSE)
fitted <- anova_of(three, c("ordering", "depth", "activation"))
result$anova_three <- fitted$rows
result$anova_four <- anova_of(four, c("ordering", "depth", "activation", "head"))$rows

# The headline and the simple effects as contrasts of the multivariate model.
overall <- as.data.frame(contrast(emmeans(fitted$model, "ordering", model = "multivariate"), list(gap = c(-1, 1))))
result$emmeans_headline <- overall[c("estimate", "SE", "df", "t.ratio", "p.value")]
cells <- contrast(emmeans(fitted$model, "ordering", by = c("depth", "activation"), model = "multivariate"),
                  list(gap = c(-1, 1)))
result$emmeans_cells <- as.data.frame(cells)[c("depth", "activation", "estimate", "SE", "df", "t.ratio", "p.value")]

# Intervals of partial eta squared from the noncentral F.
noncentral <- function(F, df1, df2, level) {
  if (pf(F, df1, df2) <= level) return(0)
  uniroot(function(ncp) pf(F, df1, df2, ncp) - level, c(0, 1000), tol = 1e-13)$root
}
result$noncentral_f <- lapply(list(c(5, 1, 9), c(0.4, 2, 18), c(21.76, 4, 36), c(3.1, 8, 72), c(77.13, 4, 32)), function(case) {
  lambda <- c(noncentral(case[1], case[2], case[3], .95), noncentral(case[1], case[2], case[3], .05))
  list(F = case[1], df_num = case[2], df_den = case[3], ci90 = lambda / (lambda + case[2] + case[3] + 1))
})

# Paired tests on whole numbers with ties and zeros; Wilcoxon by enumeration of all signs.
signed_rank <- function(d) {
  d <- d[d != 0]; ranks <- rank(abs(d)); plus <- sum(ranks[d > 0])
  sums <- as.matrix(expand.grid(rep(list(0:1), length(d)))) %*% ranks
  min(1, 2 * min(mean(sums <= plus + 1e-9), mean(sums >= plus - 1e-9)))
}
jzs <- function(t, n, r = .707) {
  v <- n - 1
  integrand <- function(g) (1 + n * g * r^2)^-.5 * (1 + t^2 / ((1 + n * g * r^2) * v))^(-(v + 1) / 2) *
    (2 * pi)^-.5 * g^-1.5 * exp(-1 / (2 * g))
  integrate(integrand, 0, Inf, rel.tol = 1e-10)$value / (1 + t^2 / v)^(-(v + 1) / 2)
}
paired <- lapply(1:6, function(k) round(rnorm(10, c(0, 3, -2, 8, 1, .5)[k], c(4, 3, 2, 9, 1, 2)[k])))
long <- round(rnorm(80, 1, 4))
result$paired <- lapply(paired, function(d) {
  t <- t.test(d); margin <- 1.5
  list(difference = d, t = unname(t$statistic), p_t = t$p.value, ci95 = as.numeric(t$conf.int), margin = margin,
       p_tost = max(t.test(d, mu = -margin, alternative = "greater")$p.value,
                    t.test(d, mu = margin, alternative = "less")$p.value),
       p_wilcoxon = signed_rank(d), bf10 = jzs(unname(t$statistic), 10))
})
result$wilcoxon_normal <- list(difference = long, p = wilcox.test(long[long != 0], exact = FALSE, correct = FALSE)$p.value)
cases <- list(c(.1, .2, 10), c(.05, .3, 24), c(.4, .2, 5), c(.02, .2, 300))
result$power_t <- lapply(cases, function(case) list(gap = case[1], sd = case[2], seeds = case[3],
  power = power.t.test(n = case[3], delta = case[1], sd = case[2], type = "one.sample", strict = TRUE)$power))
p <- c(.012, .003, .4, .021, .9, .003)
result$holm <- list(p = p, adjusted = p.adjust(p, "holm"))

# Time to a target: interval-censored between evaluation points, censored at the budget.
points <- c(0, 1024, 1536, 2048, 2560, 3072, 3584)
times <- expand.grid(seed = 1:10, arm = 0:1, cell = 1:4)
times$time <- exp(7.3 + .2 * times$cell - .25 * times$arm + rnorm(10, 0, .1)[times$seed] + .35 * rnorm(nrow(times)))
at <- findInterval(times$time, points, left.open = TRUE)
times$low <- points[at]
times$high <- points[at + 1] # NA: not reached within the budget
write.csv(times[c("seed", "arm", "cell", "low", "high")], "times.csv", row.names = FALSE)
survreg_of <- function(formula, data) {
  data$left <- ifelse(data$low == 0, NA, data$low); data$right <- data$high
  fit <- survreg(formula, data, dist = "lognormal", control = survreg.control(maxiter = 200, rel.tolerance = 1e-14))
  list(coefficient = unname(coef(fit)["arm"]), scale = fit$scale, log_likelihood = fit$loglik[2])
}
jackknife <- function(estimate, data) {
  left_out <- sapply(sort(unique(data$seed)), function(seed) estimate(data[data$seed != seed, ]))
  n <- length(left_out)
  sqrt((n - 1) / n * sum((left_out - mean(left_out))^2))
}
joint <- Surv(left, right, type = "interval2") ~ factor(cell) + arm
single <- Surv(left, right, type = "interval2") ~ arm
result$aft <- survreg_of(joint, times)
result$aft$jackknife_se <- jackknife(function(d) survreg_of(joint, d)$coefficient, times)
result$aft_cells <- lapply(1:4, function(k) survreg_of(single, times[times$cell == k, ]))
times$status <- !is.na(times$high)
times$end <- ifelse(times$status, times$high, times$low)
paired_cox <- function(data) unname(coef(coxph(Surv(end, status) ~ arm + strata(seed, cell), data, ties = "efron",
  control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 100))))
result$cox <- list(coefficient = paired_cox(times), jackknife_se = jackknife(paired_cox, times))
result$cox_cells <- lapply(1:4, function(k) {
  data <- times[times$cell == k, ]
  unname(coef(coxph(Surv(end, status) ~ arm + strata(seed), data, ties = "efron")))
})

# The regression on all factors: codes of a level against the first, centred, so that other effects are means over levels.
centred <- function(levels) { codes <- contr.treatment(levels) - 1 / levels; colnames(codes) <- 2:levels; codes }
factorial <- transform(times, ordering = factor(arm, levels = 0:1), depth = factor((cell - 1) %/% 2 + 1),
                       activation = factor((cell - 1) %% 2 + 1), cell = factor(cell))
for (name in c("ordering", "depth", "activation", "cell"))
  contrasts(factorial[[name]]) <- centred(nlevels(factorial[[name]]))
regression_of <- function(formula, data) {
  data$left <- ifelse(data$low == 0, NA, data$low); data$right <- data$high
  coef(survreg(formula, data, dist = "lognormal", control = survreg.control(maxiter = 200, rel.tolerance = 1e-14)))[-1]
}
result$aft_regression <- lapply(list(crossed = Surv(left, right, type = "interval2") ~ ordering * depth * activation,
                                     by_cell = Surv(left, right, type = "interval2") ~ ordering * cell), function(formula) {
  whole <- regression_of(formula, factorial)
  left_out <- sapply(1:10, function(seed) regression_of(formula, factorial[factorial$seed != seed, ]))
  se <- sqrt(9 / 10 * rowSums((left_out - rowMeans(left_out))^2))
  lapply(names(whole), function(name) list(term = name, coefficient = unname(whole[name]), jackknife_se = unname(se[name]),
    p = unname(2 * pt(-abs(whole[name] / se[name]), 9))))
})

# Restricted time: the middle of the interval, the budget where the target was not reached.
factorial$response <- ifelse(is.na(factorial$high), 3584, (factorial$low + factorial$high) / 2)
result$restricted_time <- anova_of(factorial, c("ordering", "depth", "activation"))$rows

# Restricted means up to 3584 under Kaplan-Meier, first level less second: crossings at the middle of their intervals,
# and the first level as early and the second as late as the evaluations allow, and the other way.
restricted_mean <- function(arm, end) {
  data <- factorial[factorial$arm == arm, ]
  data$time <- ifelse(is.na(data$high), 3584, switch(end, low = data$low, middle = (data$low + data$high) / 2, high = data$high))
  unname(summary(survfit(Surv(time, !is.na(high)) ~ 1, data), rmean = 3584)$table["rmean"])
}
result$restricted_means <- list(difference = restricted_mean(1, "middle") - restricted_mean(0, "middle"),
  left = restricted_mean(1, "low") - restricted_mean(0, "high"), right = restricted_mean(1, "high") - restricted_mean(0, "low"))

# Least squares on log times at the middle, standard errors for seeds as clusters (CR1, t with seeds - 1).
middle <- lm(log(response) ~ 0 + cell + arm, factorial)
X <- model.matrix(middle); scores <- rowsum(X * resid(middle), factorial$seed)
bread <- solve(crossprod(X)); N <- nrow(X); G <- nrow(scores)
V <- bread %*% crossprod(scores) %*% bread * G / (G - 1) * (N - 1) / (N - ncol(X))
result$least_squares <- list(coefficient = unname(coef(middle)["arm"]), se = sqrt(V["arm", "arm"]),
  p = unname(2 * pt(-abs(coef(middle)["arm"] / sqrt(V["arm", "arm"])), G - 1)))

writeLines(toJSON(result, digits = NA, auto_unbox = TRUE, pretty = TRUE), "reference.json")

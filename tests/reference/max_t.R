# Writes max_t.json beside this file: step-down max-T over every flip of whole seeds (Westfall & Young 1993, algorithm
# 2.8), by the definition and in base R: one vector of signs at a time, t or F of each member by its textbook formula.
# Run by hand: Rscript max_t.R. Tests read the output and never need R. Versions are in max_t.json.
library(jsonlite)
options(digits = 17)
set.seed(20150211, kind = "Mersenne-Twister", normal.kind = "Inversion")
result <- list(versions = list(R = R.version.string, jsonlite = as.character(packageVersion("jsonlite"))))

t_of <- function(d) sqrt(length(d)) * mean(d) / sd(d)
# How extreme a member is under the flips, larger is more extreme. Alike members are compared by |t|, or by t for the mean
# above zero; members of unlike n by the two-sided p of |t| at their own degrees of freedom; effects of several columns
# by the p of F, from the model in which every column has its own mean (n (y'y / n) against the rest of the variance).
absolute <- function(y) { y <- y[is.finite(y)]; if (sd(y) < 1e-12) Inf else abs(t_of(y)) }
signed <- function(y) { y <- y[is.finite(y)]; if (sd(y) < 1e-12) Inf * sign(mean(y)) else t_of(y) }
surprise <- function(y) {
  y <- y[is.finite(y)]; n <- length(y)
  if (sd(y) < 1e-12) Inf else -(log(2) + pt(-abs(t_of(y)), n - 1, log.p = TRUE))
}
surprise_f <- function(y) {
  y <- as.matrix(y); n <- nrow(y); k <- ncol(y)
  effect <- n * sum(colMeans(y)^2); rest <- sum(scale(y, scale = FALSE)^2)
  -pf((effect / k) / (rest / (k * (n - 1))), k, k * (n - 1), lower.tail = FALSE, log.p = TRUE)
}

# Members are matrices of seeds (rows) by columns, NA where a seed lacks the member.
step_down <- function(members, extreme) {
  seeds <- nrow(members[[1]])
  signs <- as.matrix(expand.grid(rep(list(c(1, -1)), seeds)))
  statistics <- function(s) sapply(members, function(member) extreme(member * s))
  observed <- statistics(rep(1, seeds))
  flipped <- t(apply(signs, 1, statistics))
  if (length(members) == 1) flipped <- t(flipped)
  from_most <- order(-observed)
  p <- numeric(length(members)); so_far <- 0
  for (k in seq_along(from_most)) {
    here <- from_most[k]
    most <- apply(flipped[, from_most[k:length(from_most)], drop = FALSE], 1, max)
    reached <- if (is.finite(observed[here])) most >= observed[here] - 1e-9 * max(1, abs(observed[here])) else most == Inf
    so_far <- max(so_far, mean(reached))
    p[here] <- so_far
  }
  p
}
columns <- function(table) lapply(seq_len(ncol(table)), function(index) table[, index, drop = FALSE])
family <- function(table, side = "two-sided", extreme = absolute)
  list(members = columns(table), side = side, p = I(step_down(columns(table), extreme)))

# Seeds with as many runs each: gaps .0 to .6, each seed favours a level.
drawn <- function(seeds, gaps, sd = .3) t(sapply(rnorm(seeds, 0, .1), function(shift) gaps + shift + rnorm(length(gaps), 0, sd)))
equal <- drawn(9, c(0, .2, .4, .6, 0)); few <- drawn(6, c(.6, .6, 0, -.6), .2)
# A different seed lost in each of two cells, and three in a third.
unequal <- drawn(9, c(.5, .2, .4, 0)); unequal[2, 1] <- unequal[7, 2] <- NA; unequal[1:3, 3] <- NA
# Cells of other seeds: the labels of the second pair of cells are nested in it and flip apart from the first's.
nested <- matrix(NA, 11, 4); nested[1:6, 1:2] <- drawn(6, c(.5, .1), .2); nested[7:11, 3:4] <- drawn(5, c(.4, .0), .2)
# Whole numbers of images with ties, zeros, equal members, and a member whose differences are all the same.
tied <- cbind(c(2, 1, 1, 0, 3, -1, 2, 2), c(1, 1, -1, 0, 0, 2, 1, -1), c(2, 1, 1, 0, 3, -1, 2, 2), c(0, 0, 1, 0, 0, 0, 0, -1))
constant <- cbind(rep(.5, 7), drawn(7, c(.2, 0)))
result$families <- list(
  equal = family(equal), few = family(few), one = family(equal[, 4, drop = FALSE]), tied = family(tied),
  constant = family(constant), greater = family(drawn(8, c(.3, -.4, .1, .5)), "greater", signed),
  unequal = family(unequal, extreme = surprise), nested = family(nested, extreme = surprise))

# Beyond the margin .1: the differences less the margin, and what they fall short of minus the margin, one family.
margin <- .1; gaps <- drawn(8, c(.6, 0, .15, -.5), .2)
sides <- step_down(columns(cbind(gaps - margin, -gaps - margin)), signed)
result$beyond <- list(differences = gaps, margin = margin, p = pmin(sides[1:4], sides[5:8]))

# Effects of unlike degrees of freedom: contrast scores of three, two and one columns.
wide <- lapply(c(3, 2, 1), function(k) matrix(rnorm(8 * k, c(.2, .5, .4)[4 - k]), 8) + rnorm(8, 0, .2))
result$effects <- list(members = wide, p = step_down(wide, surprise_f))

writeLines(toJSON(result, digits = NA, auto_unbox = TRUE, na = "null", pretty = FALSE), "max_t.json")

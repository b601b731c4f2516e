# Writes levels.json beside this file: several levels of one factor within seeds, by the definitions and in base R: F by
# aov, Friedman's statistic by friedman.test, every order of the labels in every seed, every flip for every pair.
# Run by hand: Rscript levels.R. Tests read the output and never need R. Versions are in levels.json.
library(jsonlite)
options(digits = 17)
set.seed(20041201, kind = "Mersenne-Twister", normal.kind = "Inversion")
result <- list(versions = list(R = R.version.string, jsonlite = as.character(packageVersion("jsonlite"))))

# Five seeds, three levels, moderators a (two levels) and b (three): an array seed x level x a x b.
seeds <- 5; k <- 3
values <- array(rnorm(seeds * k * 6, 0, .3), c(seeds, k, 2, 3))
values <- values + rep(rnorm(seeds, 0, .5), k * 6)
values[, 2, , ] <- values[, 2, , ] + .45
values[, 3, 2, ] <- values[, 3, 2, ] - .5
long <- expand.grid(seed = factor(1:seeds), level = factor(1:k), a = factor(1:2), b = factor(1:3))
f_of <- function(x) {
  long$y <- as.vector(x)
  table <- summary(aov(y ~ level * a * b + Error(seed / (level * a * b)), long))
  take <- function(stratum, effect) {
    rows <- table[[paste("Error:", stratum)]][[1]]
    row <- rows[trimws(rownames(rows)) == effect, ]
    c(F = row[["F value"]], p = row[["Pr(>F)"]])
  }
  rbind(level = take("seed:level", "level"), a = take("seed:level:a", "level:a"), b = take("seed:level:b", "level:b"),
        ab = take("seed:level:a:b", "level:a:b"))
}
observed <- f_of(values)

# The same F from sums of squares, so that every order can be tried; checked against aov above.
centre <- function(x, over) sweep(x, setdiff(seq_along(dim(x)), over), apply(x, setdiff(seq_along(dim(x)), over), mean))
scores <- function(x, a, b) {
  x <- centre(x, 2)
  x <- if (a) centre(x, 3) else array(apply(x, c(1, 2, 4), mean), c(dim(x)[1:2], 1, dim(x)[4])) * sqrt(dim(x)[3])
  if (b) centre(x, 4) else array(apply(x, 1:3, mean), c(dim(x)[1:3], 1)) * sqrt(dim(x)[4])
}
quick <- function(x) sapply(list(c(F, F), c(T, F), c(F, T), c(T, T)), function(of) {
  s <- scores(x, of[1], of[2]); mean_ <- apply(s, 2:4, mean)
  df <- (k - 1) * (if (of[1]) 1 else 1) * (if (of[2]) 2 else 1)
  effect <- seeds * sum(mean_^2); rest <- sum(s^2) - effect
  -pf((effect / df) / (rest / (df * (seeds - 1))), df, df * (seeds - 1), lower.tail = FALSE, log.p = TRUE)
})
stopifnot(max(abs(exp(-quick(values)) - observed[, "p"])) < 1e-10)
each <- as.matrix(expand.grid(1:3, 1:3, 1:3)); each <- each[apply(each, 1, function(o) length(unique(o)) == 3), ]
all_orders <- as.matrix(expand.grid(rep(list(1:6), seeds)))
permuted <- t(apply(all_orders, 1, function(choice) {
  x <- values
  for (s in 1:seeds) x[s, , , ] <- values[s, each[choice[s], ], , ]
  quick(x)
}))
own <- quick(values)
reached <- function(most, own) mean(most >= own - 1e-9 * max(1, abs(own)))
alone <- sapply(1:4, function(i) reached(permuted[, i], own[i]))
from_most <- 1 + order(-own[2:4]); together <- numeric(3); so_far <- 0
for (i in 1:3) {
  so_far <- max(so_far, reached(apply(permuted[, from_most[i:3], drop = FALSE], 1, max), own[from_most[i]]))
  together[from_most[i] - 1] <- so_far
}
result$factorial <- list(values = values, F = observed[, "F"], p = observed[, "p"], permuted = alone, max_t = together)

# Friedman's test: ranks of four seeds and three levels, whose exact p stand in every table of it (n = 4, k = 3).
exact <- function(ranks) {
  n <- nrow(ranks)
  q <- function(x) unname(friedman.test(x)$statistic)
  orders_ <- as.matrix(expand.grid(rep(list(1:6), n)))
  all_ <- apply(orders_, 1, function(choice) q(t(sapply(1:n, function(s) ranks[s, each[choice[s], ]]))))
  c(Q = q(ranks), p = mean(all_ >= q(ranks) - 1e-9))
}
tables <- list(rbind(1:3, 1:3, 1:3, 1:3), rbind(1:3, 1:3, 1:3, c(2, 1, 3)), rbind(1:3, 1:3, c(1, 3, 2), c(2, 1, 3)))
result$friedman <- lapply(tables, function(ranks) as.list(c(list(ranks = ranks), exact(ranks))))

# Every pair of four levels over nine seeds, one family: step-down max-T over all flips.
wide <- t(sapply(rnorm(9, 0, .3), function(shift) c(0, .05, .35, .5) + shift + rnorm(4, 0, .25)))
pairs_ <- combn(4, 2); gaps <- apply(pairs_, 2, function(of) wide[, of[1]] - wide[, of[2]])
t_of <- function(d) abs(sqrt(length(d)) * mean(d) / sd(d))
signs <- as.matrix(expand.grid(rep(list(c(1, -1)), 9)))
flipped <- t(apply(signs, 1, function(s) apply(gaps * s, 2, t_of)))
own <- apply(gaps, 2, t_of); from_most <- order(-own); p <- numeric(6); so_far <- 0
for (i in 1:6) {
  so_far <- max(so_far, reached(apply(flipped[, from_most[i:6], drop = FALSE], 1, max), own[from_most[i]]))
  p[from_most[i]] <- so_far
}
result$pairs <- list(values = wide, t = apply(gaps, 2, function(d) t.test(d)$statistic), p = p)
writeLines(toJSON(result, digits = NA, auto_unbox = TRUE, pretty = FALSE), "levels.json")

# Writes unpaired.json beside this file: two arms with seeds of their own. Welch by t.test, equivalence by two one-sided
# t.tests, the split-plot interactions by aov (arm between, moderators within seeds; each effect is the last of its stratum),
# and permutations of whole seeds' labels by the definition: every choice of n1 of n1 + n2 seeds, the p of t.test on each, step-down max-T over cells.
# Run by hand: Rscript unpaired.R. Tests read the output and never need R. Versions are in unpaired.json.
library(jsonlite)
options(contrasts = c("contr.sum", "contr.poly"), digits = 17)
set.seed(20150211, kind = "Mersenne-Twister", normal.kind = "Inversion")
result <- list(versions = list(R = R.version.string, jsonlite = as.character(packageVersion("jsonlite"))))

# Seeds (rows) by cells: depth (2) x activation (3), the last fastest; unlike numbers of seeds and spreads.
draw <- function(n, sd, shift) matrix(rnorm(n), n, 6) + matrix(rnorm(6 * n, sd = sd), n) + matrix(shift, n, 6, byrow = TRUE)
first <- draw(5, 1.5, c(.8, .2, 0, 1.4, .6, 2))
second <- draw(7, .5, c(0, .3, .1, 0, .1, 0))
result$first <- first; result$second <- second

test <- function(a, b, ...) {
  found <- t.test(a, b, ...)
  list(gap = unname(found$estimate[1] - found$estimate[2]), t = unname(found$statistic), df = unname(found$parameter),
       p = found$p.value, ci95 = as.numeric(found$conf.int))
}
result$welch <- test(rowMeans(first), rowMeans(second))
result$welch$ci90 <- as.numeric(t.test(rowMeans(first), rowMeans(second), conf.level = .9)$conf.int)
result$tost <- max(t.test(rowMeans(first), rowMeans(second), mu = -2, alternative = "greater")$p.value,
                   t.test(rowMeans(first), rowMeans(second), mu = 2, alternative = "less")$p.value)

long <- expand.grid(seed = 1:12, activation = factor(1:3), depth = factor(1:2))
both <- rbind(first, second)
long$value <- both[cbind(long$seed, (as.integer(long$depth) - 1) * 3 + as.integer(long$activation))]
long$arm <- factor(ifelse(long$seed <= 5, "first", "second"))
long$seed <- factor(long$seed)
model <- summary(aov(value ~ depth * activation * arm + Error(seed / (depth * activation)), long))
result$split_plot <- lapply(c("depth", "activation", "depth:activation"), function(effect) {
  table <- model[[paste0("Error: seed:", effect)]][[1]]
  row <- trimws(rownames(table)) == paste0(effect, ":arm")
  list(effect = effect, df_num = table[row, "Df"], df_den = table["Residuals", "Df"], F = table[row, "F value"],
       p = table[row, "Pr(>F)"])
})

# Permutations: p alone of the mean, and of the cells alone and by step-down max-T.
choices <- combn(12, 5)
p_of <- function(values, chosen) t.test(values[chosen], values[-chosen])$p.value
means <- rowMeans(both)
permuted <- apply(choices, 2, function(chosen) p_of(means, chosen))
result$permutation_mean <- mean(permuted <= p_of(means, 1:5) * (1 + 1e-9))
cells <- apply(choices, 2, function(chosen) apply(both, 2, p_of, chosen = chosen))
observed <- apply(both, 2, p_of, chosen = 1:5)
result$permutation_alone <- sapply(1:6, function(i) mean(cells[i, ] <= observed[i] * (1 + 1e-9)))
order <- order(observed)
stepped <- sapply(1:6, function(k) mean(apply(cells[order[k:6], , drop = FALSE], 2, min) <= observed[order[k]] * (1 + 1e-9)))
result$permutation_max_t <- numeric(6)
result$permutation_max_t[order] <- cummax(stepped)
write_json(result, "unpaired.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)

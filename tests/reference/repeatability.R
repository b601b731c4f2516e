# Writes repeatability.json beside this file: data and results in base R. Run by hand: Rscript repeatability.R
# Tests read the output and never need R. Versions are in repeatability.json.
library(jsonlite)
options(digits = 17)
set.seed(20150211, kind = "Mersenne-Twister", normal.kind = "Inversion")
result <- list(versions = list(R = R.version.string, jsonlite = as.character(packageVersion("jsonlite"))))

# A new seed: the prediction interval of lm. k new pairs: the sign by pt, significance by integrals over the posterior.
significant <- function(mean, sd, seeds, pairs, alpha = .05) {
  critical <- qt(1 - alpha / 2, pairs - 1)
  given <- function(sigma) integrate(function(mu) dnorm(mu, mean, sigma / sqrt(seeds)) *
    pt(critical, pairs - 1, mu * sqrt(pairs) / sigma, lower.tail = FALSE),
    mean - 8 * sigma / sqrt(seeds), mean + 8 * sigma / sqrt(seeds), rel.tol = 1e-9)$value
  integrate(function(q) dchisq(q, seeds - 1) * sapply(sd * sqrt((seeds - 1) / q), given), 1e-3, 80, rel.tol = 1e-7)$value
}
result$new_runs <- lapply(list(c(10, .3, .5), c(5, .8, .6), c(30, .05, .2), c(6, -.4, .3)), function(case) {
  seeds <- case[1]
  difference <- rnorm(seeds, case[2], case[3])
  interval <- predict(lm(difference ~ 1), data.frame(row.names = 1), interval = "prediction")
  mean <- mean(difference); sd <- sd(difference)
  list(difference = difference, interval = unname(interval[1, c("lwr", "upr")]),
       chances = lapply(c(1, 3, 5, 10), function(k) {
         found <- list(pairs = k, sign = pt(abs(mean) / (sd * sqrt(1 / k + 1 / seeds)), seeds - 1))
         if (k > 1) found$significant <- significant(abs(mean), sd, seeds, k)
         found
       }))
})

# One run each: Wilcoxon's rank sum W counts the pairs in which the first is larger, ties half.
result$unpaired <- lapply(1:2, function(round) {
  first <- round(rnorm(8, 97.3, .4), round); second <- round(rnorm(8, 97, .4), round)
  list(first = first, second = second,
       share = unname(suppressWarnings(wilcox.test(first, second, exact = FALSE)$statistic)) / 64)
})

# Seeds x images, both random: mean squares of aov, Satterthwaite's degrees of freedom.
result$crossed <- lapply(list(c(6, 40, .05, .3), c(10, 25, .3, .05), c(4, 30, 0, 0)), function(case) {
  seeds <- case[1]; images <- case[2]
  data <- expand.grid(seed = factor(1:seeds), image = factor(1:images))
  data$d <- .1 + rnorm(seeds, 0, case[3])[data$seed] + rnorm(images, 0, case[4])[data$image] + rnorm(nrow(data), 0, .4)
  found <- anova(aov(d ~ seed + image, data))
  ms <- found[["Mean Sq"]]; a <- c(1, 1, -1) / (seeds * images)
  variance <- sum(a * ms); df <- variance^2 / sum((a * ms)^2 / found[["Df"]])
  share <- max(0, (ms[2] - ms[3]) / seeds / images) / variance
  list(table = matrix(data$d, seeds), mean_squares = ms, se = sqrt(variance), df = df, image_share = share,
       ci95 = mean(data$d) + c(-1, 1) * qt(.975, df) * sqrt(variance))
})

# Seeds x cells: tau squared is (MS of cells - MS of seed x cell) / S; gaps keep 1 - 1/F of their distance.
result$heterogeneity <- lapply(list(c(8, 4, .5), c(10, 6, 0)), function(case) {
  seeds <- case[1]; cells <- case[2]
  data <- expand.grid(seed = factor(1:seeds), cell = factor(1:cells))
  data$d <- rnorm(seeds, 0, .5)[data$seed] + rnorm(cells, 0, case[3])[data$cell] +
    rnorm(nrow(data)) * (.1 + .2 * as.integer(data$cell))
  found <- anova(aov(d ~ seed + cell, data))
  ms <- found[["Mean Sq"]]; gaps <- tapply(data$d, data$cell, mean)
  kept <- max(0, 1 - 1 / found["cell", "F value"])
  list(differences = matrix(data$d, seeds), tau = sqrt(max(0, ms[2] - ms[3]) / seeds),
       shrunken = unname(c(mean(gaps) + kept * (gaps - mean(gaps)))))
})

writeLines(toJSON(result, digits = NA, auto_unbox = TRUE, pretty = FALSE), "repeatability.json")

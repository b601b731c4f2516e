# Writes anytime.json beside this file: data by base R, intervals and p by avlm (github.com/michaellindon/avlm), Pocock's
# constants by mvtnorm. Run by hand: Rscript anytime.R. Tests read the output and never need R.
library(jsonlite)
library(avlm)
library(mvtnorm)
options(digits = 17)
set.seed(20150211, kind = "Mersenne-Twister", normal.kind = "Inversion")
result <- list(versions = list(R = R.version.string, avlm = as.character(packageVersion("avlm")),
                               mvtnorm = as.character(packageVersion("mvtnorm"))))

# The mean of n values is the coefficient of lm(x ~ 1); avlm's precision g is 1 / c2.
result$mixture <- lapply(list(c(6, .5, 1, .05, .25), c(10, .3, .5, .05, 1), c(10, .1, .2, .003125, .5), c(25, 0, .2, .01, .25),
                              c(60, .1, .2, .003125, .25), c(200, -.05, .25, .05, .1)), function(case) {
  values <- rnorm(case[1], case[2], case[3])
  fit <- av(lm(values ~ 1), g = 1 / case[5])
  bounds <- unname(suppressWarnings(confint(fit, level = 1 - case[4]))[1, ])
  list(values = values, alpha = case[4], c2 = case[5], interval = if (all(is.finite(bounds))) bounds else NULL,
       p = unname(summary(fit)$coefficients[1, 4]))
})

# The chance that |Z| stays below z at every look: the sums at looks n_k have covariance min(n_j, n_k).
result$pocock <- lapply(list(list(1:5, 2.413), list(c(10, 15, 20), 2.2), list(c(6, 11, 16, 21, 26, 31), 2.5),
                             list(c(10, 30, 40, 100), 2.3)), function(case) {
  looks <- case[[1]]
  correlation <- outer(looks, looks, function(a, b) sqrt(pmin(a, b) / pmax(a, b)))
  stays <- pmvnorm(rep(-case[[2]], length(looks)), rep(case[[2]], length(looks)), corr = correlation,
                   algorithm = GenzBretz(maxpts = 5e6, abseps = 1e-8))
  list(looks = looks, z = case[[2]], crossing = 1 - as.numeric(stays), error = attr(stays, "error"))
})
write_json(result, "anytime.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)

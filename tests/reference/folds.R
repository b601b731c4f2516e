# Writes folds.json beside this file: paired differences over folds that share training examples, by base R: the t of
# t.test on the differences times sqrt((1/J) / (1/J + n2/n1)), which is the corrected resampled t of Nadeau and Bengio
# (2003), as WEKA's PairedStatsCorrected and correctR's repkfold_ttest write it: mean / sqrt(var (1/J + n2/n1)), J - 1
# degrees of freedom (J = k r: Bouckaert and Frank 2004). p by pf of its square, as WEKA has it; two one-sided p by pt.
# Run by hand: Rscript folds.R. Tests read the output and never need R. Versions are in folds.json.
library(jsonlite)
options(digits = 17)
set.seed(20030901, kind = "Mersenne-Twister", normal.kind = "Inversion")
result <- list(versions = list(R = R.version.string, jsonlite = as.character(packageVersion("jsonlite"))))
corrected <- function(folds, repeats, train, test, shift, margin) {
  count <- folds * repeats
  first <- rnorm(count, 80, 2)
  second <- .6 * (first - 80) + 80 + shift + rnorm(count)
  found <- t.test(first, second, paired = TRUE)
  ratio <- test / train
  shrink <- sqrt((1 / count) / (1 / count + ratio))
  t <- unname(found$statistic) * shrink
  gap <- mean(first - second)
  se <- gap / t
  list(folds = folds, first = first, second = second, margin = margin, gap = gap, t = t, df = count - 1,
       p = pf(t^2, 1, count - 1, lower.tail = FALSE), ci95 = gap + qt(c(.025, .975), count - 1) * se,
       ci90 = gap + qt(c(.05, .95), count - 1) * se,
       p_tost = max(pt((gap + margin) / se, count - 1, lower.tail = FALSE), pt((gap - margin) / se, count - 1)))
}
result$cases <- list(ten = corrected(10, 1, 90, 10, 1, 2), repeated = corrected(10, 10, 180, 20, -.5, 1),
                     five = corrected(5, 1, 80, 20, .1, 3), halves = corrected(2, 5, 150, 150, 2, 1))
write_json(result, "folds.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)

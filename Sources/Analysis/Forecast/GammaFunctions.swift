import Foundation

/// The logarithm of the gamma function of a number above 0.
func lnGamma(_ x: Double) -> Double {
  // Not `lgamma` of one argument, which keeps the sign in a variable that all threads share.
  var sign: Int32 = 0
  return lgamma_r(x, &sign)
}

/// The derivative of `lnGamma`, by recurrence up to 10 and then the asymptotic series (Abramowitz and Stegun 6.3.18).
func digamma(_ x: Double) -> Double {
  var x = x
  var shift = 0.0
  while x < 10 {
    shift -= 1 / x
    x += 1
  }
  let square = 1 / (x * x)
  let coefficients: [Double] = [-1.0 / 12, 1.0 / 120, -1.0 / 252, 1.0 / 240, -1.0 / 132, 691.0 / 32760, -1.0 / 12]
  let series = coefficients.reversed().reduce(0) { sum, coefficient in (sum + coefficient) * square }
  return shift + log(x) - 0.5 / x + series
}

import Foundation

/// The likelihood of BG/NBD with its gradient, over histories grouped by their number of purchases.
struct BetaGeometricLikelihood {
  /// Customers with the same number of purchases share the gamma functions.
  private struct Group {
    let frequency: Double
    /// Recency, age and how many customers have them.
    var members: [(recency: Double, age: Double, count: Double)] = []
  }

  private let groups: [Group]
  /// How many customers there are.
  let count: Int

  init(_ histories: [PurchaseHistory]) {
    let sorted = histories.sorted { ($0.frequency, $0.age, $0.recency) < ($1.frequency, $1.age, $1.recency) }
    var groups: [Group] = []
    for history in sorted {
      if groups.last?.frequency != Double(history.frequency) {
        groups.append(Group(frequency: Double(history.frequency)))
      }
      let group = groups.count - 1
      if let last = groups[group].members.last, last.recency == history.recency, last.age == history.age {
        groups[group].members[groups[group].members.count - 1].count += 1
      } else {
        groups[group].members.append((history.recency, history.age, 1))
      }
    }
    self.groups = groups
    count = histories.count
  }

  /// The mean age, weeks; the same whatever the order of the customers.
  var meanAge: Double {
    groups.reduce(0) { $1.members.reduce($0) { $0 + $1.count * $1.age } } / Double(max(1, count))
  }

  /// The log-likelihood at the logarithms of r, α, a and b, and its gradient in them.
  func value(_ logarithms: [Double]) -> (value: Double, gradient: [Double]) {
    let (r, alpha, a, b) = (exp(logarithms[0]), exp(logarithms[1]), exp(logarithms[2]), exp(logarithms[3]))
    var (value, dr, dAlpha, da, db) = (0.0, 0.0, 0.0, 0.0, 0.0)
    let (gammaR, psiR) = (lnGamma(r), digamma(r))
    let constant = lnGamma(a + b) - lnGamma(b)
    let (psiAB, psiB) = (digamma(a + b), digamma(b))
    for group in groups {
      let x = group.frequency
      let all = group.members.reduce(0) { $0 + $1.count }
      value += all * (lnGamma(r + x) - gammaR + r * logarithms[1])
      value += all * (constant + lnGamma(b + x) - lnGamma(a + b + x))
      dr += all * (digamma(r + x) - psiR + logarithms[1])
      dAlpha += all * r / alpha
      let psiABX = digamma(a + b + x)
      da += all * (psiAB - psiABX)
      db += all * (psiAB - psiB + digamma(b + x) - psiABX)
      let left = x > 0 ? log(a) - log(b + x - 1) : -Double.infinity
      for member in group.members {
        let (logAge, logRecency) = (log(alpha + member.age), log(alpha + member.recency))
        // Alive: −(r+x) ln(α+T); left after the last purchase: ln a − ln(b+x−1) − (r+x) ln(α+t).
        let (alive, gone) = (-(r + x) * logAge, left - (r + x) * logRecency)
        let top = max(alive, gone)
        let sum = exp(alive - top) + exp(gone - top)
        value += member.count * (top + log(sum))
        let aliveShare = member.count * exp(alive - top) / sum
        let goneShare = member.count * exp(gone - top) / sum
        dr -= aliveShare * logAge + goneShare * logRecency
        dAlpha -= (r + x) * (aliveShare / (alpha + member.age) + goneShare / (alpha + member.recency))
        if x > 0 {
          da += goneShare / a
          db -= goneShare / (b + x - 1)
        }
      }
    }
    return (value, [dr * r, dAlpha * alpha, da * a, db * b])
  }
}

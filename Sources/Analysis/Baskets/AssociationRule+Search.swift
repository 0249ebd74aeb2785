extension AssociationRule {
  /// All rules of frequent itemsets that are confident enough, the best first, and whether some were left out.
  static func all(
    of itemsets: [Itemset], basketCount: Int, minimumConfidence: Double
  ) -> (rules: [AssociationRule], isCut: Bool) {
    var counts: [[Int32]: Int] = [:]
    for itemset in itemsets { counts[itemset.items] = itemset.count }
    var rules: [AssociationRule] = []
    var isCut = false
    for itemset in itemsets where itemset.items.count > 1 {
      for chosen in 1..<(1 << itemset.items.count) - 1 {
        var (antecedent, consequent): ([Int32], [Int32]) = ([], [])
        for (place, item) in itemset.items.enumerated() {
          if chosen >> place & 1 == 1 { antecedent.append(item) } else { consequent.append(item) }
        }
        guard let antecedentCount = counts[antecedent], let consequentCount = counts[consequent] else { continue }
        let rule = AssociationRule(
          antecedent: antecedent, consequent: consequent, count: itemset.count, antecedentCount: antecedentCount,
          consequentCount: consequentCount, basketCount: basketCount)
        if rule.confidence >= minimumConfidence { rules.append(rule) }
      }
      if rules.count > 4 * BasketFindings.rulesMax {
        rules = Array(rules.sorted(by: precedes).prefix(BasketFindings.rulesMax))
        isCut = true
      }
    }
    rules.sort(by: precedes)
    if rules.count > BasketFindings.rulesMax {
      rules.removeLast(rules.count - BasketFindings.rulesMax)
      isCut = true
    }
    return (rules, isCut)
  }

  /// By lift, then count, then items.
  private static func precedes(_ one: AssociationRule, _ other: AssociationRule) -> Bool {
    let (lift, otherLift) = (one.lift, other.lift)
    if lift != otherLift { return lift > otherLift }
    if one.count != other.count { return one.count > other.count }
    if one.antecedent != other.antecedent { return one.antecedent.lexicographicallyPrecedes(other.antecedent) }
    return one.consequent.lexicographicallyPrecedes(other.consequent)
  }
}

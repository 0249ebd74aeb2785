/// Who buys the antecedent buys the consequent too: four counts, and the measures that follow from them.
///
/// The measures are quotients of exact integers, rounded once (Agrawal and Srikant 1994; Brin and others 1997 for lift
/// and conviction; Piatetsky-Shapiro 1991 for leverage; Yan, Zhang and Zhang 2009 for Zhang's metric).
public struct AssociationRule: Equatable, Sendable {
  /// The numbers of the items bought, rising.
  public let antecedent: [Int32]
  /// The numbers of the items bought with them, rising.
  public let consequent: [Int32]
  /// Baskets with both, with the antecedent, with the consequent, and all baskets.
  public let count: Int, antecedentCount: Int, consequentCount: Int, basketCount: Int

  /// The share of the baskets with both.
  public var support: Double { Double(count) / Double(basketCount) }
  /// The share of the baskets with the antecedent.
  public var antecedentSupport: Double { Double(antecedentCount) / Double(basketCount) }
  /// The share of the baskets with the consequent.
  public var consequentSupport: Double { Double(consequentCount) / Double(basketCount) }
  /// Of the baskets with the antecedent, the share that has the consequent too.
  public var confidence: Double { Double(count) / Double(antecedentCount) }
  /// How many times as often both are together as if they had nothing to do with each other.
  public var lift: Double {
    Double(count) * Double(basketCount) / (Double(antecedentCount) * Double(consequentCount))
  }
  /// The share of baskets with both, less what there would be if they had nothing to do with each other.
  public var leverage: Double { Double(excess) / (Double(basketCount) * Double(basketCount)) }
  /// How many times as often the rule would fail by chance; infinite for a rule that never fails.
  public var conviction: Double {
    let failures = antecedentCount - count
    if failures == 0 { return .infinity }
    return Double(antecedentCount) * Double(basketCount - consequentCount) / (Double(basketCount) * Double(failures))
  }
  /// From −1 (never together) by 0 (nothing to do with each other) to 1 (always together).
  public var zhang: Double {
    let denominator = max(
      count * (basketCount - antecedentCount), antecedentCount * (consequentCount - count))
    return denominator == 0 ? 0 : Double(excess) / Double(denominator)
  }

  /// Leverage · baskets², exact.
  private var excess: Int { count * basketCount - antecedentCount * consequentCount }
}

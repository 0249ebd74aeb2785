/// Orders as sets of items.
public struct BasketData: Sendable {
  /// The name of each item, by number.
  public let itemNames: [String]
  /// The items of each basket: rising numbers, none twice.
  public let baskets: [[Int32]]
  /// The segment of each basket's customer, a number of a segment's name; outside of them: none. Empty without segments.
  public let segments: [Int]

  /// Takes the numbers of the items of each basket, in any order, also twice; unknown numbers are left out.
  public init(itemNames: [String], baskets: [[Int]], segments: [Int] = []) {
    precondition(segments.isEmpty || segments.count == baskets.count, "each basket has a segment")
    self.itemNames = itemNames
    self.baskets = baskets.map { basket in
      var last: Int32 = -1
      var items: [Int32] = []
      for item in basket.filter(itemNames.indices.contains).sorted() where Int32(item) != last {
        last = Int32(item)
        items.append(last)
      }
      return items
    }
    self.segments = segments
  }
}

/// What is searched for in baskets.
public struct BasketOptions: Equatable, Sendable {
  /// The least share of the baskets that an itemset is in, above 0, at most 1.
  public var minimumSupport: Double
  /// The least confidence of a rule, 0 to 1.
  public var minimumConfidence: Double
  /// The most items of an itemset.
  public var maximumLength: Int

  /// One basket in a hundred, one in five of those with the antecedent, up to four items together.
  public init(minimumSupport: Double = 0.01, minimumConfidence: Double = 0.2, maximumLength: Int = 4) {
    self.minimumSupport = minimumSupport
    self.minimumConfidence = minimumConfidence
    self.maximumLength = maximumLength
  }
}

/// Items that are bought together.
public struct Itemset: Equatable, Hashable, Sendable {
  /// The numbers of the items, rising.
  public let items: [Int32]
  /// How many baskets hold all of them.
  public let count: Int
}

/// What was found in some baskets.
public struct BasketFindings: Equatable, Sendable {
  /// Whose baskets: `all` or a segment's name.
  public let name: String
  /// How many there are.
  public let basketCount: Int
  /// How many baskets the rarest itemset is in: minimum support × baskets, rounded up.
  public let minimumCount: Int
  /// By length, then by the numbers of the items.
  public let itemsets: [Itemset]
  /// The best first: by lift, then support, then items.
  public let rules: [AssociationRule]
  /// What was cut short or could not be done: sentences.
  public let notes: [String]
}

/// What is bought together, by all and in each segment.
public struct BasketAnalysis: Sendable {
  /// The name of each item, by number.
  public let itemNames: [String]
  /// What was searched for.
  public let options: BasketOptions
  /// What all customers buy together.
  public let all: BasketFindings
  /// What those of each segment do, in the order of the segments.
  public let segments: [BasketFindings]
}

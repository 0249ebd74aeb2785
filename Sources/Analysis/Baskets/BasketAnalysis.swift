/// What is searched for in baskets.
public struct BasketOptions: Equatable, Sendable {
  /// The least share of the baskets that an itemset is in, above 0, at most 1.
  public var minimumSupport: Double
  /// The least number of baskets that it is in, whatever the share: what few have bought together is chance.
  public var minimumCount: Int
  /// The least confidence of a rule, 0 to 1.
  public var minimumConfidence: Double
  /// The most items of an itemset; more than `8` are not searched for.
  public var maximumLength: Int

  /// One basket in a hundred but ten at least, one in five of those with the antecedent, up to four items together.
  public init(
    minimumSupport: Double = 0.01, minimumCount: Int = 10, minimumConfidence: Double = 0.2, maximumLength: Int = 4
  ) {
    self.minimumSupport = minimumSupport
    self.minimumCount = minimumCount
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
  /// How many different items are in them.
  public let itemCount: Int
  /// How many baskets the rarest itemset may be in: minimum support × baskets, rounded up.
  public let minimumCount: Int
  /// By length, then by the numbers of the items.
  public let itemsets: [Itemset]
  /// The best first: by lift, then count, then items; at most `rulesMax`.
  public let rules: [AssociationRule]
  /// What was cut short or could not be done: sentences.
  public let notes: [String]

  /// Rules that are kept at most: more than anyone reads.
  public static let rulesMax = 50_000

  init(name: String, baskets: [[Int32]], itemCount: Int, options: BasketOptions) {
    self.name = name
    basketCount = baskets.count
    self.itemCount = Set(baskets.joined()).count
    minimumCount = max(
      options.minimumCount, Apriori.minimumCount(support: options.minimumSupport, basketCount: baskets.count))
    let search = Apriori(
      baskets, itemCount: itemCount, minimumCount: minimumCount, maximumLength: options.maximumLength)
    itemsets = search.itemsets
    let (rules, isCut) = AssociationRule.all(
      of: search.itemsets, basketCount: baskets.count, minimumConfidence: options.minimumConfidence)
    self.rules = rules
    var notes = search.notes
    if isCut {
      notes.append("Only the \(Self.rulesMax) rules of the greatest lift were kept; ask for a greater confidence.")
    }
    if baskets.count < minimumCount {
      notes.append("With \(baskets.count) baskets nothing can be in \(minimumCount) of them.")
    }
    self.notes = notes
  }
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

  /// Searches all baskets, and those of each segment by itself.
  public init(_ data: BasketData, segmentNames: [String] = [], options: BasketOptions = BasketOptions())
    throws(AnalysisError)
  {
    guard options.minimumSupport > 0, options.minimumSupport <= 1 else {
      throw AnalysisError(.usage, "a support of `\(options.minimumSupport)`: give a share above 0, up to 1")
    }
    guard (0...1).contains(options.minimumConfidence) else {
      throw AnalysisError(.usage, "a confidence of `\(options.minimumConfidence)`: give a share from 0 to 1")
    }
    guard data.baskets.contains(where: { !$0.isEmpty }) else {
      throw AnalysisError(.unusableInput, "no basket holds an item: name the column of items")
    }
    itemNames = data.itemNames
    self.options = options
    let itemCount = data.itemNames.count
    all = BasketFindings(name: "all", baskets: data.baskets, itemCount: itemCount, options: options)
    segments = segmentNames.enumerated().map { segment, name in
      let baskets = zip(data.baskets, data.segments).filter { $1 == segment }.map(\.0)
      return BasketFindings(name: name, baskets: baskets, itemCount: itemCount, options: options)
    }
  }

  /// The names of items, joined.
  public func text(_ items: [Int32]) -> String { items.map { itemNames[Int($0)] }.joined(separator: " + ") }
}

/// A small tree of yes-or-no questions: each splits where the Gini impurity falls most (CART; Breiman, Friedman,
/// Olshen and Stone, 1984).
public struct DecisionTree: Codable, Equatable, Sendable {
  /// A question, or an answer.
  public enum Node: Codable, Equatable, Sendable {
    /// Whether a feature is at most a threshold: then on at the node `below`, else at `above`.
    case question(feature: Int, threshold: Double, below: Int, above: Int)
    /// The share of each class among the rows that came here.
    case answer(shares: [Double], rowCount: Int)
  }

  /// The first is the root; a question's nodes come after it.
  public private(set) var nodes: [Node] = []

  /// Questions in a row at most: what fits a page and can be told to people.
  public static let depthMax = 4

  /// The least rows of an answer: a hundredth of all, five at least.
  static func leafMin(rowCount: Int) -> Int { max(5, rowCount / 100) }

  /// Takes nodes as they are; `nil` where a question leads back or nowhere, or an answer lacks a class.
  public init?(nodes: [Node], featureCount: Int, classCount: Int) {
    guard !nodes.isEmpty else { return nil }
    for (index, node) in nodes.enumerated() {
      switch node {
      case .question(let feature, let threshold, let below, let above):
        let next = index + 1..<max(index + 1, nodes.count)
        guard (0..<featureCount).contains(feature), next.contains(below), next.contains(above) else { return nil }
        guard threshold.isFinite else { return nil }
      case .answer(let shares, _):
        guard shares.count == classCount, shares.allSatisfy({ (0...1).contains($0) }) else { return nil }
      }
    }
    self.nodes = nodes
  }

  /// Learns from rows whose labels are below `classCount`.
  public init(
    _ features: FeatureMatrix, labels: [Int], classCount: Int, depthMax: Int = DecisionTree.depthMax,
    leafMin: Int? = nil
  ) {
    precondition(features.names.isEmpty || features.rowCount == labels.count, "each row has a label")
    var growth = TreeGrowth(
      features: features, labels: labels, classCount: classCount, depthMax: depthMax,
      leafMin: max(1, leafMin ?? Self.leafMin(rowCount: labels.count)))
    growth.grow(Array(labels.indices), depth: 0)
    nodes = growth.nodes
  }

  /// The share of each class in the answer that a row comes to.
  public func probabilities(_ row: ArraySlice<Double>) -> [Double] {
    var node = 0
    while true {
      switch nodes[node] {
      case .question(let feature, let threshold, let below, let above):
        node = row[row.startIndex + feature] <= threshold ? below : above
      case .answer(let shares, _): return shares
      }
    }
  }

  /// A line for each node, questions indented by their depth.
  public func lines(features: [String], classes: [String]) -> [String] {
    var lines: [String] = []
    func add(_ node: Int, _ indent: String, _ words: String) {
      switch nodes[node] {
      case .question(let feature, let threshold, let below, let above):
        let name = features[feature]
        add(below, indent + "  ", "\(indent)\(name) ≤ \(NumberText.short(threshold))", leadsOn: nodes[below])
        add(above, indent + "  ", "\(indent)\(name) > \(NumberText.short(threshold))", leadsOn: nodes[above])
      case .answer: lines.append(words + answer(node, classes))
      }
    }
    func add(_ node: Int, _ indent: String, _ words: String, leadsOn: Node) {
      if case .answer = leadsOn { return lines.append(words + answer(node, classes)) }
      lines.append(words)
      add(node, indent, words)
    }
    add(0, "", "everyone")
    return lines
  }

  private func answer(_ node: Int, _ classes: [String]) -> String {
    guard case .answer(let shares, let rowCount) = nodes[node] else { return "" }
    guard let best = shares.indices.max(by: { shares[$0] < shares[$1] }) else { return "" }
    // Of yes and no the reader wants the share of yes.
    let shown = classes == ClassifierReport.yesOrNo ? 1 : best
    return ": \(classes[shown]) \(NumberText.percent(shares[shown])) of \(NumberText.count(rowCount))"
  }
}

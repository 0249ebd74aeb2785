/// Orders as sets of items.
public struct BasketData: Sendable {
  /// The name of each item, by number.
  public let itemNames: [String]
  /// The items of each basket: rising numbers, none twice.
  public let baskets: [[Int32]]
  /// The segment of each basket's customer, by number; others than those there are mean none. Empty without segments.
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

  /// The baskets of a log: what a customer bought in an order, or, where lines name none, on a day (UTC).
  ///
  /// Refunds and lines without an item are left out. `labels` are the segments of the log's customers, or empty; `nil`
  /// where the log has no items.
  public init?(_ log: PurchaseLog, labels: [Int] = []) {
    precondition(labels.isEmpty || labels.count == log.customerCount, "each customer has a label")
    guard !log.itemNames.isEmpty else { return nil }
    var (baskets, segments): ([[Int]], [Int]) = ([], [])
    for customer in 0..<log.customerCount {
      var places: [Int: Int] = [:]
      for entry in log.entries(of: customer) where !entry.isRefund && entry.item >= 0 {
        // Orders have numbers from 0 on, days go below.
        let key = entry.order >= 0 ? Int(entry.order) : -1 - Int(PurchaseHistory.day(entry.timeMs))
        if let place = places[key] {
          baskets[place].append(Int(entry.item))
        } else {
          places[key] = baskets.count
          baskets.append([Int(entry.item)])
          if !labels.isEmpty { segments.append(labels[customer]) }
        }
      }
    }
    self.init(itemNames: log.itemNames, baskets: baskets, segments: segments)
  }
}

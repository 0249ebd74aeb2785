import Segmentation

/// What the last complete walk over an input partition counted, as its owner tells it once a walk.
package struct WatchRecord: Sendable, Equatable {
  /// The input partition.
  package var partition: Int32
  /// The features counted, in their order.
  package var features: [Feature]
  /// The counts.
  package var watch: ModelWatch

  /// Makes a record of a partition's counts.
  package init(partition: Int32, features: [Feature], watch: ModelWatch) {
    self.partition = partition
    self.features = features
    self.watch = watch
  }

  /// The key of the record of a partition, `3-watch`.
  package static func key(of partition: Int32) -> String { "\(partition)-watch" }

  // MARK: Writing

  /// The record's value, a JSON object.
  package func bytes() -> [UInt8] {
    var json = JSONWriter()
    json.object {
      $0.member("partition", Int64(partition))
      $0.member("generation", Int64(watch.generation))
      $0.member("sweep", Int64(watch.sweep))
      $0.array("features", features) { $0.value($1.rawValue) }
      let count = ModelWatch.binCount
      $0.array("bins", Array(features.indices)) { json, index in
        json.object { BinRun(watch.bins[index * count..<(index + 1) * count]).write(to: &$0) }
      }
      $0.integers("outside", watch.outside)
      $0.integers("nearest", watch.nearest)
      $0.integers("published", watch.published)
      $0.integers("held", watch.held)
      $0.integers("margins", watch.margins)
      $0.member("inertia", watch.inertia)
      $0.member("promotions", watch.promotions)
      $0.integers("changes", watch.changes)
    }
    return json.bytes
  }

  // MARK: Reading

  /// Reads a record's value.
  package init(_ bytes: [UInt8]) throws(TrainingRecordError) {
    guard let json = JSONValue(bytes) else { throw TrainingRecordError("counts of a walk that are no JSON") }
    let members = RecordMembers(json, of: "counts of a walk")
    let count = 0...RecordMembers.customersMax
    partition = Int32(try members.integer("partition", 0...Int(Int32.max)))
    features = try members.features("features")
    let nearest = try members.counts("nearest", 2...RecordMembers.kMax)
    watch = ModelWatch(
      generation: try members.integer("generation", 1...RecordMembers.customersMax),
      sweep: try members.integer("sweep", count), k: nearest.count, features: features.count)
    watch.nearest = nearest
    watch.published = try members.counts("published", nearest.count...nearest.count)
    watch.bins = try BinRun.bins(try members.objects("bins", features.count...features.count))
    watch.outside = try members.counts("outside", features.count...features.count)
    watch.held = try members.counts("held", watch.held.count...watch.held.count)
    watch.margins = try members.counts("margins", watch.margins.count...watch.margins.count)
    watch.inertia = Int64(try members.integer("inertia", 0...Int.max))
    watch.promotions = Int64(try members.integer("promotions", count))
    watch.changes = try members.counts("changes", watch.changes.count...watch.changes.count)
  }
}

/// The bins of one feature from the first that holds somebody to the last: `{"first":17,"counts":[3,0,9]}`.
struct BinRun {
  let first: Int
  let counts: [Int64]

  /// The run of a feature's bins.
  init(_ bins: ArraySlice<Int64>) {
    let start = bins.firstIndex { $0 != 0 } ?? bins.startIndex
    let end = bins.lastIndex { $0 != 0 } ?? bins.startIndex - 1
    first = start - bins.startIndex
    counts = start <= end ? Array(bins[start...end]) : []
  }

  func write(to json: inout JSONWriter) {
    json.member("first", Int64(first))
    json.integers("counts", counts)
  }

  /// The bins of all features, one object each.
  static func bins(_ objects: [RecordMembers]) throws(TrainingRecordError) -> [Int64] {
    var bins: [Int64] = []
    for object in objects {
      let first = try object.integer("first", 0...ModelWatch.binCount)
      let counts = try object.counts("counts", 0...ModelWatch.binCount - first)
      bins += Array(repeating: 0, count: first) + counts
      bins += Array(repeating: 0, count: ModelWatch.binCount - first - counts.count)
    }
    return bins
  }
}

extension JSONWriter {
  /// An array of integers.
  mutating func integers(_ name: String, _ values: [Int64]) {
    array(name, values) { $0.value(json: Array("\($1)".utf8)) }
  }
}

import Segmentation

extension ModelRecord {
  /// The record as the beginning of a group or a replay of its own: where its clock began, and who its customers
  /// were, is not theirs. Under `k: auto` its number of segments counts as chosen.
  package func start(_ settings: SegmentationSettings) -> ModelRecord {
    var start = self
    start.memory.startMs = nil
    start.memory.kIsAuto = settings.kIsAuto
    start.customers = nil
    return start
  }

  /// The record as the next generation of a group whose newest model is `present`, or as its first.
  ///
  /// A segment of the same number is the same segment. No number is used again: those of `present` that the record
  /// does not have are retired.
  package func following(_ present: ModelRecord?, _ settings: SegmentationSettings) -> ModelRecord {
    var next = start(settings)
    guard let present else { return next }
    next.model.generation = present.model.generation + 1
    next.model.version = present.model.version + 1
    let last =
      [
        model.lastSegmentNumber, memory.lastSegmentNumber, present.model.lastSegmentNumber,
        present.memory.lastSegmentNumber,
      ].max() ?? 0
    (next.model.lastSegmentNumber, next.memory.lastSegmentNumber) = (last, last)
    let kept = Set(model.segments.map(\.number))
    var retired: [Int: Model.RetiredSegment] = [:]
    for segment in model.retired + present.model.retired { retired[segment.number] = segment }
    for segment in present.model.segments {
      retired[segment.number] = Model.RetiredSegment(number: segment.number, name: segment.name)
    }
    next.model.retired = retired.values.filter { !kept.contains($0.number) }.sorted { $0.number < $1.number }
    // A fit falls due when the group has grown beyond what either model has seen.
    next.memory.fittedCustomers = max(memory.fittedCustomers, present.memory.fittedCustomers)
    next.memory.fittedSpanMs = max(memory.fittedSpanMs, present.memory.fittedSpanMs)
    next.memory.startMs = present.memory.startMs
    return next
  }

  /// In what the model differs from what the settings ask for, one sentence a difference; none where the settings can
  /// go on with it as it is.
  package func differences(from settings: SegmentationSettings) -> [String] {
    var settings = settings
    var differences: [String] = []
    if model.kind != settings.kind {
      differences.append(
        "its segments are by `\(model.kind.rawValue)`, the configuration's by `\(settings.kind.rawValue)`")
    } else if model.kind == .rules && model.rules != settings.rules {
      differences.append("its table of rules is not that of the configuration")
    }
    if model.kind == .rules || settings.kind == .rules {
      // Rules have no clusters and no coordinates.
      (settings.k, settings.kIsAuto, settings.features) = (memory.k, memory.kIsAuto, memory.features)
    }
    return differences + memory.differences(from: settings)
  }

  /// Whether another record assigns and names as this one does, whatever their generations and versions.
  package func isSameModel(as other: ModelRecord) -> Bool {
    model.kind == other.model.kind && model.rules == other.model.rules && model.features == other.model.features
      && model.scaler == other.model.scaler
      && model.segments == other.model.segments && model.cuts == other.model.cuts
      && memory.features == other.memory.features && memory.halfLifeDays == other.memory.halfLifeDays
  }
}

/// What a trainer begins with: the group's newest model, or that of a file.
struct ModelStart {
  /// The record; `nil` where there is none.
  var record: ModelRecord?
  /// Whether the group does not know it yet.
  var isNews: Bool
  /// What an operator should know, as a sentence.
  var notice: String?

  /// A file's model is a group's first; where it is frozen it takes the place of any other.
  init(file: ModelFile?, present: ModelRecord?, settings: SegmentationSettings) {
    record = present
    // Models cite the rules of moving: new ones go out with the present model.
    isNews = present.map { $0.memory.hysteresis != Hysteresis(settings) } ?? false
    guard let file else { return }
    guard let present else {
      (record, isNews, notice) = (file.record.start(settings), true, "the first model is that of `\(file.path)`")
      return
    }
    if file.record.isSameModel(as: present) { return }
    if settings.isFrozen {
      record = file.record.following(present, settings)
      (isNews, notice) = (true, "the model of `\(file.path)` takes the place of \(present.key)")
    } else {
      notice =
        "the group goes on with its own model \(present.key) and not with `\(file.path)`, which a group only begins "
        + "with; `segmenter model import` puts it in its place"
    }
  }
}

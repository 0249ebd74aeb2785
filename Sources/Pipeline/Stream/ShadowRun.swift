import Kafka
import Segmentation

/// Applies a configuration to a group's customers, and its input, without anybody noticing.
///
///     state log (or input) ─► present: its model and rules ─┐
///                          └► proposed: the new ones ───────┴─► compared ─► (followed: proposed beside published)
package final class ShadowRun {
  private let options: DaemonOptions
  private let reader: GroupReader
  private let isStopped: () -> Bool
  private var notes: [String] = []

  /// Rows of a walk between two looks at what it wrote.
  private static let walkRows = 4_096
  private static let dayMs: Int64 = 86_400_000

  /// Connects. Throws `StreamError`: 66 where the group has never run.
  package init(
    _ options: DaemonOptions, notices: Notices, isStopped: @escaping () -> Bool
  ) throws(StreamError) {
    self.options = options
    self.isStopped = isStopped
    reader = try GroupReader(options, notices: notices)
  }

  /// Compares, and then follows the input for so long, in ms, or until it is asked to stop; 0 to follow nothing.
  package func run(followMs: Int64) throws(StreamError) -> ShadowReport {
    let present = try reader.newestModel()?.record
    let start = ModelStart(file: options.model, present: present, settings: options.settings)
    if let notice = start.notice { notes.append(notice) }
    try checkFrozen(start.record)
    let published = followMs > 0 ? try ShadowFollower.publishedEnds(reader) : []
    // A dwell only says when: who would move is compared without.
    var (before, after) = (presentSettings(present), options.settings)
    (before.dwellMs, after.dwellMs) = (0, 0)
    if options.settings.dwellMs > 0 {
      notes.append("who would move is told without waiting for `hysteresis.dwell_hours`")
    }
    let state = try ShadowState(
      reader, settings: [before, after] + (followMs > 0 ? [options.settings] : []), isStopped: isStopped)
    var trainer =
      start.record.map { Trainer(settings: options.settings, model: $0.model, memory: $0.memory) }
      ?? Trainer(settings: options.settings)
    if let present { state.segmenters[0].adopt(present.model) }
    let isFitted = settle(state.segmenters[1], &trainer, mustFit: state.source == .input)
    var report = compare(state, present, trainer.model)
    report.isFitted = isFitted
    if followMs > 0 {
      let follower = try ShadowFollower(reader, state.segmenters[2], trainer, at: state.offsets)
      report.followed = try follower.run(forMs: followMs, publishedFrom: published, isStopped: isStopped)
    }
    report.notes = notes
    return report
  }

  private func checkFrozen(_ record: ModelRecord?) throws(StreamError) {
    guard options.settings.isFrozen else { return }
    guard let record else {
      throw StreamError(.configuration, "`model.frozen` keeps a model, and the group has none: give `model.file`")
    }
    let differences = record.differences(from: options.settings)
    guard !differences.isEmpty else { return }
    throw StreamError(
      .configuration,
      "`model.frozen` keeps the model \(record.key), which does not fit the configuration: "
        + differences.joined(separator: "; "))
  }

  /// The settings that the group runs under, as far as its model tells them.
  private func presentSettings(_ present: ModelRecord?) -> SegmentationSettings {
    var settings = options.settings
    guard let present else { return settings }
    settings.kind = present.model.kind
    settings.rules = present.model.rules
    if settings.kind == .rules { settings.names = [:] }
    settings.features = present.memory.features
    settings.k = present.memory.k
    settings.kIsAuto = present.memory.kIsAuto
    if let hysteresis = present.memory.hysteresis {
      settings.margin = hysteresis.margin
      settings.returnMargin = hysteresis.returnMargin
      settings.returnMs = hysteresis.returnMs
    }
    return settings
  }

  /// Gives the segmenter of the new configuration its model; answers whether it was fitted.
  private func settle(_ segmenter: Segmenter, _ trainer: inout Trainer, mustFit: Bool) -> Bool {
    if mustFit {
      notes.append(
        "the new configuration changes what state depends on: the input was read from its start, as after a reset")
    }
    let isKept = trainer.model != nil && (options.settings.isFrozen || !(mustFit || trainer.isOutdated))
    if isKept, let model = trainer.model {
      segmenter.adopt(model)
      return false
    }
    if let record = trainer.model.map({ ModelRecord(model: $0, memory: trainer.memory) }) {
      notes += record.differences(from: options.settings).map { "of the present model: \($0)" }
    }
    let clockMs = segmenter.partitions.map(segmenter.clockMs).max() ?? 0
    var sample = CustomerSample()
    segmenter.collect(into: &sample)
    sample.trim()
    guard options.settings.lack(of: sample) == nil else { return false }
    segmenter.adopt(trainer.fit(sample, clockMs: clockMs))
    notes += trainer.kChoice?.lines ?? []
    // The centroids that hold after a sweep in the generation.
    Self.walk(segmenter, learning: true, publishing: false)
    if let statistics = segmenter.statistics(), let model = trainer.update(statistics, force: true) {
      segmenter.adopt(model)
    }
    if options.settings.kIsAuto { notes.append("`model.k: auto` has chosen \(trainer.memory.k) segments") }
    return true
  }

  /// Visits every customer once, at its partition's clock or so much later; returns the changes that it made.
  @discardableResult
  static func walk(_ segmenter: Segmenter, laterMs: Int64 = 0, learning: Bool = false, publishing: Bool = true) -> Int {
    let before = segmenter.counters.changes.reduce(0, +)
    for partition in segmenter.partitions where segmenter.clockMs(of: partition) != .min {
      var rest = segmenter.rowCount(of: partition)
      while rest > 0 {
        segmenter.sweep(
          partition, rows: min(rest, walkRows), clockMs: segmenter.clockMs(of: partition) + laterMs,
          learning: learning, publishing: publishing, origin: .live)
        segmenter.removeChanges()
        rest -= walkRows
      }
    }
    return segmenter.counters.changes.reduce(0, +) - before
  }

  // MARK: The comparison

  private func compare(_ state: ShadowState, _ present: ModelRecord?, _ proposed: Model?) -> ShadowReport {
    let (before, after) = (state.segmenters[0], state.segmenters[1])
    let isRestored = state.source == .state
    let due = isRestored ? Self.walk(before) : 0
    Self.walk(after)
    var tally = ShadowTally()
    for partition in after.partitions {
      // The same log gives the same rows.
      var old: [Int] = []
      if isRestored { before.forEachCustomer(of: partition, clockMs: 0) { old.append($0.segment) } }
      var row = 0
      after.forEachCustomer(of: partition, clockMs: 0) { customer in
        let from =
          isRestored ? old[row] : state.published[String(decoding: customer.id, as: UTF8.self)] ?? 0
        if customer.purchases != nil { tally.count(from: from, to: customer.segment) }
        row += 1
      }
    }
    let clockMs = after.partitions.map(after.clockMs).max() ?? .min
    var report = ShadowReport(
      group: options.group, source: state.source.rawValue, clockMs: clockMs == .min ? nil : clockMs,
      presentModel: present?.key, proposedModel: after.model?.recordKey, isFitted: false, notes: [],
      customers: tally.customers, unpublished: tally.unpublished, moved: tally.moved, due: isRestored ? due : nil,
      moves: tally.moves,
      segments: tally.segments(present: present?.model, proposed: proposed), nextDayBefore: nil, nextDayAfter: 0)
    if isRestored { report.nextDayBefore = Self.walk(before, laterMs: Self.dayMs) }
    report.nextDayAfter = Self.walk(after, laterMs: Self.dayMs)
    return report
  }
}

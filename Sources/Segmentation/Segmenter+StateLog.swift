/// The state log: what a segmenter writes of its partitions at a commit, and reads when it gets one.
///
///     read records ──► restore… ──► finishRestore ──► apply, sweep, note ──► cut ──► … ──► clear
extension Segmenter {
  /// Counts records of a partition that do not come to `apply`, and all that were read.
  package func note(partition: Int32, records: Int, deadLetters: Int = 0, ignored: Int = 0) {
    let index = core.local(partition)
    core.partitions[index].counters.records += records
    core.partitions[index].counters.deadLetters += deadLetters
    core.partitions[index].counters.ignored += ignored
  }

  /// What has happened to a partition since its beginning, restarts included.
  package func partitionCounters(of partition: Int32) -> PartitionCounters {
    core.partitions[core.local(partition)].counters
  }

  /// About how many bytes the next cut of all partitions will come to.
  package var touchedBytes: Int { core.sum { $0.touched.count } * StateRecord.rowBytesTypical }

  /// Whether a partition has something to write: a touched row, or a counted record.
  package func hasNews(_ partition: Int32) -> Bool {
    let index = core.local(partition)
    return core.partitions[index].touched.count > 0
      || core.partitions[index].counters != core.partitions[index].countersAtCut
  }

  /// Appends the records of a commit of one partition to a buffer and returns where they are, one or more; from then
  /// on nothing is touched. `inputOffset` is the next to read; `sequence` is one more than the partition's last.
  package func cut(
    _ partition: Int32, inputOffset: Int64, sequence: Int64, fingerprint: UInt64, into buffer: inout ByteBuffer
  ) -> [Range<Int>] {
    precondition(core.keepsLog, "only a segmenter that keeps a log is cut")
    precondition(inputOffset >= 0 && sequence > 0, "a commit has an offset and a sequence")
    return core.cut(
      core.local(partition), inputOffset: inputOffset, sequence: sequence, fingerprint: fingerprint, into: &buffer)
  }

  /// Reads the next record of a partition's log, in its order, and returns its header. The first empties the
  /// partition, and an error does. Until `finishRestore` the partition takes no records.
  @discardableResult
  package func restore(
    _ partition: Int32, record: UnsafeRawBufferPointer, fingerprint: UInt64
  ) throws(StateLogError) -> StateRecordHeader {
    try core.restore(core.local(partition), record: record, fingerprint: fingerprint)
  }

  /// Makes the partition of the records read and returns the last one's header; without a record it is empty, and the
  /// result `nil`. Its sums count if they are of the generation of the model that is, or will be, adopted.
  @discardableResult
  package func finishRestore(_ partition: Int32) throws(StateLogError) -> StateRecordHeader? {
    try core.finishRestore(core.local(partition))
  }

  /// Empties a partition, because it is no longer owned.
  package func clear(_ partition: Int32) { core.clear(core.local(partition)) }
}

import Kafka
import Segmentation

/// Compares where the state log says that a partition's input goes on with what the group has committed.
///
///     group's offset            meaning                        what is done
///     equal                     clean                          go on
///     lower, our metadata       torn commit                    the log wins
///     lower, other metadata     somebody rewound it            refuse
///     higher                    log damaged or another topic   refuse
///     absent, log present       the group has expired          the log wins
///     present, log empty        state lost                     refuse
///     any, a reset's metadata   a reset has not ended          refuse
struct StateAgreement {
  let partition: Int32
  let input: String
  let state: String
  let group: String
  /// What to do, for the end of a sentence.
  let rebuild: String

  /// Where the input goes on; `nil` at the very first start. Throws with kind `disagree`.
  func offset(committed: CommittedOffset, log: StateRecordHeader?) throws(StreamError) -> Int64? {
    if ResetMark(committed.metadata) != nil {
      throw refusal("a reset of the group `\(group)` was begun and has not ended")
    }
    guard let log else {
      guard let offset = committed.offset else { return nil }
      throw refusal(
        "the group `\(group)` has committed offset \(offset), but `\(state)` holds no state: it was lost, or is of "
          + "another group")
    }
    guard let offset = committed.offset, offset != log.inputOffset else { return log.inputOffset }
    if offset > log.inputOffset {
      throw refusal(
        "the group `\(group)` has committed offset \(offset), but the state in `\(state)` ends at "
          + "\(log.inputOffset): the log is damaged, of another topic, or the offset was moved by hand")
    }
    if StateOffset.sequence(committed.metadata) == nil {
      throw refusal(
        "the offset of group `\(group)` was set to \(offset) by hand, while its state in `\(state)` is of "
          + "\(log.inputOffset); what has been counted cannot be counted again")
    }
    return log.inputOffset
  }

  private func refusal(_ what: String) -> StreamError {
    StreamError(.disagree, "partition \(partition) of `\(input)`: \(what)\(rebuild)")
  }
}

import Kafka
import Segmentation

/// The models that the trainer has published, read back as every instance reads them.
final class ModelFeed {
  private let context: StreamContext
  private let feed: RecordFeed
  /// The newest model; `nil` before the first.
  private(set) var newest: ModelRecord?
  /// When it was published last, ms since 1970.
  private(set) var publishedMs: Int64 = 0
  /// How a model was in the newest sweep that is told; `nil` where none was found.
  private(set) var health: ModelHealth?
  private var recordsRead = 0

  /// So many records are read back for the last sweep's health; models are looked for to the topic's start.
  private static let healthRecordsMax = 1_024

  /// Connects, and reads back to the last model there is.
  init(_ context: StreamContext) throws(KafkaError) {
    self.context = context
    feed = try RecordFeed(context, topic: context.options.modelTopic)
    try feed.readLast(
      take, isEnough: { newest != nil && (health != nil || recordsRead >= ModelFeed.healthRecordsMax) })
  }

  /// Takes what has been published since the last call.
  func poll() throws(KafkaError) { try feed.poll(take) }

  /// Takes all that is committed by now: state that another instance has kept may cite it.
  func catchUp() throws(KafkaError) { try feed.catchUp(take) }

  private func take(_ record: RecordFeed.Record) {
    recordsRead += 1
    do throws(TrainingRecordError) {
      if ModelHealth.isKey(record.key) {
        health = try ModelHealth(record: record.value)
        return
      }
      let read = try ModelRecord(record.value)
      let (model, known) = (read.model, newest?.model)
      if let known, (model.generation, model.version) < (known.generation, known.version) { return }
      newest = read
      publishedMs = record.timestampMs
    } catch {
      context.notices(.warning, "topic `\(context.options.modelTopic)`: \(error); it is passed over")
    }
  }
}

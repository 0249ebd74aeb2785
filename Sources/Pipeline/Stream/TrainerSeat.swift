import Kafka
import Segmentation

/// The trainer's place: the instance that owns input partition 0 sits here, reads what all partitions tell, and has
/// models to publish.
final class TrainerSeat {
  private let context: StreamContext
  private let feed: RecordFeed
  private var trainer: StreamTrainer
  /// A model that is to go out with the next commit of partition 0.
  private(set) var pending: StreamTrainer.News?
  /// The key of a model that went out and has not been read back.
  private var awaited: String?
  private var awaitedMs: Int64 = 0
  /// What has been said to be lacking for a model.
  private var saidLack: InsufficientData?
  /// How the model was in a sweep that is to be told with the next commit of partition 0.
  private var pendingHealth: ModelHealth?
  private var watch: HealthWatch

  /// The trainer repeats the current model daily, since its topic forgets after seven days; in ms.
  private static let repeatMs: Int64 = 86_400_000
  /// How long a model that went out is waited for, in ms: more than any commit that is still resolved.
  private static let awaitedMsMax: Int64 = 120_000

  /// Reads all statistics there are, and goes on from the last model.
  init(
    _ context: StreamContext, partitions: Int, from last: ModelRecord?, health: ModelHealth?
  ) throws(KafkaError) {
    self.context = context
    let settings = context.options.settings
    let start = ModelStart(file: context.options.model, present: last, settings: settings)
    trainer = StreamTrainer(settings: settings, partitions: partitions, from: start.record)
    if start.isNews { pending = trainer.record.map { StreamTrainer.News(record: $0, isFit: false, ms: 0) } }
    if let notice = start.notice { context.notices(.info, notice) }
    watch = HealthWatch(last: health)
    feed = try RecordFeed(context, topic: context.options.statisticsTopic)
    try feed.readAll(take)
  }

  /// Whether a model is on its way out and back.
  var isBusy: Bool { pending != nil || awaited != nil }

  /// Whether a partition's statistics of a commit, or of a later one, have been read back.
  func hasHeard(of partition: Int32, sequence: Int64) -> Bool {
    trainer.sequence(of: partition) ?? 0 >= Int(sequence)
  }

  /// Takes what has been told since the last call and makes a model where one is due.
  func closeEpoch(_ models: ModelFeed) throws(KafkaError) {
    try feed.poll(take)
    look()
    if let awaited {
      // Where a commit was torn the model can be missing for good; the next one takes its place.
      guard models.newest?.key == awaited || monotonicMs() - awaitedMs > TrainerSeat.awaitedMsMax else { return }
      self.awaited = nil
    }
    if let newest = models.newest, pending == nil, newest.isNewer(than: trainer.record) {
      context.notices(.info, "the trainer goes on from the model \(newest.key), which it has not made")
      trainer.goOn(from: newest)
    }
    guard pending == nil else { return }
    pending = trainer.closeEpoch()
    sayLack()
    if let pending { tell(pending) }
    if pending == nil, let current = models.newest, wallClockMs() - models.publishedMs > TrainerSeat.repeatMs {
      pending = StreamTrainer.News(record: current, isFit: false, ms: 0)
    }
  }

  /// Says once what is lacking for a model.
  private func sayLack() {
    defer { saidLack = trainer.lack }
    if let lack = trainer.lack, !lack.isLike(saidLack) {
      context.notices(.info, "\(lack.text): no model is made of them")
    }
  }

  private func tell(_ news: StreamTrainer.News) {
    if let contest = news.contest {
      let part = Double(Int(contest.part * 1_000)) / 10
      let found = "a refit has \(part) % of the model's inertia\(contest.isStale ? ", whose scaler is stale" : "")"
      let after =
        news.isFit ? "twice running: it takes over" : contest.isWon ? "once more and it takes over" : "it lost"
      context.notices(.info, "contest \(contest.number), \(news.ms) ms: \(found); \(after)")
    }
    guard news.isFit else { return }
    let model = news.record.model
    let names = model.segments.map(\.name).joined(separator: "; ")
    context.notices(.info, "fitted model \(model.generation)-\(model.version) in \(news.ms) ms: \(names)")
    for line in news.kChoice?.lines ?? [] { context.notices(.info, line) }
  }

  /// Whether something waits for a commit of partition 0.
  var hasNews: Bool { pending != nil || pendingHealth != nil }

  /// Looks whether all partitions have completed a sweep; if so, how the model is goes into the log and the topic.
  private func look() {
    guard let walks = trainer.health(), let health = watch.next(walks) else { return }
    pendingHealth = health
    context.notices(.info, health.line)
    for warning in watch.warnings(health) { context.notices(.warning, warning) }
  }

  /// How the model was in the last sweep, for a commit of partition 0; once a sweep.
  func takeHealth() -> CommitBatch.KeyedRecord? {
    guard let health = pendingHealth else { return nil }
    pendingHealth = nil
    return CommitBatch.KeyedRecord(partition: 0, key: health.key, value: health.bytes())
  }

  /// The model for a commit of partition 0; from then on it is waited for.
  func takePending() -> CommitBatch.KeyedRecord? {
    guard let news = pending else { return nil }
    pending = nil
    awaited = news.record.key
    awaitedMs = monotonicMs()
    return CommitBatch.KeyedRecord(
      partition: 0, key: news.record.key, value: news.record.bytes(digits: context.options.settings.currency.digits))
  }

  private func take(_ record: RecordFeed.Record) {
    do throws(TrainingRecordError) {
      trainer.take(try TrainingRecord(key: record.key, value: record.value))
    } catch {
      context.notices(.warning, "topic `\(context.options.statisticsTopic)`: \(error); it is passed over")
    }
  }
}

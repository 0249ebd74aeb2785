import Segmentation

/// Lets the model of a daemon's segmenter follow its customers, once an epoch.
struct DaemonTrainer {
  /// A model that the segmenter has adopted.
  struct News {
    var model: Model
    /// Whether it is a fit, of a new generation.
    var isFit: Bool
    /// How long it took, in ms.
    var ms: Int
  }

  private var trainer: Trainer

  init(settings: SegmentationSettings) {
    trainer = Trainer(settings: settings)
  }

  /// Fits anew where that is due, else moves the centroids to what has been learned; `nil` where nothing moved.
  mutating func closeEpoch(_ segmenter: Segmenter, clockMs: Int64) -> News? {
    if trainer.needsFit(customers: segmenter.buyers, clockMs: clockMs, startMs: segmenter.clockStartMs) {
      let startMs = wallClockMs()
      var sample = CustomerSample()
      segmenter.collect(into: &sample)
      let model = trainer.fit(sample, clockMs: clockMs)
      segmenter.adopt(model)
      return News(model: model, isFit: true, ms: Int(wallClockMs() - startMs))
    }
    guard let statistics = segmenter.statistics(), let model = trainer.update(statistics) else { return nil }
    segmenter.adopt(model)
    return News(model: model, isFit: false, ms: 0)
  }
}

/// How long a stopping daemon waits for a broker that takes no more.
final class DrainPatience {
  private let isStopped: () -> Bool
  private let ms: Int64
  private var sinceMs: Int64?

  init(isStopped: @escaping () -> Bool, ms: Int64) {
    self.isStopped = isStopped
    self.ms = ms
  }

  /// Whether it was asked to stop so long ago that waiting is no use.
  var isOver: Bool {
    guard isStopped() else { return false }
    let since = sinceMs ?? wallClockMs()
    sinceMs = since
    return wallClockMs() - since > ms
  }
}

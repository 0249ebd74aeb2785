import Segmentation
import Testing

@testable import Pipeline

/// A record of segments by number, of one feature.
private func record(_ segments: [Int: String], generation: Int, retired: [Int: String] = [:], last: Int) -> ModelRecord
{
  var memory = TrainerMemory(k: segments.count, features: [WeightedFeature(.recency)], halfLifeDays: 90)
  memory.lastSegmentNumber = last
  memory.startMs = Int64(generation)
  let model = Model(
    generation: generation, version: 10 * generation, features: [.recency],
    scaler: Model.Scaler(mean: [0], sd: [1], lower: [0], upper: [9], clamp: [8]),
    segments: segments.sorted { $0.key < $1.key }.map {
      Model.Segment(number: $0.key, name: $0.value, cell: "Lost", centroid: [Double($0.key)])
    }, cuts: ScoreCuts(recency: [1, 2, 3, 4], frequency: [1, 2, 3, 4], monetary: [1, 2, 3, 4]),
    lastSegmentNumber: last, retired: retired.sorted { $0.key < $1.key }.map { .init(number: $0.key, name: $0.value) })
  return ModelRecord(model: model, memory: memory, customers: segments.map { _ in 1 })
}

@Suite("A model from outside")
struct ModelRecordStartTests {
  private let settings = SegmentationSettings()
  private let present = record([2: "b", 5: "e"], generation: 7, retired: [1: "a", 3: "c", 4: "d"], last: 5)
  private let file = record([2: "b", 3: "C"], generation: 3, retired: [1: "a"], last: 4)

  @Test("It becomes the next generation and keeps its segments")
  func generation() {
    let next = file.following(present, settings)
    #expect(next.key == "8-71")
    #expect(next.model.segments == file.model.segments && next.model.scaler == file.model.scaler)
    #expect(next.isSameModel(as: file) && !next.isSameModel(as: present))
  }

  @Test("Numbers that were ever used are its own or retired, and none comes again")
  func numbers() throws {
    let next = file.following(present, settings)
    #expect(next.model.retired.map(\.number) == [1, 4, 5])
    #expect(next.model.retired.map(\.name) == ["a", "d", "e"])
    #expect(next.model.lastSegmentNumber == 5 && next.memory.lastSegmentNumber == 5)
    let longer = record([1: "x", 2: "y"], generation: 1, last: 90).following(present, settings)
    #expect(longer.model.lastSegmentNumber == 90 && longer.model.retired.map(\.number) == [3, 4, 5])
    #expect(try ModelRecord(next.bytes(digits: 2)) == next)
  }

  @Test("Its clock and its customers are those of the group")
  func clock() {
    #expect(
      file.following(present, settings).memory.startMs == 7 && file.following(nil, settings).memory.startMs == nil)
    #expect(file.following(present, settings).customers == nil && file.start(settings).customers == nil)
    #expect(file.following(nil, settings).key == file.key)
  }

  @Test("A trainer begins with the file of a new group, and in an old one only where that is frozen")
  func trainer() throws {
    let folder = try ScratchFolder()
    let model = try ModelFile(path: try folder.write(file.bytes(digits: 2), to: "model.json"))
    var settings = SegmentationSettings()
    var known = present
    known.memory.hysteresis = Hysteresis(settings)
    #expect(ModelStart(file: nil, present: nil, settings: settings).record == nil)
    let first = ModelStart(file: model, present: nil, settings: settings)
    #expect(first.record?.key == file.key && first.isNews)
    let learning = ModelStart(file: model, present: known, settings: settings)
    #expect(learning.record == known && !learning.isNews && learning.notice?.contains("model import") == true)
    settings.isFrozen = true
    let frozen = ModelStart(file: model, present: known, settings: settings)
    #expect(frozen.record == file.following(known, settings) && frozen.isNews)
    let again = ModelStart(file: model, present: frozen.record, settings: settings)
    #expect(again.record == frozen.record, "the file is taken once")
    settings.margin = 0.5
    #expect(ModelStart(file: nil, present: known, settings: settings).isNews, "models cite the rules of moving")
  }
}

import Testing

@testable import Segmentation

@Suite("Settings of the core")
struct SettingsTests {
  @Test("A name that another segment may bear, or two bear, is refused in words")
  func namesAreDistinct() {
    var settings = SegmentationSettings()
    #expect(settings.problem == nil)
    settings.names = ["s1": "VIP", "s2": "Students"]
    #expect(settings.problem == nil)
    settings.names["s2"] = "VIP"
    #expect(settings.problem?.contains("same name") == true)
    settings.names["s2"] = "Champions"
    #expect(settings.problem?.contains("`Champions`") == true)
  }

  @Test("Every bound of a setting holds on both sides")
  func boundsHold() {
    func problem(_ change: (inout SegmentationSettings) -> Void) -> String? {
      var settings = SegmentationSettings()
      change(&settings)
      return settings.problem
    }
    #expect(problem { $0.k = 2 } == nil && problem { $0.k = 64 } == nil)
    #expect(problem { $0.k = 1 } != nil && problem { $0.k = 65 } != nil)
    #expect(problem { $0.transactionWindow = 64 } == nil && problem { $0.transactionWindow = 65 } != nil)
    #expect(problem { $0.orderWindow = 16 } == nil && problem { $0.orderWindow = 17 } != nil)
    #expect(problem { $0.margin = 1 } != nil && problem { $0.returnMargin = -0.1 } != nil)
    #expect(problem { $0.halfLifeDays = 0 } != nil && problem { $0.features = [] } != nil)
    #expect(problem { $0.features = [WeightedFeature(.orders, weight: 9)] } != nil)
  }
}

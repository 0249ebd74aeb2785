import Testing

@testable import Analysis

@Suite struct PaletteTests {
  @Test("Colours of groups differ in lightness by 7 or more, so that greyscale keeps them apart")
  func greyscale() {
    for palette in [Palette.light, Palette.dark] {
      let lightness = palette.map(Palette.lightness).sorted()
      for (one, next) in zip(lightness, lightness.dropFirst()) { #expect(next - one >= 7, "\(lightness)") }
    }
  }

  @Test("Groups that follow each other differ in lightness by 7 or more, the first after the last, too")
  func neighbours() {
    for palette in [Palette.light, Palette.dark] {
      for index in palette.indices {
        let next = palette[(index + 1) % palette.count]
        #expect(abs(Palette.lightness(palette[index]) - Palette.lightness(next)) >= 7)
      }
    }
  }

  @Test("Marks have 3 : 1 on their ground, words 4.5 : 1, light and dark (WCAG 2.2, 1.4.11 and 1.4.3)")
  func contrast() {
    for colour in Palette.light { #expect(Palette.contrast(colour, Palette.ground.light) >= 3) }
    for colour in Palette.dark { #expect(Palette.contrast(colour, Palette.ground.dark) >= 3) }
    for words in [Palette.ink, Palette.muted] {
      #expect(Palette.contrast(words.light, Palette.ground.light) >= 4.5)
      #expect(Palette.contrast(words.dark, Palette.ground.dark) >= 4.5)
    }
    #expect(Palette.contrast(Palette.axis.light, Palette.ground.light) >= 3)
    #expect(Palette.contrast(Palette.axis.dark, Palette.ground.dark) >= 3)
  }

  @Test("Shades fall in lightness from step to step, and words on each have 4.5 : 1")
  func shades() {
    for shade in [Palette.shade, Palette.shadeBelow] {
      let shades = (0...100).map { shade(Double($0) / 100) }
      for (one, next) in zip(shades, shades.dropFirst()) {
        #expect(Palette.lightness(next) < Palette.lightness(one))
      }
      for colour in shades { #expect(Palette.contrast(colour, Palette.textOn(colour)) >= 4.5, "\(colour)") }
    }
    for colour in Palette.light { #expect(Palette.contrast(colour, Palette.textOn(colour)) >= 4.5, "\(colour)") }
  }

  @Test("Two groups look alike in colour, mark and dash only from the forty-third on")
  func repetition() {
    let looks = (0..<42).map { "\(Palette.series($0)) \($0 % Mark.count)" }
    #expect(Set(looks).count == 42)
    #expect(Palette.contrast("#000000", "#ffffff") == 21 && Palette.lightness("#ffffff") == 100)
  }
}

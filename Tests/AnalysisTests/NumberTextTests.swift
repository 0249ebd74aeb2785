import Testing

@testable import Analysis

@Suite struct NumberTextTests {
  @Test(
    "Numbers are short and grouped, whatever their size",
    arguments: [
      (0, "0"), (-0.0, "0"), (1234.56, "1,235"), (12.345, "12.3"), (0.01234, "0.0123"), (1_234_567, "1,234,567"),
      (-1234.5, "-1,234"), (100, "100"), (0.5, "0.5"), (1e-9, "1.00e-09"), (1e300, "1.00e+300"), (.nan, "–"),
      (.infinity, "∞"), (-.infinity, "-∞"), (999.96, "1,000"), (0.1, "0.1"),
    ])
  func short(value: Double, text: String) { #expect(NumberText.short(value) == text) }

  @Test("Fixed decimals are kept, and nothing is minus zero")
  func fixed() {
    #expect(NumberText.fixed(1234.5, 2) == "1,234.50" && NumberText.fixed(-0.004, 2) == "0.00")
    #expect(NumberText.fixed(-0.006, 2) == "-0.01" && NumberText.fixed(2, -3) == "2")
    #expect(NumberText.count(.min) == "-9,223,372,036,854,775,808" && NumberText.count(999) == "999")
  }

  @Test("Shares, money and axis numbers have their units")
  func units() {
    #expect(NumberText.percent(0.0468) == "4.7\u{A0}%" && NumberText.percent(.nan) == "–")
    #expect(NumberText.money(minor: 123_456, digits: 2) == "1,234.56")
    #expect(NumberText.money(minor: 1_234_567_890, digits: 2) == "12,345,679")
    #expect(NumberText.compact(1_250_000) == "1.25 M" && NumberText.compact(9_999) == "9,999")
  }
}

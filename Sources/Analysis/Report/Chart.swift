/// A picture as inline SVG, with a title, a text alternative and the numbers that it shows.
///
/// The functions beside it (`bars`, `lines`, …) make one. A picture bears its colours itself, so that it stands alone
/// as a file; its classes let the report change them in the dark.
public struct Chart: Equatable, Sendable {
  /// The name of its file, without `.svg`: lower-case words joined by `-`.
  public let id: String
  /// What it shows.
  public let title: String
  /// What there is to see, in words, for who cannot see it.
  public let alternative: String
  /// The numbers that it shows.
  public let table: DataTable
  /// A whole `<svg>` element.
  public let svg: String
  /// How wide it was drawn; a letter is about 7 wide.
  public let width: Int

  /// The same picture under another id.
  func renamed(_ id: String) -> Chart {
    // In the text of a picture a quotation mark is escaped, so only names are met.
    let svg = self.svg.replacing("=\"\(self.id)-", with: "=\"\(id)-")
      .replacing(" \(self.id)-desc\"", with: " \(id)-desc\"").replacing("url(#\(self.id)-", with: "url(#\(id)-")
    return Chart(id: id, title: title, alternative: alternative, table: table, svg: svg, width: width)
  }
}

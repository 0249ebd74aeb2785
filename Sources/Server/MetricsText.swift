/// Metrics as text: the Prometheus text format 0.0.4, or OpenMetrics 1.0.
struct MetricsText {
  /// What a metric is.
  enum Kind: String {
    /// It only grows, but for restarts.
    case counter
    /// It goes up and down.
    case gauge
    /// Counts of durations below bounds.
    case histogram
  }

  private let isOpenMetrics: Bool
  private var lines: [String] = []

  init(isOpenMetrics: Bool) { self.isOpenMetrics = isOpenMetrics }

  /// The media type of the text.
  var contentType: String {
    isOpenMetrics
      ? "application/openmetrics-text; version=1.0.0; charset=utf-8" : "text/plain; version=0.0.4; charset=utf-8"
  }

  /// The whole text.
  var text: String { lines.joined(separator: "\n") + (isOpenMetrics ? "\n# EOF\n" : "\n") }

  /// One metric with its values by labels; `name` of a counter ends in `_total`.
  mutating func add(
    _ name: String, _ kind: Kind, _ help: String, _ values: [(labels: [(String, String)], value: Double)]
  ) {
    guard !values.isEmpty else { return }
    begin(name, kind, help)
    for (labels, value) in values { sample(name, labels, value) }
  }

  /// One metric with one value.
  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
    add(name, kind, help, [([], value)])
  }

  /// A histogram of seconds.
  mutating func add(_ name: String, _ help: String, _ histogram: ServiceStatus.Histogram) {
    begin(name, .histogram, help)
    var total = 0
    for (index, count) in histogram.counts.enumerated() {
      total += count
      let bound = index < histogram.bounds.count ? Self.number(histogram.bounds[index]) : "+Inf"
      sample(name + "_bucket", [("le", bound)], Double(total))
    }
    sample(name + "_sum", [], histogram.sum)
    sample(name + "_count", [], Double(total))
  }

  private mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
    // OpenMetrics names the family, the older format the samples.
    let family = isOpenMetrics && name.hasSuffix("_total") ? String(name.dropLast("_total".count)) : name
    lines.append("# HELP \(family) \(Self.escaped(help, quotes: isOpenMetrics))")
    lines.append("# TYPE \(family) \(kind.rawValue)")
  }

  private mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
    let shown = labels.map { "\($0)=\"\(Self.escaped($1, quotes: true))\"" }.joined(separator: ",")
    lines.append(name + (shown.isEmpty ? "" : "{\(shown)}") + " " + Self.number(value))
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    let plain = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    return quotes ? plain.replacing("\"", with: "\\\"") : plain
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
    return "\(value)"
  }
}

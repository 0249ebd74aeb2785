import Segmentation

/// How a model is, in words.
extension ModelHealth {
  /// One line, for the log.
  package var line: String {
    let drift = features.map { drift in
      "\(drift.feature.rawValue) \(drift.stability.map { rounded($0, 3) } ?? "-") "
        + "(\(percent(outsideShare(drift))) outside)"
    }
    let ratio = inertiaRatio.map { " (\(rounded($0, 2)) of the fit's)" } ?? ""
    let parts = [
      "sweep \(sweep), model \(generation)-\(version): \(customers) customers",
      "drift \(drift.joined(separator: ", "))", "inertia \(inertia.map { rounded($0, 3) } ?? "-")\(ratio)",
      "held back \(heldText)", changesText,
    ]
    return (parts + segments.map { "\($0.id) \($0.customers)" }).joined(separator: ", ")
  }

  /// Some lines for people, at most 100 columns wide but for long names.
  package var lines: [String] {
    let heading = "health in sweep \(sweep) of model \(generation)-\(version): \(customers) customers\(agesText)"
    let rows = segments.map { segment in
      ["", segment.id, segment.name, "\(segment.customers)", percent(share(segment)), "\(segment.nearest)"]
    }
    return [heading] + figures + ["  since the sweep before: \(changesText), \(promotions) of them after a dwell"]
      + alignedTable([["", "id", "segment", "customers", "share", "nearest"]] + rows, leftColumns: [0, 1, 2])
  }

  /// What can be said at the end of a replay, whose sweeps are not counted.
  package var finalLines: [String] { ["health of model \(generation)-\(version) at the end\(agesText)"] + figures }

  private var figures: [String] {
    let drift = features.map { drift in
      let share = outsideShare(drift)
      return "  \(drift.feature.rawValue): \(readingText(drift)); \(percent(share)) outside its bounds"
        + (share > Self.outsideMax ? ": the scaler is stale" : "")
    }
    let margins = margins.map { margins in
      "  margin to the next segment: median \(percent(margins.median)), a tenth of the customers below "
        + percent(margins.low)
    }
    let challengers =
      "  challengers: \(founded) have founded a generation"
      + (streak > 0 ? "; one has won \(streak) of the \(Contest.winsNeeded) sweeps that it takes" : "")
    return drift + [inertiaText, challengers] + [margins].compactMap { $0 }
      + ["  held back though another segment is nearer: \(heldText)"]
  }

  /// Up to 0.1 a population is stable, up to 0.25 it has moved, above it has shifted (Siddiqi, Credit Risk Scorecards,
  /// 2006, chapter 9).
  private func readingText(_ drift: FeatureDrift) -> String {
    guard let stability = drift.stability else { return "the model does not say what it was fitted to" }
    let word = stability < Self.movedMin ? "stable" : stability < Self.shiftedMin ? "moved" : "shifted"
    return "\(word) since the fit (PSI \(rounded(stability, 3)))"
  }

  private var inertiaText: String {
    guard let inertia else { return "  inertia: unknown without customers" }
    return "  inertia \(rounded(inertia, 3)) a customer"
      + (inertiaRatio.map { ", \(rounded($0, 2)) times that of the fit" } ?? "")
  }

  private var agesText: String {
    let fitted = ageMs(of: fittedMs).map { ", fitted \(ageText($0)) before the clock" } ?? ""
    return fitted + (ageMs(of: versionMs).map { ", moved \(ageText($0)) before it" } ?? "")
  }

  private var heldText: String {
    let parts = zip(["by the margin", "from going back", "by the dwell"], held).map { "\($1) \($0)" }
    return parts.joined(separator: ", ")
  }

  private var changesText: String {
    let total = changes.reduce(0, +)
    let parts = zip(ChangeReason.allCases, changes).filter { $1 > 0 }.map { "\($0.rawValue) \($1)" }
    return "\(total) changes" + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))")
  }

  private func share(_ segment: Occupancy) -> Double {
    customers > 0 ? Double(segment.customers) / Double(customers) : 0
  }
}

private func percent(_ share: Double) -> String { "\(rounded(share * 100, 1)) %" }

/// A number with so many digits behind the point.
private func rounded(_ number: Double, _ places: Int) -> String {
  var buffer = ByteBuffer(capacity: 32)
  buffer.append(decimal: number, places: places)
  return String(decoding: buffer.bytes, as: UTF8.self)
}

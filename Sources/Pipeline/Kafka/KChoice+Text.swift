import Segmentation

extension KChoice {
  /// What was weighed, one line a number of clusters, for the log.
  package var lines: [String] {
    candidates.map { candidate in
      var line = ByteBuffer(capacity: 128)
      line.append("generation ")
      line.append(integer: Int64(generation))
      line.append(", k ")
      line.append(integer: Int64(candidate.k))
      line.append(": inertia ")
      line.append(decimal: candidate.inertia, places: 3)
      line.append(", silhouette ")
      if let silhouette = candidate.silhouette {
        line.append(decimal: silhouette, places: 4)
      } else {
        line.append("none")
      }
      if candidate.k == best { line.append(", greatest") }
      if candidate.k == elbow { line.append(", elbow") }
      if candidate.k == present { line.append(", in use") }
      if candidate.k == chosen { line.append(", chosen") }
      return String(decoding: line.bytes, as: UTF8.self)
    }
  }

  /// The same as one JSON object.
  var json: [UInt8] {
    var out = JSONWriter()
    out.object { choice in
      choice.member("generation", Int64(generation))
      choice.member("chosen", Int64(chosen))
      choice.member("silhouette_k", best.map { Int64($0) })
      choice.member("elbow_k", elbow.map { Int64($0) })
      choice.member("present_k", present.map { Int64($0) })
      choice.array("candidates", candidates) { writer, candidate in
        writer.object {
          $0.member("k", Int64(candidate.k))
          $0.member("inertia", candidate.inertia, places: 6)
          $0.member("silhouette", candidate.silhouette, places: 9)
        }
      }
    }
    return out.bytes
  }
}

/// The shapes that tell groups apart where colours do not.
enum Mark {
  /// How many shapes there are.
  static let count = 7

  /// The outline of a shape around a point: circle, square, triangle, diamond, triangle upside down, cross, star.
  static func path(_ group: Int, _ x: Double, _ y: Double, _ size: Double) -> String {
    let n = Canvas.number
    let r = size / 2
    switch group % count {
    case 0:
      return "M\(n(x - r)) \(n(y))a\(n(r)) \(n(r)) 0 1 0 \(n(size)) 0a\(n(r)) \(n(r)) 0 1 0 \(n(-size)) 0z"
    case 1: return closed(x, y, [(-r, -r), (size, 0), (0, size), (-size, 0)])
    case 2: return closed(x, y, [(0, -1.2 * r), (1.2 * r, 2.2 * r), (-2.4 * r, 0)])
    case 3: return closed(x, y, [(0, -1.3 * r), (1.3 * r, 1.3 * r), (-1.3 * r, 1.3 * r), (-1.3 * r, -1.3 * r)])
    case 4: return closed(x, y, [(0, 1.2 * r), (1.2 * r, -2.2 * r), (-2.4 * r, 0)])
    case 5:
      let a = r * 0.8
      return closed(
        x, y,
        [
          (-a / 2, -1.5 * a), (a, 0), (0, a), (a, 0), (0, a), (-a, 0), (0, a), (-a, 0), (0, -a), (-a, 0), (0, -a),
          (a, 0),
        ])
    default:
      return closed(
        x, y,
        [
          (0, -1.5 * r), (0.45 * r, 1.05 * r), (1.05 * r, 0.45 * r), (-1.05 * r, 0.45 * r), (-0.45 * r, 1.05 * r),
          (-0.45 * r, -1.05 * r), (-1.05 * r, -0.45 * r), (1.05 * r, -0.45 * r),
        ])
    }
  }

  private static func closed(_ x: Double, _ y: Double, _ steps: [(Double, Double)]) -> String {
    var path = "M\(Canvas.number(x + steps[0].0)) \(Canvas.number(y + steps[0].1))l"
    path += steps.dropFirst().map { "\(Canvas.number($0.0)) \(Canvas.number($0.1))" }.joined(separator: " ")
    return path + "z"
  }
}

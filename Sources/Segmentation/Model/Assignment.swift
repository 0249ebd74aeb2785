/// The assignment of rows to columns with the least total cost, every row to its own column (rows ≤ columns).
///
/// The Hungarian method with potentials, O(rows² · columns) (Kuhn 1955; Jonker and Volgenant 1987).
/// `cost` is rows × columns, finite. Returns the column of each row.
package func leastCostAssignment(_ cost: [[Double]]) -> [Int] {
  let rows = cost.count
  guard let columns = cost.first?.count else { return [] }
  precondition(rows <= columns, "every row has a column")
  // Indices are from 1; column 0 stands for "not yet assigned".
  var rowPotential = [Double](repeating: 0, count: rows + 1)
  var columnPotential = [Double](repeating: 0, count: columns + 1)
  var rowOfColumn = [Int](repeating: 0, count: columns + 1)
  var previous = [Int](repeating: 0, count: columns + 1)
  for row in 1...rows {
    rowOfColumn[0] = row
    var column = 0
    var slack = [Double](repeating: .infinity, count: columns + 1)
    var isUsed = [Bool](repeating: false, count: columns + 1)
    repeat {
      isUsed[column] = true
      let current = rowOfColumn[column]
      var least = Double.infinity
      var next = 0
      for candidate in 1...columns where !isUsed[candidate] {
        let reduced = cost[current - 1][candidate - 1] - rowPotential[current] - columnPotential[candidate]
        if reduced < slack[candidate] {
          slack[candidate] = reduced
          previous[candidate] = column
        }
        if slack[candidate] < least {
          least = slack[candidate]
          next = candidate
        }
      }
      for candidate in 0...columns {
        if isUsed[candidate] {
          rowPotential[rowOfColumn[candidate]] += least
          columnPotential[candidate] -= least
        } else {
          slack[candidate] -= least
        }
      }
      column = next
    } while rowOfColumn[column] != 0
    repeat {
      let before = previous[column]
      rowOfColumn[column] = rowOfColumn[before]
      column = before
    } while column != 0
  }
  var result = [Int](repeating: 0, count: rows)
  for column in 1...columns where rowOfColumn[column] > 0 { result[rowOfColumn[column] - 1] = column - 1 }
  return result
}

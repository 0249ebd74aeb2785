import Testing

@testable import Analysis

@Suite struct FeatureMatrixTests {
  @Test("Rows and columns are what was put in, and rows can be taken in any order")
  func access() {
    let matrix = FeatureMatrix(names: ["a", "b"], values: [1, 2, 3, 4, 5, 6])
    #expect(matrix.rowCount == 3 && matrix.columnCount == 2)
    #expect(Array(matrix.row(1)) == [3, 4] && matrix.column(1) == [2, 4, 6] && matrix[2, 0] == 5)
    #expect(matrix.rows([2, 0, 2]).values == [5, 6, 1, 2, 5, 6])
  }
}

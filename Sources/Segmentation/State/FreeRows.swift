/// The free row numbers of a table. The lowest goes first, so that which it is depends on nothing but the set.
struct FreeRows {
  /// A binary heap: no number is below that at half its place.
  private var numbers: [Int32] = []

  init() {}

  /// Takes over numbers in ascending order.
  init(ascending numbers: [Int32]) { self.numbers = numbers }

  /// How many are free.
  var count: Int { numbers.count }

  mutating func add(_ number: Int) {
    numbers.append(Int32(truncatingIfNeeded: number))
    var place = numbers.count - 1
    while place > 0 && numbers[(place - 1) / 2] > numbers[place] {
      numbers.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  /// Takes the lowest away; there must be one.
  mutating func popLowest() -> Int {
    let lowest = numbers[0]
    let last = numbers.removeLast()
    if numbers.isEmpty { return Int(lowest) }
    numbers[0] = last
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < numbers.count && numbers[child] < numbers[least] {
        least = child
      }
      if least == place { return Int(lowest) }
      numbers.swapAt(place, least)
      place = least
    }
  }
}

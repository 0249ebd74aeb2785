import Testing

@testable import Segmentation

/// Ids of 1 to 256 bytes, each different from all others.
private func randomID(_ random: inout SplitMix64, number: Int) -> [UInt8] {
  if random.chance(0.02) { return [UInt8(random.int(0...255))] }
  let tail = Array("-\(number)".utf8)
  let length = random.chance(0.1) ? random.int(tail.count...256) : random.int(tail.count...24)
  return (tail.count..<max(length, tail.count)).map { _ in UInt8(random.int(0...255)) } + tail
}

extension CustomerTable {
  fileprivate func find(_ id: [UInt8]) -> Int {
    id.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return -1 }
      return find(base, count: bytes.count, hash: hashBytes(base, count: bytes.count))
    }
  }

  fileprivate mutating func insert(_ id: [UInt8], birthOffset: Int64) -> Int {
    id.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return -1 }
      let hash = hashBytes(base, count: bytes.count)
      return insert(base, count: bytes.count, hash: hash, birthOffset: birthOffset)
    }
  }

  fileprivate mutating func remove(_ id: [UInt8], number: Int) {
    id.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      remove(number, hash: hashBytes(base, count: bytes.count))
    }
  }
}

private func makeTable(_ settings: SegmentationSettings = SegmentationSettings()) -> CustomerTable {
  let layout = RowLayout(settings)
  return CustomerTable(layout: layout, pool: BlockPool(blockBytes: CustomerTable.rowsPerBlock * layout.stride))
}

@Suite("Customer table")
struct CustomerTableTests {
  @Test("Inserts, finds and removals agree with a dictionary, and rows never move", arguments: UInt64(1)...8)
  func agreesWithADictionary(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var table = makeTable()
    var known: [[UInt8]: (number: Int, address: UnsafeMutablePointer<CustomerRow>, birth: Int64)] = [:]
    var ids: [[UInt8]] = []
    // Growing, then mostly removing (gaps close, the arena is compacted), then growing over the free rows.
    for (steps, removals) in [(4000, 0.2), (4000, 0.75), (5000, 0.3)] {
      for step in 0..<steps {
        let removes = random.chance(removals) && !ids.isEmpty
        if removes {
          let index = random.next(below: ids.count)
          let id = ids[index]
          guard let entry = known.removeValue(forKey: id) else { continue }
          ids.swapAt(index, ids.count - 1)
          ids.removeLast()
          table.remove(id, number: entry.number)
          #expect(table.find(id) == -1, "seed \(seed)")
        } else {
          let id = randomID(&random, number: Int(random.next() >> 40) * 10_000 + step)
          if known[id] != nil { continue }
          #expect(table.find(id) == -1, "seed \(seed)")
          let number = table.insert(id, birthOffset: Int64(step))
          known[id] = (number, table.row(number), Int64(step))
          ids.append(id)
        }
      }
      #expect(table.customerCount == known.count, "seed \(seed)")
      #expect(Set(known.values.map(\.number)).count == known.count, "seed \(seed)")
      for (id, entry) in known {
        let isSame =
          table.find(id) == entry.number && table.row(entry.number) == entry.address
          && Array(table.id(entry.address)) == id && entry.address.pointee.birth.number == entry.birth
          && entry.address.pointee.isInUse
        #expect(isSame, "seed \(seed), id \(id)")
      }
    }
    #expect(table.rowCount < 4000, "free rows are used again")
    #expect(table.idBytes < 2_000_000, "the arena is compacted")
  }

  @Test("Ids that differ in their last byte or length alone are different customers")
  func similarIDs() {
    var table = makeTable()
    var numbers: [Int] = []
    var ids: [[UInt8]] = []
    for length in 1...256 {
      ids.append(Array(repeating: 0x61, count: length))
      ids.append(Array(repeating: 0x61, count: length - 1) + [0])
    }
    for id in ids { numbers.append(table.insert(id, birthOffset: 0)) }
    for (id, number) in zip(ids, numbers) { #expect(table.find(id) == number) }
  }

  @Test("A customer takes at most 256 bytes beside its id, slots included, from 3,000 to 200,000 customers")
  func bytesPerCustomer() {
    var table = makeTable()
    var id: [UInt8] = Array(repeating: 0, count: 4)
    var worst = (customers: 0, bytes: 0.0)
    for number in 0..<200_000 {
      withUnsafeBytes(of: UInt32(number)) { id = Array($0) }
      _ = table.insert(id, birthOffset: 0)
      let bytes = Double(table.stateBytes) / Double(number + 1)
      if number >= 2999 && bytes > worst.bytes { worst = (number + 1, bytes) }
    }
    #expect(worst.bytes <= 256, "\(worst.bytes) bytes at \(worst.customers) customers")
  }

  @Test("64 partitions of 200,000 customers together take at most 256 bytes a customer beside ids")
  func bytesOverPartitions() {
    let segmenter = Segmenter(
      settings: SegmentationSettings(),
      changes: ChangeSettings(shape: .binary, source: "/test", causeTopic: "test"), partitions: Array(0..<64))
    for batch in 0..<40 {
      segmenter.apply(
        (0..<5000).map { index in
          var record = TestRecord.purchase(100, by: "c\(batch * 5000 + index)", at: 0)
          record.partition = Int32(truncatingIfNeeded: (batch * 5000 + index) &* 2_654_435_761 >> 13 & 63)
          return record
        })
    }
    #expect(segmenter.customers == 200_000)
    #expect(segmenter.stateBytes <= 256 * segmenter.customers, "\(Double(segmenter.stateBytes) / 200_000) bytes")
  }
}

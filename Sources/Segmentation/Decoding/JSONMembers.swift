/// The mapped members of a JSON record as a tree, and a table that finds those of the root by their first bytes.
///
/// Node 0 stands for every member that is not mapped, node 1 for the root.
struct JSONMembers: ~Copyable {
  /// One step of a path.
  struct Node {
    var key: Bytes
    var keyCount: Int
    var firstChild: Int
    var nextSibling: Int
  }

  static let root = 1
  /// A bit each in the mask of what a record has.
  static let nodesMax = 64
  private static let bucketBits: UInt32 = 6

  let nodes: UnsafeMutablePointer<Node>
  private let keyBytes: UnsafeMutablePointer<UInt8>
  private let buckets: UnsafeMutablePointer<JSONScanner.Glue>
  private let multiplier: UInt32
  private let prefixMask: UInt32

  init(_ tree: MemberTree) {
    let keys = tree.nodes.map { Array($0.key.utf8) }
    let nodes = UnsafeMutablePointer<Node>.allocate(capacity: keys.count)
    let keyBytes = UnsafeMutablePointer<UInt8>.allocate(capacity: keys.reduce(1) { $0 + $1.count })
    var used = 0
    for (index, key) in keys.enumerated() {
      for (offset, byte) in key.enumerated() { keyBytes[used + offset] = byte }
      (nodes + index).initialize(
        to: Node(key: Bytes(keyBytes + used), keyCount: key.count, firstChild: 0, nextSibling: 0))
      used += key.count
      let parent = tree.nodes[index].parent
      if index > Self.root && parent >= Self.root {
        nodes[index].nextSibling = nodes[parent].firstChild
        nodes[parent].firstChild = index
      }
    }
    self.nodes = nodes
    self.keyBytes = keyBytes

    let short = keys.indices.filter { $0 > Self.root && tree.nodes[$0].parent == Self.root && keys[$0].count <= 31 }
    let prefixCount = min(4, (short.map { keys[$0].count }.min() ?? 3) + 1)
    let prefixMask: UInt32 = prefixCount == 4 ? .max : (1 << UInt32(prefixCount * 8)) - 1
    let prefixes = short.map { index in
      (keys[index] + [Byte.quote, 0, 0]).prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & prefixMask
    }
    let multiplier = Self.multiplier(separating: prefixes)
    let buckets = UnsafeMutablePointer<JSONScanner.Glue>.allocate(capacity: 1 << Int(Self.bucketBits))
    buckets.initialize(
      repeating: JSONScanner.Glue(Bytes(keyBytes), count: 0, node: 0), count: 1 << Int(Self.bucketBits))
    for (index, prefix) in zip(short, prefixes) {
      let quoted = keys[index] + [Byte.quote]
      quoted.withUnsafeBufferPointer { bytes in
        buckets[Self.bucket(prefix, multiplier)] = JSONScanner.Glue(
          bytes.baseAddress ?? emptyBytes, count: quoted.count, node: index)
      }
    }
    self.buckets = buckets
    self.multiplier = multiplier
    self.prefixMask = prefixMask
  }

  deinit {
    nodes.deallocate()
    keyBytes.deallocate()
    buckets.deallocate()
  }

  /// An odd factor that sends the prefixes to different buckets, or as good a one as was found: a member without a
  /// bucket of its own is found the slow way.
  private static func multiplier(separating prefixes: [UInt32]) -> UInt32 {
    var best: (multiplier: UInt32, distinct: Int) = (1, -1)
    var multiplier: UInt32 = 0x9E37_79B1
    for _ in 0..<256 {
      let distinct = Set(prefixes.map { bucket($0, multiplier) }).count
      if distinct > best.distinct { best = (multiplier, distinct) }
      if distinct == prefixes.count { break }
      multiplier = multiplier &* 0x0019_660D &+ 0x3C6E_F35E | 1
    }
    return best.multiplier
  }

  @inline(__always)
  private static func bucket(_ prefix: UInt32, _ multiplier: UInt32) -> Int {
    Int(truncatingIfNeeded: (prefix &* multiplier) &>> (32 &- bucketBits))
  }

  /// The root's member whose key and closing quote stand at `bytes`, where 32 bytes can be read, and their number;
  /// node 0 if none was found this way.
  @inline(__always)
  func rootMember(_ bytes: Bytes) -> (node: Int, count: Int) {
    let bucket = buckets + Self.bucket(load32(bytes) & prefixMask, multiplier)
    return JSONScanner.Glue.matches(bucket, bytes) ? (bucket.pointee.node, bucket.pointee.count) : (0, 0)
  }

  /// The member of `parent` with this key; 0 if it is not mapped.
  func member(of parent: Int, _ key: Bytes, count: Int) -> Int {
    var node = nodes[parent].firstChild
    while node != 0 {
      if nodes[node].keyCount == count, equal(nodes[node].key, key, count: count) { return node }
      node = nodes[node].nextSibling
    }
    return 0
  }
}

/// Whether two runs of bytes are the same.
func equal(_ left: Bytes, _ right: Bytes, count: Int) -> Bool {
  var index = 0
  while index &+ 8 <= count {
    if load64(left + index) != load64(right + index) { return false }
    index &+= 8
  }
  while index < count {
    if left[index] != right[index] { return false }
    index &+= 1
  }
  return true
}

/// The paths of a map as they are put together: one node a step, shared by paths with the same beginning.
struct MemberTree {
  var nodes: [(key: String, parent: Int)] = [("", 0), ("", 0)]

  /// The node at the end of a path, made where it is missing.
  mutating func node(_ path: [String]) -> Int {
    var parent = JSONMembers.root
    for step in path {
      if let known = nodes.indices.dropFirst(2).first(where: { nodes[$0].parent == parent && nodes[$0].key == step }) {
        parent = known
      } else {
        nodes.append((step, parent))
        parent = nodes.count - 1
      }
    }
    return parent
  }
}

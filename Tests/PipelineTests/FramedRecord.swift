import Segmentation

@testable import Pipeline

/// A framed record, copied out of its batch.
struct FramedRecord: Equatable, CustomStringConvertible {
  var bytes: [UInt8]
  var line: Int

  var description: String { "\(line): `\(String(decoding: bytes.prefix(80), as: UTF8.self))` (\(bytes.count) bytes)" }
}

/// All that a reader gives of its files.
struct ReadResult: Equatable {
  var records: [FramedRecord] = []
  var headers: [[UInt8]] = []
  var files: [String] = []
  var failure: FileError?
}

/// Reads files to their end, or to the first error.
func readAll(
  _ paths: [String], format: RecordMap.Format = .json, limit: Int = 1 << 20, batchBytes: Int = FileReader.batchBytes
) throws -> ReadResult {
  var limits = RecordLimits()
  limits.recordBytesMax = limit
  let reader = try FileReader(paths: paths, format: format, limits: limits, wallClockMs: 7, batchBytes: batchBytes)
  var result = ReadResult()
  do throws(FileError) {
    while let batch = try reader.next() {
      append(batch, to: &result)
      reader.recycle(batch)
    }
  } catch {
    result.failure = error
  }
  return result
}

private func append(_ batch: FrameBatch, to result: inout ReadResult) {
  if result.files.last != batch.file { result.files.append(batch.file) }
  if let header = batch.header { result.headers.append([UInt8](header)) }
  for (index, record) in batch.records.enumerated() {
    precondition(record.offset == Int64(result.records.count), "records are numbered from 0 over all files")
    precondition(record.timestampMs == 7 && record.partition == 0 && record.key == nil)
    let bytes = UnsafeRawBufferPointer(start: record.value, count: record.valueCount)
    result.records.append(FramedRecord(bytes: [UInt8](bytes), line: batch.line(of: index)))
  }
}

/// Framing as it is defined, over all bytes at once: slow, and written for nothing but to be right.
func framedByReference(_ input: [UInt8], format: RecordMap.Format, limit: Int) -> ReadResult {
  var result = ReadResult()
  var start = input.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  var line = 1
  var awaitsHeader = false
  var quoting: (delimiter: UInt8, quote: UInt8)?
  if case .csv(let delimiter, let quote, let header) = format {
    awaitsHeader = header
    quoting = (delimiter, quote)
  }
  while start < input.count {
    let lineEnd = input[start...].firstIndex(of: 10) ?? input.count
    var end = lineEnd
    if let quoting, let closed = endOfRecord(input, from: start, quoting: quoting), closed - start <= limit + 1 {
      end = closed
    }
    var bytes = Array(input[start..<end])
    if bytes.last == 13 { bytes.removeLast() }
    let isBlank = quoting == nil && bytes.count <= limit && bytes.allSatisfy { [9, 13, 32].contains($0) }
    if !bytes.isEmpty && !isBlank {
      // Of what is too long for a record, the bytes go on behind the line.
      if end == lineEnd, quoting != nil, isOpenTooLong(input, from: start, limit: limit, quoting: quoting) {
        bytes = Array(input[start...].prefix(limit + 1))
      }
      bytes = Array(bytes.prefix(limit + 1))
      if awaitsHeader {
        result.headers.append(bytes)
        awaitsHeader = false
      } else {
        result.records.append(FramedRecord(bytes: bytes, line: line))
      }
    }
    line += input[start..<end].count { $0 == 10 } + 1
    start = end + 1
  }
  return result
}

/// Where the record ends that starts at `start`: at a line feed or the end; `nil` where a quote stays open.
private func endOfRecord(_ input: [UInt8], from start: Int, quoting: (delimiter: UInt8, quote: UInt8)) -> Int? {
  var index = start
  while true {
    // A field starts here.
    if index < input.count, input[index] == quoting.quote {
      index += 1
      while true {
        guard let quote = input[index...].firstIndex(of: quoting.quote) else { return nil }
        index = quote + 1
        if index < input.count, input[index] == quoting.quote { index += 1 } else { break }
      }
    }
    while index < input.count, input[index] != 10, input[index] != quoting.delimiter { index += 1 }
    if index == input.count || input[index] == 10 { return index }
    index += 1
  }
}

/// Whether the record that starts at `start` goes on over its first line and beyond the limit.
private func isOpenTooLong(
  _ input: [UInt8], from start: Int, limit: Int, quoting: (delimiter: UInt8, quote: UInt8)?
) -> Bool {
  guard let quoting, input.count - start >= limit + 2 else { return false }
  let end = endOfRecord(input, from: start, quoting: quoting) ?? input.count
  return end - start > limit + 1
}

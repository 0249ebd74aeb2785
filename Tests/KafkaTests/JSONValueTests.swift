import Testing

@testable import Pipeline

@Suite struct JSONValueTests {
  private func read(_ text: String) -> JSONValue? { JSONValue(Array(text.utf8)) }

  @Test("Every kind of value is read, with space around it")
  func kinds() {
    #expect(
      read(#" { "a" : [ 1 , -2.5e1 , true , false , null ] , "b" : { } , "c" : [ ] } "#)
        == .object([
          "a": .array([.number(1), .number(-25), .bool(true), .bool(false), .null]), "b": .object([:]),
          "c": .array([]),
        ]))
  }

  @Test("Escapes are read, surrogate pairs included")
  func escapes() {
    #expect(read(#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é""#) == .string("\"\\/\u{8}\u{c}\n\r\té😀é"))
  }

  @Test(
    "What is no JSON is no value",
    arguments: [
      "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "nul", "1 2", "\"a", "\"\\x\"", "\"\\ud83d\"", "\"\\ud83dx\"",
      "\"\n\"", "+1", ".5", "nan", "--1", "{a:1}", String(repeating: "[", count: 100_000),
    ])
  func broken(_ text: String) {
    #expect(read(text) == nil)
  }

  @Test("Nesting is read to a depth of 32")
  func depth() {
    #expect(read(String(repeating: "[", count: 32) + String(repeating: "]", count: 32)) != nil)
    #expect(read(String(repeating: "[", count: 33) + String(repeating: "]", count: 33)) == nil)
  }

  @Test("Bytes that are not UTF-8 are no text")
  func notUTF8() {
    #expect(JSONValue([0x22, 0xff, 0x22]) == nil)
  }
}

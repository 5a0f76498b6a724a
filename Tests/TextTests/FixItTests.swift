import Diagnostics
import SourceText
import Testing

@Suite("Fixes")
struct FixItTests {
  private func apply(_ text: String, _ fixIts: [FixIt?], _ minimum: Applicability = .safe) -> String {
    String(
      decoding: applying(fixIts.compactMap(\.self), to: Array(text.utf8), minimum: minimum).bytes,
      as: UTF8.self)
  }

  @Test("Edits are sorted; none, overlapping ones and two insertions at one place make no fix")
  func validity() throws {
    let fixIt = try #require(FixIt("x", .safe, [Edit(ByteRange(4, 5), "b"), Edit(ByteRange(0, 1), "a")]))
    #expect(fixIt.edits.map(\.range.lower) == [0, 4])
    #expect(FixIt("x", .safe, []) == nil)
    #expect(FixIt("x", .safe, [Edit(ByteRange(0, 3), "a"), Edit(ByteRange(2, 4), "b")]) == nil)
    #expect(FixIt("x", .safe, [Edit(ByteRange(2, 2), "a"), Edit(ByteRange(2, 2), "b")]) == nil)
    #expect(FixIt("x", .safe, [Edit(ByteRange(0, 2), "a"), Edit(ByteRange(2, 4), "b")]) != nil)
  }

  @Test("A fix is applied whole or not at all")
  func atomicity() {
    let first = FixIt("first", .safe, [Edit(ByteRange(0, 1), "X")])
    let second = FixIt("second", .safe, [Edit(ByteRange(0, 1), "Y"), Edit(ByteRange(3, 4), "Z")])
    let third = FixIt("third", .safe, [Edit(ByteRange(2, 3), "W")])
    #expect(apply("abcd", [third, second, first]) == "XbWd")
  }

  @Test("The order in which fixes are given does not matter, and the same fix twice is applied once")
  func order() {
    let one = FixIt("one", .safe, [Edit(ByteRange(1, 1), "1")])
    let two = FixIt("two", .safe, [Edit(ByteRange(3, 4), "")])
    #expect(apply("abcd", [one, two, one]) == "a1bc")
    #expect(apply("abcd", [two, one]) == "a1bc")
  }

  @Test("Only what is sure enough is applied")
  func minimum() {
    let shown = FixIt("shown", .displayOnly, [Edit(ByteRange(0, 1), "1")])
    let unsafe = FixIt("unsafe", .unsafe, [Edit(ByteRange(1, 2), "2")])
    let safe = FixIt("safe", .safe, [Edit(ByteRange(2, 3), "3")])
    #expect(apply("abc", [shown, unsafe, safe], .safe) == "ab3")
    #expect(apply("abc", [shown, unsafe, safe], .unsafe) == "a23")
  }

  @Test("An edit behind the end of the file is left out")
  func outside() {
    #expect(apply("abc", [FixIt("x", .safe, [Edit(ByteRange(2, 9), "x")])]) == "abc")
    #expect(apply("abc", [FixIt("x", .safe, [Edit(ByteRange(3, 3), "x")])]) == "abcx")
  }

  @Test("The edits that were applied are told, sorted")
  func appliedEdits() throws {
    let fixIt = try #require(FixIt("x", .safe, [Edit(ByteRange(2, 3), "x"), Edit(ByteRange(0, 1), "y")]))
    let result = applying([fixIt], to: Array("abc".utf8), minimum: .safe)
    #expect(result.applied == 1 && result.edits == fixIt.edits)
  }
}

import SourceText
import Testing

@Suite("Lines and columns")
struct LineIndexTests {
  @Test("A line ends with LF, a CR belongs to it, and columns count bytes")
  func positions() {
    let lines = LineIndex(Array("a\r\né b\n\nlast".utf8))
    #expect(lines.count == 4)
    #expect(lines.position(of: 0) == Position(line: 1, column: 1))
    #expect(lines.position(of: 2) == Position(line: 1, column: 3))
    #expect(lines.position(of: 3) == Position(line: 2, column: 1))
    #expect(lines.position(of: 6) == Position(line: 2, column: 4))
    #expect(lines.position(of: 8) == Position(line: 3, column: 1))
    #expect(lines.position(of: 13) == Position(line: 4, column: 5), "behind the last byte")
  }

  @Test("The lines tile the file")
  func tiling() {
    for text in ["", "a", "a\n", "\n\n", "a\nb\r\nc"] {
      let lines = LineIndex(Array(text.utf8))
      var offset: UInt32 = 0
      for line in 1...lines.count {
        #expect(lines.range(ofLine: line).lower == offset)
        offset = lines.range(ofLine: line).upper
      }
      #expect(Int(offset) == text.utf8.count)
      #expect(lines.range(ofLine: 0).isEmpty && lines.range(ofLine: lines.count + 1).isEmpty)
    }
  }
}

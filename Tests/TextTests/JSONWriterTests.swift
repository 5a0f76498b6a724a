import JSONText
import Testing

@Suite("JSON writer")
struct JSONWriterTests {
  private func text(
    _ style: JSONWriter.Style = .compact, _ escaping: JSONWriter.Escaping = .minimal,
    _ body: (inout JSONWriter) -> Void
  ) -> String {
    var writer = JSONWriter(style: style, escaping: escaping)
    body(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private func document(_ writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("b", "text")
      writer.member("a", 12)
      writer.member("list", ["x", "y"])
      writer.member("none") { $0.array { _ in } }
      writer.member("empty") { $0.object { _ in } }
      writer.member("deep") { writer in
        writer.array { writer in
          writer.bool(true)
          writer.null()
          writer.object { $0.member("k", -5) }
        }
      }
      writer.member("absent", ifPresent: String?.none)
      writer.member("number", JSONValue.number("1.5e3"))
    }
  }

  @Test("compact text has members in the order of the calls and no space")
  func compact() {
    #expect(
      text { document(&$0) }
        == #"{"b":"text","a":12,"list":["x","y"],"none":[],"empty":{},"deep":[true,null,{"k":-5}],"number":1.5e3}"#
    )
  }

  @Test("pretty text is indented by two spaces; empty things stay on their line")
  func pretty() {
    #expect(
      text(.pretty) { document(&$0) } == """
        {
          "b": "text",
          "a": 12,
          "list": [
            "x",
            "y"
          ],
          "none": [],
          "empty": {},
          "deep": [
            true,
            null,
            {
              "k": -5
            }
          ],
          "number": 1.5e3
        }
        """)
  }

  @Test(
    "exactly what RFC 8259 requires is escaped",
    arguments: [
      ("", #""""#), ("/<>&'", #""/<>&'""#), ("a\"b\\c", #""a\"b\\c""#),
      ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
      ("\0\u{1}\u{1f}\u{7f}", "\"\\u0000\\u0001\\u001f\u{7f}\""), ("é\u{2028}😀", "\"é\u{2028}😀\""),
    ])
  func minimalEscapes(input: String, expected: String) {
    #expect(text { $0.string(input) } == expected)
    #expect(text { $0.string(Array(input.utf8)) } == expected)
  }

  @Test("Go's rules escape HTML and the line separators too")
  func goEscapes() {
    let input = "a<b>&\u{2028}\u{2029}\u{2027}\u{202A}é"
    let expected = #""a\u003cb\u003e\u0026\u2028\u2029"# + "\u{2027}\u{202A}é\""
    #expect(text(.compact, .go) { $0.string(input) } == expected)
    #expect(text(.compact, .go) { $0.string(Array(input.utf8)) } == expected)
  }

  @Test(
    "bytes that are not UTF-8 become U+FFFD, as Swift decodes them",
    arguments: [
      [0x61, 0xFF, 0x62], [0xC3], [0xC0, 0x80], [0xE2, 0x82], [0xE2, 0x82, 0x41], [0xED, 0xA0, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0xF0, 0x9F, 0x98], [0x80, 0x80], [0xF0, 0x80, 0x80, 0x41],
      [0xE0, 0x9F, 0xBF],
    ] as [[UInt8]])
  func invalidText(input: [UInt8]) {
    #expect(text { $0.string(input) } == "\"" + String(decoding: input, as: UTF8.self) + "\"")
  }

  @Test("with Go's rules each bad byte is written as an escape")
  func invalidTextGo() {
    #expect(text(.compact, .go) { $0.string([0x61, 0xE2, 0x82, 0x62]) } == #""a\ufffd\ufffdb""#)
  }

  @Test("integers of every size", arguments: [0, 7, 10, 1234567890, -1, Int.max, Int.min])
  func integers(value: Int) {
    #expect(text { $0.int(value) } == String(value))
  }

  @Test("unsigned numbers beyond Int")
  func unsigned() {
    #expect(text { $0.int(UInt64.max) } == "18446744073709551615")
  }

  @Test("a value writes itself, and keys are found byte by byte")
  func values() {
    let value: JSONValue = ["z": [1, true, nil, "s"], "a": ["k": .number("0.5")], "e\u{301}": 1]
    #expect(
      String(decoding: value.encoded(), as: UTF8.self)
        == "{\"z\":[1,true,null,\"s\"],\"a\":{\"k\":0.5},\"e\u{301}\":1}")
    #expect(value["a"]?["k"] == .number("0.5"))
    #expect(value["e\u{301}"] == 1)
    #expect(value["\u{e9}"] == nil)
    #expect(value["z"]?["k"] == nil)
  }
}

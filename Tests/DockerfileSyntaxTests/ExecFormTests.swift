import DockerfileSyntax
import Testing

@Suite("The exec form is JSON, or it is not the exec form")
struct ExecFormTests {
  private func form(_ arguments: String) -> ArgumentForm? {
    parsed("CMD " + arguments).instructions.first?.form
  }

  @Test(
    "E37: an array of strings",
    arguments: [
      "[]", "[ ]", "[\"a\"]", "[ \"a\" , \"b\" ]", "[\"\\u00e9\\n\\\\\\/\"]", "[\"a\",\\\n\"b\"]", "[\"\"]",
      "[\t\"a\"\r]",
    ])
  func exec(text: String) {
    #expect(form(text) == .exec)
    #expect(parsed("CMD " + text).errors.isEmpty)
  }

  @Test(
    "E37: what is no JSON is a shell command",
    arguments: [
      "['a']", "[\"a\"", "[\"a\",]", "[a]", "[\"a\"] x", "[\"a\" \"b\"]", "[,]", "[\"\\x\"]", "[\"\\u12\"]",
      "[ -f x ] && y", "[\"a\tb\"]", "{\"a\": 1}", "\"a\"", "[01]", "[1.]", "[1e]", "[-]", "[tru]",
      "[\"a\":1]",
      "[1e999]", "]", "[[]", "[{]}]",
    ])
  func shell(text: String) {
    #expect(form(text) == .text)
  }

  @Test(
    "E37: elements that are no strings are an error",
    arguments: [
      "[1]", "[\"a\", 1]", "[true]", "[null]", "[[\"a\"]]", "[{\"a\": [1, {}]}]", "[-0.5e+3, false]",
      "[\"a\", {}]",
    ])
  func notStrings(text: String) {
    #expect(form(text) == .exec)
    #expect(parsed("CMD " + text).errors.map(\.kind) == [.execFormNotStrings])
  }

  @Test(
    "strings are decoded",
    arguments: [
      (#"["\"\\\/\b\f\n\r\t"]"#, "\"\\/\u{8}\u{C}\n\r\t"), (#"["\u00e9"]"#, "é"), (#"["\ud83d\ude00"]"#, "😀"),
      (#"["\ud83d"]"#, "\u{FFFD}"), (#"["\ud83dx"]"#, "\u{FFFD}x"),
      (#"["\ude00\ud83d"]"#, "\u{FFFD}\u{FFFD}"),
    ])
  func decoding(text: String, expected: String) throws {
    let instruction = try #require(read("CMD " + text).instructions.last)
    guard case .cmd(.exec(let words)) = instruction.details else {
      Issue.record("not in exec form")
      return
    }
    #expect(words.map(\.string) == [expected])
  }

  @Test("ten thousand levels are JSON, one more is not")
  func depth() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(form(nested(10_000)) == .exec)
    #expect(form(nested(10_001)) == .text)
  }

  @Test("instructions that know no exec form take the brackets as text")
  func others() {
    #expect(arguments("USER [\"a\"]") == ["[\"a\"]"])
    #expect(arguments("EXPOSE [\"80\", \"81\"]") == ["[\"80\",", "\"81\"]"])
  }
}

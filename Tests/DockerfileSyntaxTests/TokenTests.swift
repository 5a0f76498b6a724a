import DockerfileSyntax
import SourceText
import Testing

@Suite("Tokens hold each byte of the file once")
struct TokenTests {
  @Test(
    "the kinds of token",
    arguments: [
      ("", ""),
      ("\n", "newline"),
      ("FROM a", "keyword space word"),
      ("FROM a\n", "keyword space word newline"),
      ("FROM a AS b\n", "keyword space word space word space word newline"),
      ("  RUN  a  b \n", "space keyword space text space newline"),
      ("# c\n", "comment newline"),
      ("#escape=`\n", "directive newline"),
      ("\u{FEFF}FROM a", "byte-order-mark keyword space word"),
      ("RUN --mount=x true", "keyword space flag space text"),
      ("RUN -- --x", "keyword space flag space text"),
      ("CMD [\"a\", \"b\"]", "keyword space punctuation string punctuation space string punctuation"),
      ("CMD [1]", "keyword space punctuation word punctuation"),
      ("RUN a \\\n b", "keyword space text continuation text"),
      ("RUN a \\\n# c\n b", "keyword space text continuation comment newline text"),
      ("RUN a \\\n\n b", "keyword space text continuation newline text"),
      ("RUN a \\\n  # c\n b", "keyword space text continuation space comment newline text"),
      ("ENV a=1 b=2", "keyword space word space word"),
      ("ENV a b c", "keyword space word space text"),
      ("ENV a=\\", "keyword space word continuation"),
      ("ENV a=\\\\\\", "keyword space word stray"),
      ("ONBUILD RUN x", "keyword space keyword space text"),
      ("HEALTHCHECK CMD x y", "keyword space word space text"),
      ("RUN <<E\na\nE\n", "keyword space text newline heredoc-body heredoc-end newline"),
      ("RUN <<E\nE\n", "keyword space text newline heredoc-end newline"),
      ("FROM a\r\n", "keyword space word newline"),
    ])
  func tokenKinds(text: String, expected: String) {
    #expect(kinds(text) == expected)
    #expect(TreeInvariants.violations(of: Array(text.utf8)) == [])
  }

  @Test("the kinds have different names, and trivia comes first")
  func names() {
    #expect(Set(TokenKind.allCases.map(\.name)).count == TokenKind.allCases.count)
    #expect(TokenKind.allCases.filter(\.isTrivia).map(\.name).last == "stray")
    #expect(!TokenKind.keyword.isTrivia)
  }

  @Test("a token is found by any of its bytes")
  func lookUp() throws {
    let tree = parsed("RUN abc\n")
    let index = try #require(tree.tokenIndex(at: 5))
    #expect(tree.text(tree.range(ofToken: index)) == "abc")
    #expect(tree.tokenIndex(at: 4) == index)
    #expect(tree.tokenIndex(at: 7) == index + 1)
    #expect(parsed("").tokenIndex(at: 0) == nil)
  }

  @Test("byte-order mark, CRLF, NUL, invalid UTF-8 and a missing line end are kept")
  func unusualBytes() {
    for bytes: [UInt8] in [
      [0xEF, 0xBB, 0xBF], [0xEF, 0xBB], [0], [0x0D], [0x0D, 0x0A, 0x0D], [0xFF, 0xFE, 0x0A],
      [0x52, 0x55, 0x4E, 0x20, 0xC3],
      [0x5C], [0x5C, 0x0A], [0x5C, 0x0A, 0x5C], Array("RUN a\\\r\n\u{0}b\r".utf8),
      Array("\u{85}RUN x\u{2028}\n".utf8),
    ] {
      #expect(TreeInvariants.violations(of: bytes) == [])
      #expect(SyntaxTree.parse(Source(name: "x", bytes: bytes)).printed() == bytes)
    }
  }

  @Test("a BOM counts only at the start")
  func byteOrderMark() {
    #expect(dumped("\u{FEFF}FROM a") == "(from \"a\")\n")
    #expect(parsed("FROM \u{FEFF}a").tokens.count { $0.kind == .byteOrderMark } == 0)
  }
}

import DockerfileSyntax
import Testing

/// The numbers E01 to E34 are those of the builder's semantics: what BuildKit was observed to do.
@Suite("Variables are replaced as BuildKit does")
struct ExpansionTests {
  private static let values: [String: String] = [
    "x": "abc", "e": "", "p": "a", "q": "a\"$x b", "star": "*", "nl": "a\nb", "bs": "\\n", "g": "$0",
    "ports": "80 81",
    "path": "/a/b/c",
  ]

  private func expander(escape: UInt8 = 0x5C, quotes: Bool = true) -> Expander {
    Expander(escape: escape, processesQuotes: quotes) { name in
      Self.values[String(decoding: name, as: UTF8.self)].map { Array($0.utf8) }
    }
  }

  private func expand(_ text: String, escape: UInt8 = 0x5C, quotes: Bool = true) throws -> String {
    String(decoding: try expander(escape: escape, quotes: quotes).expand(Array(text.utf8)), as: UTF8.self)
  }

  private func error(_ text: String) -> ExpansionError? {
    do throws(ExpansionError) {
      _ = try expander().expand(Array(text.utf8))
      return nil
    } catch {
      return error
    }
  }

  @Test(
    "results",
    arguments: [
      ("E01", "$x", "abc"), ("E01", "${x}", "abc"), ("E01", "a$x.b", "aabc.b"),
      ("E02", "${u}", ""), ("E02", "a$u.b", "a.b"),
      ("E03", "${u:-d}", "d"), ("E03", "${e:-d}", "d"), ("E03", "${x:-d}", "abc"),
      ("E04", "${u-d}", "d"), ("E04", "${e-d}", ""),
      ("E05", "${x:+y}", "y"), ("E05", "${e:+y}", ""), ("E05", "${e+y}", "y"), ("E05", "${u+y}", ""),
      ("E06", "${e?m}", ""), ("E06", "${x:?m}", "abc"),
      ("E07", "${x#a}", "bc"), ("E07", "${x#?}", "bc"), ("E07", "${x#*b}", "c"), ("E07", "${x##*}", ""),
      ("E07", "${path##*/}", "c"), ("E07", "${path#*/}", "a/b/c"), ("E07", "${x#z}", "abc"),
      ("E08", "${x%c}", "ab"), ("E08", "${x%b*}", "a"), ("E08", "${x%%b*}", "a"),
      ("E08", "${path%/*}", "/a/b"),
      ("E08", "${path%%/*}", ""), ("E08", "${x%z}", "abc"),
      ("E09", "${x/b/Z}", "aZc"), ("E09", "${x//?/Z}", "ZZZ"), ("E09", "${x/b/}", "ac"),
      ("E09", "${path//\\//-}", "-a-b-c"), ("E09", "${u/a/b}", ""),
      ("E10", "${x/#a/Z}", "abc"), ("E10", "${x/%c/Z}", "abc"),
      ("E11", "${star#\\*}", ""), ("E11", "${x#\\*}", "abc"), ("E11", "${x#[a]}", "abc"),
      ("E11", "${nl#*b}", "a\nb"),
      ("E11", "${nl//?/.}", ".\n."),
      ("E12", "${u:-${x}}", "abc"), ("E12", "${u:-$x$x}", "abcabc"), ("E12", "${x#$p}", "bc"),
      ("E12", "${u:-${u:-${u:-d}}}", "d"),
      ("E15", "\\$x", "$x"), ("E15", "\"\\$x\"", "$x"), ("E15", "'$x'", "$x"), ("E15", "\"$x\"", "abc"),
      ("E16", "$$", ""), ("E16", "$?", ""), ("E16", "$*", ""), ("E16", "$@", ""), ("E16", "$-", ""),
      ("E16", "$1", ""),
      ("E16", "$1y", "y"), ("E16", "$$z", "z"), ("E16", "a$", "a$"), ("E16", "$.", "$."), ("E16", "$ ", "$ "),
      ("E17", "a\\b", "ab"), ("E17", "\"a\\b\"", "a\\b"), ("E17", "'a\\\\b'", "a\\\\b"),
      ("E17", "\"a\\\\b\"", "a\\b"),
      ("E17", "a\\", "a"),
      ("E18", "\"a\"'b'c", "abc"), ("E18", "\"\"", ""), ("E18", "''", ""),
      ("E20", "$q", "a\"$x b"), ("E20", "\"$q\"", "a\"$x b"),
      ("E21", "${bs}", "\\n"),
      ("E22", "\"${x/b/ }\"", "a c"),
      ("E23", "${x//b/$0}", "ac"), ("E23", "${x//b/$g}", "a$0c"),
    ])
  func results(number: String, text: String, expected: String) throws {
    #expect(try expand(text) == expected, "\(number) \(text)")
  }

  @Test(
    "errors",
    arguments: [
      ("E06", "${u:?m}", .required(name: "u", message: "m")),
      ("E06", "${e:?}", .required(name: "e", message: "is not allowed to be empty")),
      ("E06", "${u?}", .required(name: "u", message: "is not allowed to be unset")),
      ("E09", "${x/b}", .missingSlash),
      ("E11", "${x#\\a}", .invalidPatternEscape("a")),
      ("E13", "${x:0:2}", .unsupportedModifier(":0")),
      ("E13", "${#x}", .unsupportedModifier("x")),
      ("E13", "${x^^}", .unsupportedModifier("^")),
      ("E13", "${x@Q}", .unsupportedModifier("@")),
      ("E13", "${x:#}", .unsupportedModifier(":#")),
      ("E14", "${x", .missingBrace),
      ("E14", "${}", .badSubstitution),
      ("E14", "${", .missingBrace),
      ("E14", "${:-a}", .badSubstitution),
      ("E14", "${x:-a", .missingBrace),
      ("E18", "\"a", .unterminatedQuote),
      ("E18", "'a", .unterminatedQuote),
    ] as [(String, String, ExpansionError)])
  func errors(number: String, text: String, expected: ExpansionError) {
    #expect(error(text) == expected, "\(number) \(text)")
  }

  @Test("E19: with a backtick as the escape character, a backslash is ordinary")
  func backtick() throws {
    #expect(try expand("`$x", escape: 0x60) == "$x")
    #expect(try expand("C:\\$x", escape: 0x60) == "C:\\abc")
    #expect(try expand("\"`\"\"", escape: 0x60) == "\"")
  }

  @Test("E24: names of ENV and LABEL have variables too")
  func names() throws {
    guard case .env(let list) = try #require(read("ENV $p=v").instructions.last).details else {
      throw Unexpected()
    }
    #expect(try expand(list[0].name.string) == "a")
  }

  @Test("E30, E31, E32: the legacy form keeps blanks and loses quotes; words hold together")
  func assignments() throws {
    func values(_ text: String) throws -> [String] {
      switch try #require(read(text).instructions.last).details {
      case .env(let list), .label(let list): try list.map { try expand($0.value?.string ?? "") }
      default: throw Unexpected()
      }
    }
    #expect(try values("ENV k v w  x") == ["v w  x"])
    #expect(try values("ENV k=\"a b\" c=d\\ e f='g h'") == ["a b", "d e", "g h"])
    #expect(try values("ENV k = v") == ["= v"])
    #expect(try values("LABEL k v  v2 \"q\"") == ["v  v2 q"])
  }

  @Test("E33: EXPOSE is split after its variables are replaced")
  func splitting() throws {
    func words(_ text: String) throws -> [String] {
      try expander().words(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(try words("$ports") == ["80", "81"])
    #expect(try words("a$ports.b") == ["a80", "81.b"])
    #expect(try words("\"$ports\"") == ["80 81"])
    #expect(try words(" 1  2 ") == ["1", "2"])
    #expect(try words("$u") == [])
  }

  @Test("E34: VOLUME splits at blanks, its exec form does not")
  func volumes() throws {
    func paths(_ text: String) throws -> [String] {
      guard case .volume(let words) = try #require(read(text).instructions.last).details else {
        throw Unexpected()
      }
      return try words.map { try expand($0.string) }
    }
    #expect(try paths("VOLUME /a $x") == ["/a", "abc"])
    #expect(try paths("VOLUME [\"/a b\", \"$x\"]") == ["/a b", "abc"])
  }

  @Test("in here-documents quotes mean nothing, and the escape character only before a dollar and itself")
  func heredocText() throws {
    #expect(try expand("'$x' \"$x\"", quotes: false) == "'abc' \"abc\"")
    #expect(try expand("\\$x", quotes: false) == "$x")
  }

  @Test("the structure of a word: literals, variables, modifiers, and where they stand")
  func templates() {
    let template = WordTemplate(Array("a${x:-'b'$y}\"c$z\"".utf8))
    #expect(template.error == nil)
    #expect(template.variables.map(\.nameString) == ["x", "y", "z"])
    #expect(template.variables.first?.indices == 1..<12)
    guard case .variable(let reference, let isQuoted) = template.parts[1] else {
      Issue.record("no variable")
      return
    }
    #expect(!isQuoted)
    guard case .defaultValue(let word, let emptyIsUnset) = reference.modifier, word.count == 2 else {
      Issue.record("another modifier")
      return
    }
    #expect(emptyIsUnset)
    #expect(word[0] == .literal([0x62], isQuoted: true))
    #expect(template.variables[1].indices == 9..<11)
  }

  @Test("what stands before an error is kept")
  func piecesBeforeError() {
    let template = WordTemplate(Array("a$x'b'${".utf8))
    #expect(template.error == .missingBrace)
    #expect(template.variables.map(\.nameString) == ["x"])
  }

  @Test("nesting has a bound")
  func depth() {
    func nested(_ depth: Int) -> String {
      String(repeating: "${u:-", count: depth) + String(repeating: "}", count: depth)
    }
    #expect(error(nested(100)) == nil)
    #expect(error(nested(10_000)) == .nestedTooDeep)
  }
}

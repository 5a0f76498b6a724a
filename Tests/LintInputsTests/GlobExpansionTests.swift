import TestSupport
import Testing

@testable import LintInputs

@Suite("Patterns that the shell left as they are")
struct GlobExpansionTests {
  private static let files = [
    "services/a/Dockerfile": "", "services/b/Dockerfile": "", "services/b/deep/er/Dockerfile": "",
    "services/b/Dockerfile.dev": "", "services/.hidden/Dockerfile": "", "services/Dockerfile": "",
    "x/Dockerfile": "",
  ]

  @Test(
    "expansion",
    arguments: [
      ("services/*/Dockerfile", ["services/.hidden", "services/a", "services/b"].map { $0 + "/Dockerfile" }),
      (
        "services/**/Dockerfile",
        ["services", "services/.hidden", "services/a", "services/b", "services/b/deep/er"].map {
          $0 + "/Dockerfile"
        }
      ),
      ("**/deep/**/Dockerfile", ["services/b/deep/er/Dockerfile"]),
      ("**/**/er/Dockerfile", ["services/b/deep/er/Dockerfile"]),
      ("services/[ab]/Dockerfile", ["services/a/Dockerfile", "services/b/Dockerfile"]),
      ("services/{b,a}/Dockerfile", ["services/b/Dockerfile", "services/a/Dockerfile"]),
      ("{x,services/{a,b}}/Dockerfile", ["x/Dockerfile", "services/a/Dockerfile", "services/b/Dockerfile"]),
      ("services/b/Dockerfile.???", ["services/b/Dockerfile.dev"]),
      ("services/*/deep", ["services/b/deep/er/Dockerfile"]),
      ("x/**", ["x/Dockerfile"]),
    ])
  func expands(pattern: String, expected: [String]) throws {
    try withFiles(Self.files) { folder in
      let found = Found([pattern], in: folder)
      #expect(found.names == expected)
      #expect(found.problems.isEmpty)
    }
  }

  @Test("one without a match is an error that names it")
  func noMatch() throws {
    try withFiles(Self.files) { folder in
      let found = Found(["nope/*/Dockerfile", "x/Dockerfile"], in: folder)
      #expect(found.names == ["x/Dockerfile"])
      #expect(found.problems == ["nope/*/Dockerfile"])
      guard case .noMatch? = found.list.problems.first?.kind else {
        Issue.record("\(found.list.problems)")
        return
      }
    }
  }

  @Test("a file whose name has a star is that file")
  func literal() throws {
    try withFiles(["Dockerfile.*": "", "Dockerfile.a": ""]) { folder in
      #expect(Found(["Dockerfile.*"], in: folder).names == ["Dockerfile.*"])
    }
  }

  @Test(
    "braces",
    arguments: [
      ("a", ["a"]), ("{a,b}", ["a", "b"]), ("x{a,b}{c,d}", ["xac", "xad", "xbc", "xbd"]), ("{a}", ["{a}"]),
      ("{a,{b,c}}d", ["ad", "bd", "cd"]), ("{a,b", ["{a,b"]), ("a}{b,c}", ["a}b", "a}c"]),
      ("{,x}a", ["a", "xa"]),
      ("{{a,b}}", ["{a}", "{b}"]),
    ])
  func braces(text: String, expected: [String]) {
    let found = Braces.alternatives(Array(text.utf8), limit: 100)
    #expect(found?.map { String(decoding: $0, as: UTF8.self) } == expected)
  }

  @Test("braces that stand for too much are refused")
  func tooMany() {
    #expect(Braces.alternatives(Array(String(repeating: "{a,b}", count: 40).utf8), limit: 1024) == nil)
    #expect(
      Braces.alternatives([UInt8](repeating: UInt8(ascii: "{"), count: 100_000), limit: 1024)?.count == 1)
  }

  @Test("folders that a link leads round in a circle end")
  func circle() throws {
    try withFiles(["a/Dockerfile": ""]) { folder in
      try link("..", at: folder + "/a/up")
      #expect(Found(["**/Dockerfile"], in: folder).names == ["a/Dockerfile"])
      #expect(Found(["a/*/a/Dockerfile"], in: folder).names == ["a/up/a/Dockerfile"])
    }
  }
}

import FileTree
import Glibc
import Testing
import TreeTestSupport

@Suite(".dockerignore")
struct IgnoreFileTests {
  private func excluded(_ rules: String, _ path: BytePath) throws -> Bool {
    try IgnoreFile(parsing: [UInt8](rules)).excludes(path)
  }

  @Test(
    "D02-D06, D08: what a file excludes",
    arguments: [
      // D03: anchored at the root, spelling cleaned.
      ("a", "a", true), ("a", "x/a", false), ("a", "a/b/c", true), ("**/a", "x/y/a", true),
      ("**/a", "a", true),
      ("/a", "a", true), ("./a/", "a", true), ("a/b/../f", "a/f", true), ("a/b/../f", "a/b", false),
      // D04: wildcards.
      ("*", "a", true), ("*.md", "x.md", true), ("*.md", "d/x.md", false), ("a*b", "a/b", false),
      ("?", "a", true), ("?", "ab", false), ("a?b", "a/b", false), ("?", "é", true), ("[a-c]x", "bx", true),
      ("[^a-c]x", "bx", false), ("[^a-c]x", "zx", true), ("a/**", "a/b/c", true), ("a/**", "a", false),
      ("a/**/z", "a/z", true), ("a/**/z", "a/b/c/z", true), ("a/**/z", "a/bz", false), ("a**", "abc", true),
      ("**", "a/b", true), ("**/*.md", "d/e/x.md", true), ("**/*.md", "x.md", true),
      ("**/foo/bar", "a/foo/bar", true),
      ("**/foo/bar", "afoo/bar", false), ("**foo", "xfoo", true), (".", "a", false), ("/", "a", false),
      ("a/*/c", "a/b/c", true), ("a/*/c", "a/c", false), ("**/.git", "x/.git/y", true),
      // D02: spaces, comments, blank lines, escapes, carriage returns, byte order mark.
      ("  a  \n\n# b\nc\r\n", "a", true), ("# b", "b", false), (" # b", "# b", true), ("c\r\n", "c", true),
      ("\\#x", "#x", true), ("\\!x", "!x", true), ("\u{feff}a", "a", true), ("a b", "a b", true),
      // D05: the last match wins.
      ("a\n!a/f", "a/f", false), ("a\n!a/f", "a/g", true), ("*\n!keep", "keep", false),
      ("*\n!keep", "keep/x", false),
      ("!a\na", "a", true), ("*.md\n!R*.md\nRE.md", "RE.md", true), ("*.md\n!R*.md\nRE.md", "RA.md", false),
      ("a/**\n! a/b ", "a/b/c", false), ("**\n!**/*.go", "x/y.go", false), ("**\n!**/*.go", "x/y.c", true),
      // D06: case, and folders.
      ("A", "a", false), ("*.d", "x.d/deep/f", true),
    ])
  func table(rules: String, path: String, expected: Bool) throws {
    #expect(try excluded(rules, BytePath(path)) == expected)
  }

  @Test(
    "D04: a line that cannot be used is named", arguments: ["!", "! ", "[", "a/[b", "x\\", "[]a]", "[b-a]"])
  func errors(line: String) {
    #expect { try IgnoreFile(parsing: [UInt8]("ok\n\n\(line)\n")) } throws: { error in
      (error as? IgnoreFile.SyntaxError)?.line == 3
    }
  }

  @Test("D05: a folder that holds an exception is still read") func reincluding() throws {
    let rules = try IgnoreFile(parsing: [UInt8]("*\n!a/b/keep\n!x/*.go"))
    #expect(rules.mayReinclude(below: "a") && rules.mayReinclude(below: "a/b"))
    #expect(rules.mayReinclude(below: "x/y"))
    #expect(!rules.mayReinclude(below: "c") && !rules.mayReinclude(below: "a/c"))
    #expect(!(try IgnoreFile(parsing: [UInt8]("*"))).mayReinclude(below: "a"))
    #expect(try IgnoreFile(parsing: [UInt8]("**\n!**/*.go")).mayReinclude(below: "c"))
  }

  @Test("C84: the options of --exclude are the same rules") func options() throws {
    let rules = try IgnoreFile(patterns: [[UInt8]("*.md"), [UInt8]("!README.md"), [UInt8]("#x")])
    #expect(rules.excludes("a.md") && !rules.excludes("README.md") && rules.excludes("#x"))
  }

  @Test("a pattern made to be slow is not") func linearTime() throws {
    let rules = try IgnoreFile(parsing: [UInt8](String(repeating: "*a", count: 200) + "**/b"))
    #expect(!rules.excludes(BytePath([UInt8](repeating: 0x61, count: 4000))))
  }
}

@Suite("Wildcards of COPY")
struct PathPatternTests {
  @Test(
    "C35, C36: the grammar of filepath.Match, by component",
    arguments: [
      ("*", "a", true), ("*", "a/b", false), ("a*", ".a", false), ("*", ".a", true), ("d*/b", "dx/b", true),
      ("[[]xyz]", "[xyz]", true), ("[a-z]?", "bé", true), ("[^a]", "a", false), ("[^a]", "é", true),
      ("\\*", "*", true), ("\\*", "x", false), ("**", "a", true), ("**", "a/b", false), ("**/b", "d/b", true),
      ("**/b", "d/s/b", false), ("/f", "f", true), ("../f", "f", true), ("./d/../f*", "f1", true),
      ("a]", "a]", true), ("[\\]]", "]", true), ("*x*y", "axbxcy", true), ("[z-a]", "m", false),
    ])
  func table(pattern: String, path: String, expected: Bool) throws {
    #expect(try PathPattern(BytePath(pattern)).matches(BytePath(path)) == expected)
  }

  @Test("C35: malformed patterns", arguments: ["[", "a[", "[]", "[]a]", "[-]", "[a-]", "[x-", "a\\"])
  func malformed(pattern: String) {
    #expect(throws: PatternError.self) { try PathPattern(BytePath(pattern)) }
  }

  @Test("C33, C37, C38, C43: matches in lexical order, links only before the first wildcard")
  func expansion() throws {
    let tree = try TemporaryTree()
    for path: BytePath in ["d2/f", "d1/f", "d1/sub/b", "f", "g", "real/x1", "real/x2"] { try tree.file(path) }
    try tree.link("link", to: "real")
    try tree.link("d3", to: "d1")
    func expand(_ pattern: String) throws -> [BytePath] {
      try PathPattern(BytePath(pattern)).expand(in: tree.shared.directory)
    }
    #expect(try expand("*") == ["d1", "d2", "d3", "f", "g", "link", "real"])
    #expect(try expand("d*/f") == ["d1/f", "d2/f"])
    #expect(try expand("link/x*") == ["link/x1", "link/x2"])
    #expect(try expand("nope*").isEmpty && expand("nope/*").isEmpty && expand("f/*").isEmpty)
    #expect(try expand("../f") == ["f"] && expand("nope").isEmpty && expand("\\f") == ["f"])
    #expect(try PathPattern("*").expand(in: tree.shared.directory) { $0 != "f" }.contains("f") == false)
  }
}

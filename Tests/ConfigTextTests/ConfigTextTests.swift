import ConfigText
import Diagnostics
import SourceText
import Testing

@Suite("Configuration text: values with their places")
struct ConfigTextTests {
  private func parse(_ text: String, _ limits: ConfigText.Limits = .init()) -> ConfigText {
    ConfigText(parsing: Source(name: "c.yaml", text: text), limits: limits)
  }

  /// The text that a range covers.
  private func text(_ range: ByteRange, in file: ConfigText) -> String { file.source.text(in: range) }

  @Test("maps, lists and scalars, each with its place")
  func places() throws {
    let file = parse(
      "# comment\nignored:\n  - DL3006\n  - \"DL\\x33008\"\noverride: {error: [DL3001], info: }\n")
    #expect(file.problems.isEmpty)
    let root = try #require(file.root)
    #expect(root.map?.map(\.name) == ["ignored", "override"])
    let list = try #require(root["ignored"]?.list)
    #expect(list.map(\.string) == ["DL3006", "DL3008"])
    #expect(list.map { text($0.range, in: file) } == ["DL3006", "\"DL\\x33008\""])
    #expect(text(try #require(root["ignored"]).range, in: file) == "- DL3006\n  - \"DL\\x33008\"")
    #expect(text(try #require(root.map?[1].nameRange), in: file) == "override")
    let flow = try #require(root["override"])
    #expect(text(flow.range, in: file) == "{error: [DL3001], info: }")
    #expect(flow["info"]?.isNull == true)
  }

  @Test("places are bytes, whatever the characters before are")
  func bytePlaces() throws {
    let file = parse("\u{FEFF}# äöü 日本 🐳\nname: 'ü'\nnext: x\n")
    #expect(file.problems.isEmpty)
    let root = try #require(file.root)
    #expect(text(try #require(root["name"]).range, in: file) == "'ü'")
    #expect(text(try #require(root["next"]).range, in: file) == "x")
  }

  @Test("block scalars keep their text and say how they were written")
  func blockScalars() throws {
    let file = parse("a: |\n  FROM x\n  RUN y\nb: >-\n  one\n  two\n")
    let root = try #require(file.root)
    #expect(root["a"]?.scalar == ConfigScalar("FROM x\nRUN y\n", .literal))
    #expect(root["b"]?.scalar == ConfigScalar("one two", .folded))
  }

  @Test("types are those of YAML 1.2: yes and off are texts")
  func types() {
    for word in ["true", "True", "TRUE"] { #expect(ConfigScalar(word).boolean == true) }
    for word in ["yes", "on", "off", "y", "tRUE"] {
      #expect(ConfigScalar(word).boolean == nil)
      #expect(ConfigScalar(word).isString)
    }
    #expect(ConfigScalar("true", .doubleQuoted).isString)
    for word in ["", "~", "null", "Null"] { #expect(ConfigScalar(word).isNull) }
    #expect(ConfigScalar("", .singleQuoted).isString)
    for word in ["0", "-12", "+3", "0o17", "0xfF", "1.5", ".5", "1e3", "-.inf", ".nan", "1."] {
      #expect(ConfigScalar(word).isNumber, "\(word)")
    }
    for word in ["0o9", "0xg", "1.2.3", "1e", "-", ".", "DL3006", "1_000", "12:30"] {
      #expect(ConfigScalar(word).isString, "\(word)")
    }
    #expect(ConfigScalar("12", tag: "tag:yaml.org,2002:str").isString)
    #expect(ConfigScalar("12", .doubleQuoted, tag: "tag:yaml.org,2002:int").isNumber)
  }

  @Test(
    "nothing, blanks and comments are an empty file",
    arguments: ["", "\n\n", "# only a comment\n", "---\n...\n"])
  func empty(_ content: String) {
    let file = parse(content)
    #expect(file.problems.isEmpty)
    #expect(file.root?.isNull ?? true)
  }

  @Test("a key that stands twice is reported with both places; the first one counts")
  func duplicateKeys() throws {
    let file = parse("a: 1\nb: 2\na: 3\n")
    #expect(file.root?["a"]?.scalar?.text == "1")
    #expect(file.root?.map?.count == 2)
    let problem = try #require(file.problems.first)
    #expect(file.problems.count == 1)
    #expect(problem.code == .duplicateKey)
    #expect(problem.range == ByteRange(10, 11))
    #expect(problem.notes.map(\.range) == [ByteRange(0, 1)])
  }

  @Test("an alias stands for what its anchor names")
  func aliases() throws {
    let file = parse("base: &codes [DL3006]\nignored: *codes\n")
    #expect(file.problems.isEmpty)
    #expect(file.root?["ignored"]?.list?.map(\.string) == ["DL3006"])
  }

  @Test(
    "an alias that names nothing, or what it stands in, is nothing",
    arguments: ["a: *b\nc: d\n", "a: &b [*b]\nc: d\n"])
  func badAliases(_ content: String) {
    let file = parse(content)
    #expect(file.problems.count == 1)
    #expect(file.root?["c"]?.string == "d")
  }

  @Test("aliases of aliases end at the limit, soon and without much memory")
  func billionLaughs() {
    var content = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...30 {
      content +=
        "a\(level): &a\(level) [" + (0..<10).map { _ in "*a\(level - 1)" }.joined(separator: ", ") + "]\n"
    }
    let file = parse(content)
    #expect(file.problems.count == 1)
    #expect(file.problems.first?.message.contains("100000 values") == true)
    #expect(file.root?["a1"]?.list?.count == 10, "what stands before the limit counts")
  }

  @Test("nesting ends at the limit", arguments: ["[", "{a: ", "- ", "? "])
  func depth(_ opening: String) {
    let file = parse("ok: 1\nx:\n  " + String(repeating: opening, count: 20_000))
    #expect(!file.problems.isEmpty)
    #expect(file.root?["ok"]?.scalar?.text == "1")
  }

  @Test("a document behind the first is reported")
  func documents() {
    let file = parse("a: 1\n---\na: 2\n")
    #expect(file.root?["a"]?.scalar?.text == "1")
    #expect(file.problems.count == 1)
  }

  @Test("a file that is too large is not read")
  func size() {
    let file = parse("a: 1234567890\n", .init(bytes: 10))
    #expect(file.root == nil)
    #expect(file.problems.count == 1)
  }

  @Test("a broken entry does not hide the others")
  func recovery() throws {
    let file = parse("ignored: [DL3006\noverride:\n  error: [DL3008]\nstrict-labels: {\nno-fail: true\n")
    #expect(file.problems.count == 2)
    #expect(file.problems.allSatisfy { $0.code == .invalidConfig })
    let root = try #require(file.root)
    #expect(root["override"]?["error"]?.list?.map(\.string) == ["DL3008"])
    #expect(root["no-fail"]?.boolean == true)
  }

  @Test("a tab is said to be one")
  func tabs() throws {
    let file = parse("ignored:\n\t- DL3006\nno-fail: true\n")
    #expect(file.problems.first?.help?.contains("tabs") == true)
    #expect(file.problems.first?.range.lower == 9)
    #expect(file.root?["no-fail"]?.boolean == true)
  }

  @Test(
    "bytes that are no text are a problem with its place",
    arguments: [
      [0x61, 0x3A, 0x20, 0xFF, 0x0A], [0x61, 0x3A, 0x20, 0x00], [0xFF, 0xFE, 0x61, 0x00], [0xC3],
    ])
  func bytes(_ bytes: [UInt8]) {
    let file = ConfigText(parsing: Source(name: "c.yaml", bytes: bytes))
    #expect(file.problems.count == 1)
    #expect(file.problems.allSatisfy { Int($0.range.lower) <= bytes.count })
  }

  @Test("keys that are no texts are reported and left out")
  func oddKeys() {
    let file = parse("? [a, b]\n: 1\nc: 2\n1: 3\n")
    #expect(file.problems.count == 1)
    #expect(file.root?.map?.map(\.name) == ["c", "1"])
  }

  @Test("JSON is read as well")
  func json() {
    let file = parse("{\"ignored\": [\"DL3006\"], \"no-fail\": true, \"a\": null}")
    #expect(file.problems.isEmpty)
    #expect(file.root?["no-fail"]?.boolean == true)
    #expect(file.root?["a"]?.isNull == true)
  }

  @Test("any piece and any damage of a file is read without a crash, with places inside of it")
  func damage() {
    let content = Array(
      "ignored: &x [DL3006, 'a''b', \"\\u00e9\"]\nü: |2-\n   text\n# c\noverride: {error: *x, ? k : v}\n<<: !!str 1\n"
        .utf8)
    var variants: [[UInt8]] = []
    for index in content.indices {
      variants.append(Array(content[..<index]))
      variants.append(Array(content[index...]))
      for byte: UInt8 in [0x00, 0x09, 0x0A, 0x22, 0x26, 0x2A, 0x3A, 0x5B, 0x7B, 0xFF] {
        var changed = content
        changed[index] = byte
        variants.append(changed)
      }
    }
    for bytes in variants {
      let file = ConfigText(parsing: Source(name: "c", bytes: bytes))
      for problem in file.problems { #expect(Int(problem.range.upper) <= bytes.count) }
      var open = file.root.map { [$0] } ?? []
      while let value = open.popLast() {
        #expect(Int(value.range.upper) <= bytes.count)
        open += value.list ?? value.map?.map(\.value) ?? []
      }
    }
  }
}

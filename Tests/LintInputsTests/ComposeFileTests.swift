import Diagnostics
import SourceText
import TestSupport
import Testing

@testable import LintInputs

@Suite("Dockerfiles of compose files")
struct ComposeFileTests {
  private func embedded(_ text: String) -> [EmbeddedDockerfile] {
    var file = ComposeFile(Source(name: "compose.yaml", text: text), folder: .here)
    return file.read().embedded
  }

  private func references(_ text: String) -> [String] {
    var file = ComposeFile(Source(name: "compose.yaml", text: text), folder: InputPath("deploy"))
    return file.read().references.map(\.path.displayName)
  }

  /// Services with one inline Dockerfile, written in some style.
  private static let scalars: [(String, String)] = [
    ("|\n      FROM a\n      RUN b\n", "FROM a\nRUN b\n"),
    ("|-\n      FROM a\n      RUN b\n", "FROM a\nRUN b"),
    ("|+\n      FROM a\n      RUN b\n\n", "FROM a\nRUN b\n\n"),
    ("|\n\n      FROM a\n\n\n      RUN b\n\n\n", "\nFROM a\n\n\nRUN b\n"),
    ("|2\n        FROM a\n      RUN b\n", "  FROM a\nRUN b\n"),
    ("| # why\n         FROM a\n           && b\n", "FROM a\n  && b\n"),
    ("&anchor |\n      FROM a\n", "FROM a\n"),
    ("!!str |\n      FROM a\n", "FROM a\n"),
    ("|\r\n      FROM a\r\n      RUN b\r\n", "FROM a\nRUN b\n"),
    ("|\n      FROM a", "FROM a"),
    ("|\n      FROM ä\n      RUN ö\n", "FROM ä\nRUN ö\n"),
    (">\n      FROM a\n      RUN b\n\n      CMD c\n        d\n      e\n", "FROM a RUN b\nCMD c\n  d\ne\n"),
    (">-\n      FROM a\n\n      RUN b\n", "FROM a\nRUN b"),
    ("\"FROM a\\nRUN \\x62 \\u00e4 \\\\ \\\"\\n\"\n", "FROM a\nRUN b ä \\ \"\n"),
    ("\"FROM a\\n\\\n        RUN b\n\n        c\"\n", "FROM a\nRUN b\nc"),
    ("'FROM a''s\n\n      RUN b'\n", "FROM a's\nRUN b"),
    ("FROM a\n", "FROM a"),
    ("FROM a\n        b\n\n        c\n", "FROM a b\nc"),
  ]

  @Test("each style gives its text, and every byte knows its place", arguments: scalars)
  func scalarStyles(scalar: String, expected: String) throws {
    let yaml = "services:\n  a:\n   build:\n    dockerfile_inline: \(scalar)"
    let dockerfile = try #require(embedded(yaml + (scalar.hasSuffix("\n") ? "  b: {}\n" : "")).first)
    #expect(String(decoding: dockerfile.text.bytes, as: UTF8.self) == expected)
    let bytes = dockerfile.text.bytes
    var last: UInt32 = 0
    var places: Set<UInt32> = []
    for (offset, byte) in bytes.enumerated() {
      let place = dockerfile.text.original(offset)
      #expect(place >= last)
      last = place
      places.insert(place)
      if dockerfile.text.isVerbatim(offset..<offset + 1) {
        #expect(dockerfile.outer.bytes[Int(place)] == byte)
      }
    }
    #expect(places.count * 4 > bytes.count * 3, "the text has fallen back to one place for all")
  }

  @Test("a finding has the line and column of the YAML file")
  func places() throws {
    let yaml = """
      services:
        web:
          build:
            context: .
            dockerfile_inline: |
              FROM debian
              RUN true \\
                && false

      """
    let dockerfile = try #require(embedded(yaml).first)
    #expect(dockerfile.service == "web")
    let text = String(decoding: dockerfile.text.bytes, as: UTF8.self)
    #expect(text == "FROM debian\nRUN true \\\n  && false\n")
    let finding = Diagnostic(
      DiagnosticCode("X1", "x"), .warning, "m", at: ByteRange(5, 11),
      notes: [Note("n", at: ByteRange(12, 15))],
      fixIts: [FixIt("t", .safe, [Edit(ByteRange(11, 11), ":12")])].compactMap(\.self))
    let mapped = dockerfile.mapped(finding)
    let lines = LineIndex(dockerfile.outer)
    #expect(lines.position(of: mapped.range.lower) == Position(line: 6, column: 14))
    #expect(lines.position(of: mapped.range.upper) == Position(line: 6, column: 20))
    #expect(mapped.notes.map { lines.position(of: $0.range.lower) } == [Position(line: 7, column: 9)])
    let mended = applying(mapped.fixIts, to: dockerfile.outer.bytes, minimum: .safe).bytes
    #expect(
      String(decoding: mended, as: UTF8.self) == yaml.replacing("FROM debian\n", with: "FROM debian:12\n"))
  }

  @Test("dollars are doubled in compose files, and what cannot be written back gives no fix")
  func dollars() throws {
    let dockerfile = try #require(
      embedded(
        "services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM a\n        RUN echo $$HOME ${B}\n"
      ).first)
    #expect(String(decoding: dockerfile.text.bytes, as: UTF8.self) == "FROM a\nRUN echo $HOME ${B}\n")
    #expect(dockerfile.edits(for: [Edit(ByteRange(5, 6), "b")])?.count == 1)
    #expect(dockerfile.edits(for: [Edit(ByteRange(16, 17), "$")]) == nil)
    #expect(dockerfile.edits(for: [Edit(ByteRange(11, 11), "x\ny")]) == nil, "the line has a dollar in it")
    let place = dockerfile.text.original(16)
    #expect(dockerfile.outer.text(in: ByteRange(place, place + 2)) == "$$")
  }

  @Test("quoted and folded texts are linted and not mended")
  func notMended() throws {
    for scalar in ["\"FROM a\\n\"", "'FROM a'", ">\n        FROM a\n"] {
      let dockerfile = try #require(
        embedded("services:\n  a:\n    build:\n      dockerfile_inline: \(scalar)\n").first)
      #expect(!dockerfile.isMendable)
      #expect(dockerfile.edits(for: [Edit(ByteRange(5, 6), "b")]) == nil)
    }
  }

  @Test("anchors, merge keys, extends and x- fields; what is shared is linted once")
  func sharing() {
    let yaml = """
      x-build: &build
        dockerfile_inline: &text |
          FROM a
      x-base: &base
        build: *build
      services:
        one:
          build:
            <<: *build
            target: x
        two:
          <<: [{image: y}, *base]
        three:
          build:
            dockerfile_inline: *text
        four:
          extends: {service: five}
        five:
          build:
            dockerfile_inline: |
              FROM b
        six:
          extends: six
        seven:
          image: x
        eight:
          build: !reset null
      """
    #expect(
      embedded(yaml).map { String(decoding: $0.text.bytes, as: UTF8.self) } == ["FROM a\n", "FROM b\n"])
    #expect(references(yaml).isEmpty)
  }

  @Test("the files that builds name")
  func named() {
    let yaml = """
      services:
        a:
          build: .
        b:
          build: ./app
        c:
          build: {context: app, dockerfile: docker/Dockerfile.dev}
        d:
          build: {context: .., dockerfile: ../x/Dockerfile}
        e:
          build: {context: /abs, dockerfile: /other/Dockerfile}
        f:
          build: https://github.com/docker/buildx.git
        g:
          build: {context: "git@example.com:a/b.git"}
        h:
          build: {context: "${DIR:-app}", dockerfile: "${D-${E:-Dockerfile.x}}"}
        i:
          build: {context: "${DIR}"}
        j:
          extends: b
          build: {dockerfile: Other}
        k:
          build: {}
        l:
          build:
        m:
          build: {context: app, additional_contexts: {x: ./y}}
      """
    #expect(
      references(yaml) == [
        "deploy/Dockerfile", "deploy/app/Dockerfile", "deploy/app/docker/Dockerfile.dev",
        "deploy/../../x/Dockerfile", "/other/Dockerfile", "deploy/app/Dockerfile.x", "deploy/app/Other",
        "deploy/Dockerfile", "deploy/app/Dockerfile",
      ])
  }

  @Test(
    "variables with defaults",
    arguments: [
      ("a", "a"), ("${A:-b}", "b"), ("${A-b}/c", "b/c"), ("${A:-}", ""), ("$$A", "$A"),
      ("${A:-${B:-c}d}", "cd"),
      ("$A", nil), ("${A}", nil), ("${A:?no}", nil), ("${A:+x}", nil), ("${A:-b", nil), ("${:-b}", nil),
      ("a$", nil),
    ])
  func variables(text: String, expected: String?) {
    #expect(ComposeVariables.withDefaults(text) == expected)
  }

  @Test("in a run: what is inside comes first, then what is named; a missing file has its place")
  func run() throws {
    let yaml = """
      services:
        a:
          build: ./app
        b:
          build: {context: ./app, dockerfile: missing}
        c:
          build:
            dockerfile_inline: |
              FROM a

      """
    try withFiles(["deploy/compose.yaml": yaml, "deploy/app/Dockerfile": "", "other/stack.yml": yaml]) {
      folder in
      let found = Found(["deploy/compose.yaml"], in: folder)
      #expect(found.names == ["deploy/compose.yaml", "deploy/app/Dockerfile"])
      let problem = try #require(found.list.problems.first)
      #expect(problem.position == Position(line: 5, column: 41))
      #expect(problem.level == .error)
      guard case .missing(let path, .system(2)) = problem.kind else {
        Issue.record("\(problem)")
        return
      }
      #expect(path.displayName == folder + "/deploy/app/missing")

      let searched = Found([""], in: folder)
      #expect(searched.names == ["deploy/app/Dockerfile", "deploy/compose.yaml"])
      #expect(searched.list.problems.map(\.level) == [.warning], "nobody named that file")
      #expect(Found(["other/stack.yml"], in: folder).names == ["other/stack.yml"])
      guard case .embedded(let dockerfiles, let outer)? = searched.list.inputs.last?.content else {
        Issue.record("\(searched.list.inputs)")
        return
      }
      #expect(dockerfiles.map { String(decoding: $0.source.bytes, as: UTF8.self) } == ["FROM a\n"])
      #expect(outer.bytes == Array(yaml.utf8))
    }
  }

  @Test("a broken file says where, and what can be read still counts")
  func broken() throws {
    let yaml = "services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM a\nx: [\n"
    try withFiles(["compose.yaml": yaml]) { folder in
      let found = Found(["compose.yaml"], in: folder)
      #expect(found.names == ["compose.yaml"])
      #expect(found.list.problems.first?.position?.line ?? 0 >= 6)
    }
  }
}

@Suite("Mending a Dockerfile inside YAML")
struct EmbeddedMendingTests {
  private static let pieces = [
    "FROM a", "RUN b \\", "  && c", "", "# d", "COPY e f", " g", "\"h\": 'i'", "- j", "k: |", "é", "---",
    "$l",
  ]

  private static func text(_ random: inout SeededGenerator, lines: Int) -> String {
    var text = "FROM z\n"
    for _ in 0..<random.below(lines) { text += pieces[random.below(pieces.count)] + "\n" }
    return text
  }

  /// A compose file around a text.
  private static func compose(_ text: String, indent: Int, ending: String, head: String) -> String {
    var result = "services:\n  a:\n    build:\n      dockerfile_inline: \(head)\n"
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      result += line.isEmpty ? "\n" : String(repeating: " ", count: indent) + line + "\n"
    }
    result += "      target: x\n  b:\n    image: c\n"
    return ending == "\n" ? result : result.replacing("\n", with: ending)
  }

  private static func inline(_ yaml: [UInt8]) -> [UInt8]? {
    var file = ComposeFile(Source(name: "compose.yaml", bytes: yaml), folder: .here)
    let result = file.read()
    guard result.problems.isEmpty else { return nil }
    return result.embedded.first?.text.bytes
  }

  /// Without the line ends that chomping takes away or adds.
  private static func chomped(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    while bytes.last == 0x0A { bytes.removeLast() }
    return bytes
  }

  @Test("an edit of the text is the same edit of the file", arguments: 1...400 as ClosedRange<UInt64>)
  func edits(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let inner = Self.text(&random, lines: 8)
    let yaml = Self.compose(
      inner, indent: 8 + random.below(3), ending: random.below(5) == 0 ? "\r\n" : "\n",
      head: ["|", "|-", "|+"][random.below(3)])
    var file = ComposeFile(Source(name: "compose.yaml", text: yaml), folder: .here)
    let dockerfile = try #require(file.read().embedded.first)
    try #require(Self.chomped(dockerfile.text.bytes) == Self.chomped(Array(inner.utf8)))
    let size = dockerfile.text.bytes.count
    var cuts = (0..<(2 * (1 + random.below(2)))).map { _ in random.below(size + 1) }.sorted()
    // Not inside of a character, or the result is no YAML.
    cuts = cuts.map { $0 < size && dockerfile.text.bytes[$0] & 0xC0 == 0x80 ? $0 - 1 : $0 }
    if random.below(3) == 0 { cuts = cuts.map { Self.lineStart($0, dockerfile.text.bytes) } }
    let replacements = ["", "x", "X Y\n", "\n", "m\nn", "ö", "RUN o\nRUN p\n"]
    let edits = stride(from: 0, to: cuts.count, by: 2).map {
      Edit(ByteRange(cuts[$0], cuts[$0 + 1]), replacements[random.below(replacements.count)])
    }
    guard let fixIt = FixIt("t", .safe, edits) else { return }
    let expected = applying([fixIt], to: dockerfile.text.bytes, minimum: .safe).bytes
    guard let outer = dockerfile.edits(for: fixIt.edits), let mapped = FixIt("t", .safe, outer) else {
      // Only a first line that would start with a blank, and edits that join lines together, have no way back.
      #expect(expected.first { $0 != 0x0A } == 0x20 || edits.count > 1)
      return
    }
    let result = applying([mapped], to: dockerfile.outer.bytes, minimum: .safe).bytes
    let read = try #require(Self.inline(result), "\(String(decoding: result, as: UTF8.self))")
    #expect(
      Self.chomped(read) == Self.chomped(expected),
      "\(String(decoding: result, as: UTF8.self))")
    #expect(result.suffix(12).elementsEqual(dockerfile.outer.bytes.suffix(12)))
  }

  private static func lineStart(_ offset: Int, _ bytes: [UInt8]) -> Int {
    bytes[..<offset].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
  }

  @Test(
    "another text in its place, and only lines that differ are touched",
    arguments: 1...200 as ClosedRange<UInt64>)
  func replacement(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let inner = Self.text(&random, lines: 8)
    let yaml = Self.compose(
      inner, indent: 8, ending: random.below(5) == 0 ? "\r\n" : "\n", head: random.below(2) == 0 ? "|" : "|-")
    var file = ComposeFile(Source(name: "compose.yaml", text: yaml), folder: .here)
    let dockerfile = try #require(file.read().embedded.first)
    // Keep some lines, put others in between.
    let old = dockerfile.text.bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast(
      dockerfile.text.bytes.last == 0x0A ? 1 : 0)
    var lines: [ArraySlice<UInt8>] = []
    var origins: [Int?] = []
    for (index, line) in old.enumerated() {
      if index == 0 || random.below(3) > 0 {
        lines.append(line)
        origins.append(index)
      }
      if random.below(4) == 0 {
        lines.append(Array("NEW \(index)".utf8)[...])
        origins.append(nil)
      }
    }
    let newText = Array(lines.joined(separator: [0x0A])) + [0x0A]
    let edits = try #require(dockerfile.edits(replacingWith: newText, lineOrigins: origins))
    var result = dockerfile.outer.bytes
    for edit in edits.reversed() { result.replaceSubrange(edit.range.indices, with: edit.replacement) }
    let read = try #require(Self.inline(result))
    #expect(Self.chomped(read) == Self.chomped(newText))
  }
}

@Suite("Nothing that a file holds does harm")
struct HostileInputTests {
  private static let compose = """
    x-a: &a
      build: &b {context: ., dockerfile: "${X:-d}"}
    services:
      one: {<<: *a}
      two:
        extends: one
        build:
          dockerfile_inline: &t |2-
              FROM a
             $$b
      three: {build: {<<: [*b], dockerfile_inline: "FROM \\x41\\
        b\\n"}}
      four:
        build:
          dockerfile_inline: >+
            FROM a

              b
            c

    """
  private static let json =
    "{ // x\n \"build\": {\"dockerfile\": \"a\\u0041\"}, /* y */ \"dockerComposeFile\": [\"z\",],\n}"

  @Test("files with bytes changed, lost and doubled", arguments: 1...8 as ClosedRange<UInt64>)
  func mutants(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let alphabet = Array("\n\r \t#:-|>&*!{}[],\"'\\$%@`?<~a0".utf8) + [0, 0xC3, 0xA9, 0xFF, 0xE2, 0x80, 0xA8]
    for round in 0..<300 {
      var bytes = Array((round.isMultiple(of: 3) ? Self.json : Self.compose).utf8)
      for _ in 0..<(1 + random.below(6)) where !bytes.isEmpty {
        let place = random.below(bytes.count)
        switch random.below(4) {
        case 0: bytes.remove(at: place)
        case 1: bytes.insert(alphabet[random.below(alphabet.count)], at: place)
        case 2: bytes[place] = alphabet[random.below(alphabet.count)]
        default:
          bytes.insert(contentsOf: bytes[place..<min(place + random.below(40), bytes.count)], at: place)
        }
      }
      let source = Source(name: "x", bytes: bytes)
      _ = DevcontainerFile.read(source, folder: .here)
      var file = ComposeFile(source, folder: .here)
      for dockerfile in file.read().embedded {
        let size = dockerfile.text.bytes.count
        for offset in 0...size { #expect(Int(dockerfile.text.original(offset)) <= bytes.count) }
        let (lower, upper) = (random.below(size + 1), random.below(size + 1))
        let edit = Edit(ByteRange(min(lower, upper), max(lower, upper)), "x\ny")
        for mapped in dockerfile.edits(for: [edit]) ?? [] { #expect(Int(mapped.range.upper) <= bytes.count) }
        _ = dockerfile.edits(replacingWith: [0x41, 0x0A], lineOrigins: [nil])
      }
    }
  }
}

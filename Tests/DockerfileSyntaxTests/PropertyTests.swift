import DockerfileSyntax
import SourceText
import TestSupport
import Testing

/// Files that no person writes: for each of them all of ``TreeInvariants`` holds.
@Suite("Any bytes at all")
struct PropertyTests {
  private static let fixtures: [String] =
    (try? Files.files(below: TestSupport.fixture("dockerfiles"), suffix: ".Dockerfile")) ?? []

  private func check(_ bytes: [UInt8], _ origin: @autoclosure () -> String) {
    let violations = TreeInvariants.violations(of: bytes)
    if !violations.isEmpty {
      Issue.record(
        "\(origin()): \(violations[0]); input \(String(decoding: bytes, as: UTF8.self).debugDescription)")
    }
  }

  @Test("there are fixtures")
  func fixturesAreThere() { #expect(Self.fixtures.count > 40) }

  @Test("every fixture and every prefix of it", arguments: fixtures)
  func prefixes(path: String) throws {
    let bytes = try Files.read(path)
    for length in 0...bytes.count { check(Array(bytes[..<length]), "\(path), \(length) bytes") }
  }

  @Test(
    "every fixture with each token deleted, doubled, or with a bit of its first byte flipped",
    arguments: fixtures)
  func tokens(path: String) throws {
    let bytes = try Files.read(path)
    let tree = SyntaxTree.parse(Source(name: path, bytes: bytes))
    for index in tree.tokens.indices {
      let token = tree.range(ofToken: index).indices
      check(Array(bytes[..<token.lowerBound] + bytes[token.upperBound...]), "\(path) without token \(index)")
      check(
        Array(bytes[..<token.upperBound] + bytes[token.lowerBound...]), "\(path) with token \(index) twice")
      var flipped = bytes
      flipped[token.lowerBound] ^= 1 << UInt8(index % 8)
      check(flipped, "\(path) with token \(index) flipped")
    }
  }

  @Test("random bytes")
  func randomBytes() {
    var random = SeededGenerator(seed: 1)
    for round in 0..<3000 { check(random.bytes(random.below(80)), "round \(round)") }
  }

  @Test("random words of the grammar")
  func randomGrammar() {
    let pieces: [[UInt8]] =
      [
        "FROM ", "RUN ", "COPY ", "ADD ", "ENV ", "LABEL ", "ARG ", "CMD ", "SHELL ", "VOLUME ",
        "HEALTHCHECK ", "ONBUILD ",
        "a", "b=1", "\"", "'", "\\", "\\\n", "`", "\n", "\r\n", "\t", " ", "#", "# escape=`\n", "<<E", "<<-E",
        "<<'E'", "\nE\n",
        "<<", "[", "]", ",", "\"a\"", "--", "--x=", "--mount=type=cache,target=/a", "--from=",
        "--interval=1.5h", "$", "${", "}",
        ":-", "//", "/", "*", "?", "CMD", "NONE", "AS", "\u{85}", "\u{A0}", "\u{2028}", "\u{3000}", "é",
        "\u{FEFF}",
      ].map { Array($0.utf8) } + [[0], [0xFF], [0x85], [0xA0], [0xC3], [0xE2, 0x80]]
    var random = SeededGenerator(seed: 2)
    for round in 0..<6000 {
      var bytes: [UInt8] = []
      for _ in 0..<random.below(30) { bytes += pieces[random.below(pieces.count)] }
      check(bytes, "round \(round)")
    }
  }

  @Test("mutated fixtures", arguments: fixtures)
  func mutations(path: String) throws {
    let original = try Files.read(path)
    guard !original.isEmpty else { return }
    var random = SeededGenerator(seed: UInt64(original.count))
    let interesting = Array("\\`\"'$#<[]{}=-\n\r\t \u{0}".utf8)
    for round in 0..<60 {
      var bytes = original
      for _ in 0...random.below(4) {
        let place = random.below(bytes.count)
        switch random.below(4) {
        case 0: bytes[place] = interesting[random.below(interesting.count)]
        case 1: bytes.insert(interesting[random.below(interesting.count)], at: place)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(20)))
        default:
          bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + random.below(20))], at: place)
        }
        if bytes.isEmpty { bytes = [0x0A] }
      }
      check(bytes, "\(path), round \(round)")
    }
  }

  @Test("the valid fixtures have no problem, the invalid ones have")
  func validity() throws {
    for path in Self.fixtures {
      let file = Dockerfile(parsing: Source(name: path, bytes: try Files.read(path)))
      #expect(file.problems.isEmpty == path.contains("/valid/"), "\(path): \(file.problems.map(\.kind))")
    }
  }
}

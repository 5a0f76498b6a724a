import Diagnostics
import DockerfileLint
import SourceText
import TestSupport
import Testing

@Suite("What holds for linting any file")
struct LintPropertyTests {
  @Test("holds for the files that the parser is tested with")
  func fixtures() throws {
    for path in try Files.files(below: TestSupport.fixture("dockerfiles")) {
      let bytes = try Files.read(path)
      // The large ones are for the parser.
      guard bytes.count < 20_000 else { continue }
      #expect(LintInvariants.violations(of: bytes).isEmpty, "\(path)")
    }
  }

  @Test("holds for every example with a byte changed, left out or doubled")
  func examples() {
    var random = SeededGenerator(seed: 9)
    for rule in RuleCase.all {
      for example in rule.rule.documentation.examples {
        var bytes = Array(example.text.utf8)
        guard !bytes.isEmpty else { continue }
        let place = random.below(bytes.count)
        switch random.below(3) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.remove(at: place)
        default: bytes.insert(bytes[random.below(bytes.count)], at: place)
        }
        #expect(
          LintInvariants.violations(of: bytes).isEmpty,
          "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
      }
    }
  }

  @Test("holds in UTF-16, also where it breaks off")
  func encodings() {
    let text = "FROM debian\nRUN cd /ü\u{1F600} && sudo x\nUSER root\n"
    let units = Array(text.utf16)
    let little: [UInt8] = [0xFF, 0xFE] + units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let big: [UInt8] = [0xFE, 0xFF] + units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    for bytes in [little, big, Array(little.dropLast()), big + [0xD8]] {
      #expect(LintInvariants.violations(of: bytes).isEmpty)
    }
  }

  @Test("Strict mode mends only what its verdict then holds to be mended")
  func strictFixes() {
    let linter = Linter(LintSettings { $0.isStrict = true })
    let text = "FROM a:1\nRUN zypper -n in curl=1 && zypper clean && zypper -n in git=1\n"
    #expect(!linter.fix(Source(name: "Dockerfile", text: text), minimum: .unsafe).isChanged)
    #expect(LintInvariants.violations(of: Array(text.utf8)).isEmpty)
  }
}

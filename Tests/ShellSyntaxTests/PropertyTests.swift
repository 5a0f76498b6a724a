import ShellSyntax
import SourceText
import TestSupport
import Testing

/// Scripts that no person writes: for each of them all of ``TreeInvariants`` holds.
@Suite("Any bytes at all")
struct PropertyTests {
  private static let scripts = [
    "set -eux; apt-get update && apt-get install -y --no-install-recommends a b=1.* \"c${d:-e}\" | tee /x 2>&1",
    "if [ \"$(id -u)\" = 0 ]; then echo `date \"+%Y\"` >> /a; elif [[ $x =~ ^(a|b)$ ]]; then :; else f; fi",
    "for f in *.c {a,b}/*.h; do cat <<EOF > \"$f\"\nbody $(x \"y\") ${z%.*}\nEOF\ncp $f $((i + 1)) & done; wait",
    "case \"$(uname -m)\" in x86_64|amd64) A='x' ;; arm*) A=$'y\\n' ;; *) exit 1 ;; esac; f() { local a=(1 2); ! g; }",
    "(cd /a && tar -xzf - --strip-components=1) < <(curl -fsSL https://example.com/${V}.tgz); time { b; } \\\n # c\nd",
  ]

  private func check(_ bytes: [UInt8], _ origin: @autoclosure () -> String) {
    let violations = TreeInvariants.violations(of: bytes)
    if !violations.isEmpty {
      Issue.record(
        "\(origin()): \(violations[0]); input \(String(decoding: bytes, as: UTF8.self).debugDescription)")
    }
  }

  @Test("the scripts are well-formed", arguments: scripts)
  func wellFormed(text: String) {
    #expect(verdict(text) == "ok")
    #expect(errors(text).isEmpty)
  }

  @Test("every prefix and every suffix", arguments: scripts)
  func cuts(text: String) {
    let bytes = Array(text.utf8)
    for length in 0...bytes.count {
      check(Array(bytes[..<length]), "prefix")
      check(Array(bytes[length...]), "suffix")
    }
  }

  @Test("each token deleted or doubled", arguments: scripts)
  func tokens(text: String) {
    let bytes = Array(text.utf8)
    let script = ShellScript.parse(bytes)
    for index in script.tokens.indices {
      let token = script.range(ofToken: index).indices
      check(Array(bytes[..<token.lowerBound] + bytes[token.upperBound...]), "without token \(index)")
      check(Array(bytes[..<token.upperBound] + bytes[token.lowerBound...]), "token \(index) twice")
    }
  }

  @Test("random bytes")
  func randomBytes() {
    var random = SeededGenerator(seed: 1)
    for round in 0..<3000 { check(random.bytes(random.below(60)), "round \(round)") }
  }

  @Test("random words of the grammar")
  func randomGrammar() {
    let pieces: [[UInt8]] =
      [
        "a", "b=", " ", " ", "\n", ";", "&", "&&", "|", "||", "(", ")", "{ ", "; }", "{", "}", "[ ", " ]",
        "[[ ", " ]]", "((",
        "))", "$((", "$(", "${", "${a:-", "$[", "$a", "'", "\"", "`", "\\", "\\\n", "\\`", "<<E\n",
        "<<-'E'\n", "\nE\n", "<", ">",
        "<(", "2>&1", "{x}>", "<<<", "if ", "then ", "else ", "elif ", "fi", "for x in ", "do ", "done",
        "case ", " in ", "esac",
        ";;", "while ", "until ", "select ", "f()", "function ", "time ", "coproc ", "!", "! ", "*", "?",
        "@(", "{a,b}", "{1..3}",
        "a[1]=", "a=(", "export ", "#", "# shellcheck x", "=", "==", "=~", "-a ", "-f ", "é", "\u{A0}",
        "\r\n", "~", ":-", "%",
      ].map { Array($0.utf8) } + [[0], [0xFF], [0xC2]]
    var random = SeededGenerator(seed: 2)
    for round in 0..<8000 {
      var bytes: [UInt8] = []
      for _ in 0..<random.below(25) { bytes += pieces[random.below(pieces.count)] }
      check(bytes, "round \(round)")
    }
  }

  @Test("mutated scripts", arguments: scripts)
  func mutations(text: String) {
    let original = Array(text.utf8)
    var random = SeededGenerator(seed: UInt64(original.count))
    let interesting = Array("\\`\"'$#<>[]{}()=-!&|;\n\t \u{0}".utf8)
    for round in 0..<400 {
      var bytes = original
      for _ in 0...random.below(4) {
        let place = random.below(bytes.count)
        switch random.below(4) {
        case 0: bytes[place] = interesting[random.below(interesting.count)]
        case 1: bytes.insert(interesting[random.below(interesting.count)], at: place)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(12)))
        default:
          bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + random.below(12))], at: place)
        }
        if bytes.isEmpty { bytes = [0x0A] }
      }
      check(bytes, "round \(round)")
    }
  }
}

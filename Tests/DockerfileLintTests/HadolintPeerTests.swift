import DockerfileLint
import SourceText
import TestSupport
import Testing

/// The grammar against the program itself, where it is installed.
@Suite(
  "hadolint 2.15.1 stops where we say", .enabled(if: HadolintPeer.isThere, "hadolint 2.15.1 is not installed")
)
struct HadolintPeerTests {
  @Test("at every sample")
  func samples() throws {
    let stops = try HadolintPeer.stops(HadolintSample.all.map(\.bytes))
    for (sample, stop) in zip(HadolintSample.all, stops) {
      #expect(stop == .some(sample.stop), "\(sample.testDescription)")
    }
  }

  @Test("in random words of the grammar")
  func random() throws {
    var random = SeededGenerator(seed: 5)
    let files = (0..<800).map { _ in HadolintSample.random(&random) }
    var finished = 0
    for (file, stop) in zip(files, try HadolintPeer.stops(files)) {
      // It ends with an exception at some files, and says nothing about them.
      guard let stop else { continue }
      let error = HadolintGrammar.firstError(in: Source(name: "Dockerfile", bytes: file))
      #expect(
        error.map { "\($0.line):\($0.column)" } == stop,
        "\(String(decoding: file, as: UTF8.self).debugDescription)")
      finished += 1
    }
    #expect(finished > 700)
  }
}

/// The program, run over many files at once.
enum HadolintPeer {
  static let isThere: Bool = {
    guard Processes.find("hadolint") != nil, let result = try? Processes.run("hadolint", ["--version"]) else {
      return false
    }
    return result.outputText.hasSuffix(" 2.15.1\n")
  }()

  /// Where it stops in each file: line and column, or nil; `.none` for a file at which it ends without a result.
  static func stops(_ files: [[UInt8]]) throws -> [String??] {
    try Files.withTemporaryFolder { folder in
      for (index, file) in files.enumerated() { try Files.write(file, to: "\(folder)/\(index).Dockerfile") }
      var stops = [String??](repeating: .none, count: files.count)
      var batches = stride(from: 0, to: files.count, by: 50).map { $0..<min($0 + 50, files.count) }
      while let batch = batches.popLast() {
        let result = try Processes.run(
          "hadolint", ["--no-color", "-f", "json"] + batch.map { "\($0).Dockerfile" }, folder: folder)
        if result.output.first == 0x5B {
          for index in batch { stops[index] = .some(nil) }
          for (index, stop) in errors(result.outputText) { stops[index] = stop }
        } else if batch.count > 1 {
          let middle = batch.lowerBound + batch.count / 2
          batches += [batch.lowerBound..<middle, middle..<batch.upperBound]
        }
      }
      return stops
    }
  }

  /// The parse errors in a report, by the number in the file's name.
  private static func errors(_ report: String) -> [(Int, String)] {
    report.split(separator: "{\"code\":").compactMap { finding in
      guard finding.hasPrefix("\"DL1000\"") else { return nil }
      func number(behind key: String) -> Int? {
        finding.firstRange(of: key).flatMap { range in
          Int(finding[range.upperBound...].prefix { $0.isNumber })
        }
      }
      guard let index = number(behind: "\"file\":\""), let line = number(behind: "\"line\":"),
        let column = number(behind: "\"column\":")
      else { return nil }
      return (index, "\(line):\(column)")
    }
  }
}

extension HadolintSample {
  private static let keywords = [
    "FROM ", "COPY ", "RUN ", "WORKDIR /", "ENTRYPOINT ", "VOLUME ", "EXPOSE ", "ENV ", "ARG ", "USER ",
    "LABEL ",
    "CMD ", "ADD ", "HEALTHCHECK ", "ONBUILD ", "# ", "#", "RUN", "X",
  ]

  private static let words = [
    "a", "b", " ", " ", "  ", "\t", "=", ":", "@", "/", ".", ",", "-", "$", "${A:-b}", "{", "}", "[", "]",
    "\"", "'",
    "\"a\"", "[\"a\", \"b\"]", "\\", "\\\n", "\\\\\n", "\\ \n", "\\\n# c\n", "`", "\\\"", "<<E", "<<-E ",
    "<<\"E\"",
    "<<E x", "\nE\n", "\nEF\n", "\nE\n\n", " AS ", "--platform=", "--from=", "--link", "--chown=a",
    "--foo=1 ",
    "--mount=", "type=cache", "type=secret", "target=/x", "ro", "required", "--network=", "none",
    "--interval=", "1.5",
    "1e2", "80", "/tcp", "s", "m", "CMD ", "NONE", "escape=`", "escape=\\", "syntax=a", "é", "中", "\u{A0}",
    "\r", "\0",
    "|", ">",
  ]

  /// A file of a few instructions made of words of the grammar, sometimes in another encoding or with a byte too many.
  static func random(_ random: inout SeededGenerator) -> [UInt8] {
    var text = ""
    for _ in 0...random.below(3) {
      text += keywords[random.below(keywords.count)]
      for _ in 0..<random.below(7) { text += words[random.below(words.count)] }
      text += ["\n", "\n", "\n", "\n\n", "\r\n", ""][random.below(6)]
    }
    switch random.below(30) {
    case 0: return [0xFF, 0xFE] + text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    case 1:
      return [0xFE, 0xFF] + text.utf16.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] } + [0xD8]
    case 2: return [0xEF, 0xBB, 0xBF] + Array(text.utf8)
    case 3:
      var bytes = Array(text.utf8)
      bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: random.below(bytes.count + 1))
      return bytes
    default: return Array(text.utf8)
    }
  }
}

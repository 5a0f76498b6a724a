import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3000: WORKDIR with a relative path.
package struct RelativeWorkdir: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3000", "relative-workdir"), .error, buildkit: "WorkdirRelativePath", fix: .safe,
    visits: [.from, .workdir], summary: "WORKDIR with a relative path")

  /// The working directory of the stage; nil when the file does not say it.
  private var folder: [UInt8]?

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .workdir(let path?) = instruction.details else {
      if instruction.kind == .from { folder = nil }
      return
    }
    if path.isAbsolutePath {
      folder = Self.isPlain(path.bytes) ? path.bytes : nil
      return
    }
    guard !context.isMisplaced(instruction) else { return }
    let joined = Self.isPlain(path.bytes) ? folder.map { Self.join($0, path.bytes) } : nil
    var fixIts: [FixIt] = []
    if path.isVerbatim, let joined {
      let shown = String(decoding: joined, as: UTF8.self)
      fixIts = [FixIt("write \(shown)", .safe, [Edit(path.range, joined)])].compactMap(\.self)
    } else if path.isVerbatim, Self.isPlain(path.bytes), path.bytes.first != 0x2E {
      fixIts = [FixIt("put a slash in front", .unsafe, [Edit(path.range, [0x2F] + path.bytes)])].compactMap(
        \.self)
    }
    folder = joined
    findings.report(
      Diagnostic(
        Self.metadata.code, .error,
        "a relative working directory depends on what was set before, also in the base image",
        at: path.range, help: fixIts.isEmpty ? "write the path from the root of the image" : nil,
        fixIts: fixIts),
      at: instruction.index)
  }

  /// Whether a path has nothing but letters, digits and harmless punctuation in it, and does not go up.
  private static func isPlain(_ path: [UInt8]) -> Bool {
    var previous: UInt8 = 0
    for byte in path {
      let isPlain =
        byte.isASCIILetter || byte.isASCIIDigit || byte == 0x2D || byte == 0x2E || byte == 0x2F
        || byte == 0x5F
      guard isPlain, byte != 0x2E || previous != 0x2E else { return false }
      previous = byte
    }
    return !path.isEmpty
  }

  private static func join(_ folder: [UInt8], _ path: [UInt8]) -> [UInt8] {
    var rest = path[...]
    while rest.starts(with: [0x2E, 0x2F]) { rest = rest.dropFirst(2).drop { $0 == 0x2F } }
    if rest.elementsEqual([0x2E]) || rest.isEmpty { return folder }
    return folder + (folder.last == 0x2F ? [] : [0x2F]) + rest
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "WORKDIR whose path starts with neither a slash, nor a variable, nor a drive such as `C:`.",
      why: """
        It is joined to the WORKDIR before it, which may stand in another file: that of the base image. When that one \
        changes, everything below lands elsewhere.
        """,
      instead: "Write the whole path from the root.",
      fixSafety: """
        Safe when an earlier WORKDIR of the stage says what the path is joined to. Otherwise a slash is put in front, \
        which is unsafe: the base image may have another working directory than the root.
        """,
      sources: [
        "https://github.com/hadolint/hadolint",
        "https://docs.docker.com/reference/build-checks/workdir-relative-path/",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          WORKDIR «src»
          WORKDIR /srv/app
          WORKDIR «lib»
          WORKDIR «./deep/er»
          WORKDIR «..»

          """,
          fixed: """
            FROM debian:12
            WORKDIR src
            WORKDIR /srv/app
            WORKDIR /srv/app/lib
            WORKDIR /srv/app/lib/deep/er
            WORKDIR ..

            """,
          unsafelyFixed: """
            FROM debian:12
            WORKDIR /src
            WORKDIR /srv/app
            WORKDIR /srv/app/lib
            WORKDIR /srv/app/lib/deep/er
            WORKDIR ..

            """),
        .good(
          """
          FROM debian:12
          WORKDIR /app
          WORKDIR "/with a blank"
          WORKDIR $HOME/app
          WORKDIR c:/app

          """),
      ],
      differences: [
        HadolintDifference(
          "A port number is no folder: what is wrong with it is another finding.", "FROM a:1\nWORKDIR 8080\n",
          ours: [],
          strict: [2])
      ])
  }
}

import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3020: ADD where COPY does the same.
package struct AddInsteadOfCopy: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3020", "add-instead-of-copy"), .error, fix: .safe, visits: [.add],
    summary: "ADD for files that COPY would copy as well")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .add(let transfer) = instruction.details, transfer.destination != nil,
      // Port numbers are no files; the rules on misplaced arguments say so.
      ArgumentFit(instruction, hasProblem: false).map({ $0.verdict == .fits }) ?? true
    else { return }
    let plain = transfer.sources.map(Self.isPlain)
    guard plain.contains(true) else { return }
    let keyword = instruction.syntax.keyword
    let replacement = context.keyword(.copy, like: keyword)
    var fixIts: [FixIt] = []
    let onlyADD = instruction.flags.contains { ["checksum", "keep-git-dir", "unpack"].contains($0.name) }
    let kinds = transfer.sources.map(Self.kind)
    if !onlyADD, !plain.contains(false), !kinds.contains(.special) {
      let isSafe = kinds.allSatisfy { $0 == .local }
      fixIts = [FixIt("write \(replacement)", isSafe ? .safe : .unsafe, [Edit(keyword, replacement)])]
        .compactMap(\.self)
    }
    findings.report(
      Diagnostic(
        Self.metadata.code, .error, "COPY is enough here; ADD also unpacks archives and downloads",
        at: keyword, help: fixIts.isEmpty ? "use COPY for files and folders of the build context" : nil,
        fixIts: fixIts),
      at: instruction.index)
  }

  /// Whether a source is neither an archive by its name nor a web address: hadolint's verdict.
  private static func isPlain(_ source: Transfer.Source) -> Bool {
    guard case .path(let word) = source else { return true }
    let text = unquoted(word)
    return !archiveExtensions.contains { text.ends(with: $0) } && !text.starts(with: "http://".utf8)
      && !text.starts(with: "https://".utf8)
  }

  private enum Kind {
    /// COPY does the same for certain.
    case local
    /// There is a variable or a pattern in it, which may stand for anything.
    case unknown
    /// A repository, or an archive that hadolint does not know by its name.
    case special
  }

  private static func kind(_ source: Transfer.Source) -> Kind {
    guard case .path(let word) = source else { return .local }
    let text = String(decoding: unquoted(word), as: UTF8.self)
    if text.hasPrefix("git@") || text.contains("://") || text.hasSuffix(".git") || text.contains(".git#")
      || [".zst", ".tzst", ".taz", ".tar"].contains(where: { text.lowercased().hasSuffix($0) })
      || text.lowercased().contains(".tar.")
    {
      return .special
    }
    return text.utf8.contains { [0x24, 0x2A, 0x3F, 0x5B, 0x5C].contains($0) } ? .unknown : .local
  }

  private static func unquoted(_ word: Word) -> ArraySlice<UInt8> {
    let isQuote = { (byte: UInt8) in byte == 0x22 || byte == 0x27 }
    var bytes = word.bytes.drop(while: isQuote)
    while let last = bytes.last, isQuote(last) { bytes.removeLast() }
    return bytes
  }

  /// What hadolint takes for archives.
  private static let archiveExtensions: [[UInt8]] = [
    ".tar", ".Z", ".bz2", ".gz", ".lz", ".lzma", ".tZ", ".tb2", ".tbz", ".tbz2", ".tgz", ".tlz", ".tpz",
    ".txz",
    ".xz",
  ].map { Array($0.utf8) }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        ADD with at least one source that is no archive by its name (.tar, .gz, .tgz, .xz and the like) and no http or \
        https address.
        """,
      why: """
        ADD unpacks a local archive and downloads an address. Where neither is wanted, a reader must look at each file \
        to know what happens, and an archive that is renamed changes the image.
        """,
      instead: "Use COPY, which takes the files as they are.",
      fixSafety: """
        Safe when all sources are plain local names and no flag is one that only ADD has. Unsafe with variables and \
        patterns. No fix is given for repositories and for archives, which COPY would not unpack.
        """,
      sources: ["https://github.com/hadolint/hadolint", "https://docs.docker.com/reference/dockerfile/#add"],
      examples: [
        .bad(
          """
          FROM debian:12
          «ADD» package.json /app/
          «ADD» --chown=app src lib /app/
          «add» ["a b", "/app/"]
          «ADD» *.json /app/
          «ADD» rootfs.tar.zst /
          «ADD» git@example.com:team/app.git /src

          """,
          fixed: """
            FROM debian:12
            COPY package.json /app/
            COPY --chown=app src lib /app/
            copy ["a b", "/app/"]
            ADD *.json /app/
            ADD rootfs.tar.zst /
            ADD git@example.com:team/app.git /src

            """,
          unsafelyFixed: """
            FROM debian:12
            COPY package.json /app/
            COPY --chown=app src lib /app/
            copy ["a b", "/app/"]
            COPY *.json /app/
            ADD rootfs.tar.zst /
            ADD git@example.com:team/app.git /src

            """),
        .good(
          """
          FROM debian:12
          ADD rootfs.tar.xz /
          ADD https://example.com/tool.tgz /tmp/
          COPY package.json /app/
          ONBUILD ADD src /app/

          """),
      ])
  }
}

extension ArraySlice<UInt8> {
  fileprivate func ends(with suffix: [UInt8]) -> Bool { self.suffix(suffix.count).elementsEqual(suffix) }
}

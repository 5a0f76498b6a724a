import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3020: ADD where COPY does the same.
package struct AddInsteadOfCopy: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3020", "add-instead-of-copy"), .error, fix: .safe, visits: [.from, .arg, .env, .add],
    visitsTriggers: true,
    summary: "ADD for files that COPY would copy as well")

  private var variables = KnownVariables()

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    // hadolint does not look into ONBUILD for this.
    if context.isStrict, context.isTrigger(instruction) { return }
    guard case .add(let transfer) = instruction.details else {
      if !context.isStrict { variables.visit(instruction) }
      return
    }
    guard transfer.destination != nil, !context.isMisplaced(instruction) else { return }
    let plain = transfer.sources.map { source in
      Self.isPlain(source) && (context.isStrict || !needsADD(source, context))
    }
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
    let text = word.unquoted
    return !archiveExtensions.contains { text.ends(with: $0) } && !text.starts(with: "http://".utf8)
      && !text.starts(with: "https://".utf8)
  }

  /// Whether only ADD can do it: the source is a repository or an archive that hadolint does not know, also as the value
  /// of a variable.
  private mutating func needsADD(_ source: Transfer.Source, _ context: LintContext) -> Bool {
    if Self.kind(source) == .special { return true }
    guard case .path(let word) = source, word.hasVariable, let value = variables.expand(word.bytes, context)
    else {
      return false
    }
    let expanded = Transfer.Source.path(Word(value, at: word.range, isVerbatim: false))
    return !Self.isPlain(expanded) || Self.kind(expanded) == .special
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
    let text = String(decoding: word.unquoted, as: UTF8.self)
    // Without a dot and a colon there is neither an extension nor an address.
    if text.utf8.contains(where: { $0 == 0x2E || $0 == 0x3A }) {
      let lowercased = text.lowercased()
      if text.hasPrefix("git@") || text.holds("://") || text.hasSuffix(".git") || text.holds(".git#")
        || [".zst", ".tzst", ".taz", ".tar"].contains(where: { lowercased.hasSuffix($0) })
        || lowercased.holds(".tar.")
      {
        return .special
      }
    } else if text.hasPrefix("git@") {
      return .special
    }
    return text.utf8.contains { [0x24, 0x2A, 0x3F, 0x5B, 0x5C].contains($0) } ? .unknown : .local
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
        ADD with at least one source that is no archive by its name (.tar, .gz, .tgz, .xz and the like), no address and \
        no repository.
        """,
      why: """
        ADD unpacks a local archive and downloads an address. Where neither is wanted, a reader must look at each file \
        to know what happens, and an archive that is renamed changes the image.
        """,
      instead: "Use COPY, which takes the files as they are.",
      fixSafety: """
        Safe when all sources are plain local names and no flag is one that only ADD has. Unsafe with variables and \
        patterns. No fix is given where another source needs ADD.
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
          «ADD» rootfs.tar.zst notes.txt /

          """,
          fixed: """
            FROM debian:12
            COPY package.json /app/
            COPY --chown=app src lib /app/
            copy ["a b", "/app/"]
            ADD *.json /app/
            ADD rootfs.tar.zst notes.txt /

            """,
          unsafelyFixed: """
            FROM debian:12
            COPY package.json /app/
            COPY --chown=app src lib /app/
            copy ["a b", "/app/"]
            COPY *.json /app/
            ADD rootfs.tar.zst notes.txt /

            """),
        .good(
          """
          FROM debian:12
          ADD rootfs.tar.xz /
          ADD https://example.com/tool.tgz /tmp/
          ADD git@example.com:team/app.git /src
          ADD rootfs.tar.zst /
          COPY package.json /app/

          """),
      ],
      differences: [
        HadolintDifference(
          "Inside ONBUILD it is the same mistake, in the build that comes later.",
          "FROM a:1\nONBUILD ADD a /b\n", ours: [2], strict: []),
        HadolintDifference(
          "Only ADD fetches a git repository.",
          "FROM a:1\nADD git@example.com:a/b.git /c\nADD git://example.com/a/b.git#v1 /c\n", ours: [],
          strict: [2, 3]),
        HadolintDifference(
          "ADD unpacks archives of zstd, too.", "FROM a:1\nADD root.tar.zst /\n", ours: [], strict: [2]),
        HadolintDifference(
          "The value of an ARG or ENV tells what a variable stands for.",
          "FROM a:1\nARG URL=https://example.com/x\nADD $URL /x\n", ours: [], strict: [3]),
        HadolintDifference(
          "Port numbers are no files: what is wrong with them is another finding.",
          "FROM a:1\nADD 3000 8080\n", ours: [],
          strict: [2]),
      ])
  }
}

extension ArraySlice<UInt8> {
  fileprivate func ends(with suffix: [UInt8]) -> Bool { self.suffix(suffix.count).elementsEqual(suffix) }
}

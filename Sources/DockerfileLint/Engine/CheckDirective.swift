import Diagnostics
import DockerfileSyntax
import SourceText

/// BuildKit's own way to silence its checks: `# check=skip=A,B;error=true;experimental=C` at the top of the file, and the
/// same comment above an instruction for that one alone.
///
/// Several options stand between semicolons; what follows the first blank is for people to read. Names are BuildKit's, in
/// its letter case. Above an instruction `error` has no effect, and the first of several comments counts; blank lines may
/// stand between, but an empty comment ends what is above it.
package struct CheckDirective {
  /// What one comment says.
  package struct Options: Hashable, Sendable {
    var skipsAll = false
    var skipped: Set<String> = []
    var includesAllExperimental = false
    var experimental: Set<String> = []
    var isError = false

    init() {}

    /// What the build argument BUILDKIT_DOCKERFILE_CHECK says in place of the comment at the top of the file.
    ///
    /// Blanks do not count there, and nothing is an answer, too: then all of BuildKit's checks are on. Nil when BuildKit
    /// would not take it.
    package init?(argument: String) {
      let value = argument.utf8.filter { !$0.isASCIISpace }
      self.init()
      guard !value.isEmpty else { return }
      let line = Source(name: "", bytes: Array("# check=".utf8) + value + [0x0A])
      let tree = Dockerfile(parsing: line).tree
      var problems: [Findings.Entry] = []
      guard let directive = tree.directives.first(where: { $0.kind == .check }),
        let options = CheckDirective.options(tree, directive.value, instruction: nil, &problems)
      else { return nil }
      self = options
    }
  }

  /// What holds for the whole file.
  let file: Options
  /// What holds for single instructions, by index.
  let instructions: [Int: Options]
  /// What is wrong with the comments.
  let problems: [Findings.Entry]

  /// BuildKit's checks and the ids of our rules for the same things.
  private static let checks: [String: [String]] = {
    var checks: [String: [String]] = [
      "DuplicateStageName": ["DL3024"], "FromPlatformFlagConstDisallowed": ["DL3029"],
      "JSONArgsRecommended": ["DL3025"], "MaintainerDeprecated": ["DL4000"],
      "MultipleInstructionsDisallowed": ["DL3012", "DL4003", "DL4004"], "RedundantTargetPlatform": ["DL3065"],
      "ReservedStageName": ["DL3063"], "SecretsUsedInArgOrEnv": ["DL3064"], "WorkdirRelativePath": ["DL3000"],
    ]
    let own = [
      "ConsistentInstructionCasing", "CopyIgnoredFile", "ExposeInvalidFormat", "ExposeProtoCasing",
      "FromAsCasing",
      "InvalidBaseImagePlatform", "InvalidDefaultArgInFrom", "InvalidDefinitionDescription",
      "LegacyKeyValueFormat",
      "NoEmptyContinuation", "StageNameCasing", "UndefinedArgInFrom", "UndefinedVar",
    ]
    for name in own { checks[name] = [name] }
    return checks
  }()
  private static let ids = Set(checks.values.flatMap { $0 })

  /// Whether a rule is off in BuildKit until a comment asks for it.
  static func isExperimental(_ id: String) -> Bool { id == "InvalidDefinitionDescription" }

  /// Reads the comments of a file.
  ///
  /// - Parameter replacement: what holds in place of the comment at the top.
  init(_ dockerfile: Dockerfile, replacing replacement: Options? = nil) {
    let tree = dockerfile.tree
    var problems: [Findings.Entry] = []
    var file = Options()
    if let directive = tree.directives.first(where: { $0.kind == .check }) {
      file = Self.options(tree, directive.value, instruction: nil, &problems) ?? Options()
    }
    var instructions: [Int: Options] = [:]
    var end = 0
    for (index, node) in tree.instructions.enumerated() {
      let tokens = node.tokens.indices
      for value in Self.comments(tree, end..<max(end, tokens.lowerBound)) {
        let options = Self.options(tree, value, instruction: index, &problems)
        if instructions[index] == nil { instructions[index] = options ?? Options() }
      }
      end = tokens.upperBound
    }
    self.file = replacement ?? file
    self.instructions = instructions
    self.problems = problems
  }

  /// Whether a finding of a rule is silenced.
  func skips(_ id: String, at instruction: Int?) -> Bool {
    guard Self.ids.contains(id) else { return false }
    let here = instruction.flatMap { instructions[$0] }
    if Self.isExperimental(id) { return false }
    for options in [file, here ?? file] where options.skipsAll || options.skipped.contains(id) { return true }
    return false
  }

  /// Whether a rule that is off by default is asked for.
  func includes(_ id: String, at instruction: Int?) -> Bool {
    guard Self.isExperimental(id) else { return false }
    let here = instruction.flatMap { instructions[$0] }
    return [file, here ?? file].contains { $0.includesAllExperimental || $0.experimental.contains(id) }
  }

  /// The findings that are left: without the silenced ones, and those of BuildKit's checks as errors if that is asked for.
  func applied(to entries: [Findings.Entry], _ settings: LintSettings) -> [Findings.Entry] {
    // hadolint does not know these comments.
    let isObeyed = settings.obeysPragmas && !settings.isStrict
    return entries.compactMap { entry in
      let id = entry.diagnostic.code.id
      guard Self.ids.contains(id) else { return entry }
      guard !isObeyed || !skips(id, at: entry.instruction) else { return nil }
      if Self.isExperimental(id), settings.severities[id] == nil {
        guard isObeyed, includes(id, at: entry.instruction) else { return nil }
      }
      var entry = entry
      if isObeyed, file.isError { entry.diagnostic.severity = .error }
      return entry
    }
  }

  // MARK: Reading

  /// The values of the `check` comments among some tokens, up to their blanks; an empty comment forgets those above it.
  private static func comments(_ tree: SyntaxTree, _ tokens: Range<Int>) -> [ByteRange] {
    var result: [ByteRange] = []
    for token in tokens where tree.tokens[token].kind == .comment {
      let range = tree.range(ofToken: token)
      let text = tree.source.bytes(in: range)
      var index = text.startIndex + 1
      func skipSpace() {
        while index < text.endIndex, text[index].isASCIISpace { index += 1 }
      }
      skipSpace()
      if index == text.endIndex {
        result = []
        continue
      }
      guard text[index] | 0x20 == 0x63, text[index...].prefix(5).equalsIgnoringCase("check") else { continue }
      index += 5
      skipSpace()
      guard index < text.endIndex, text[index] == 0x3D else { continue }
      index += 1
      skipSpace()
      var end = text.endIndex
      while end > index, text[end - 1].isASCIISpace { end -= 1 }
      if end > index { result.append(ByteRange(index, end)) }
    }
    return result
  }

  /// Reads options; nil when BuildKit would not take them.
  private static func options(
    _ tree: SyntaxTree, _ range: ByteRange, instruction: Int?, _ problems: inout [Findings.Entry]
  ) -> Options? {
    func report(_ range: ByteRange, _ message: String, help: String? = nil, fixIt: FixIt? = nil) {
      let diagnostic = Diagnostic(
        InvalidCheckDirective.metadata.code, .warning, message, at: range, help: help,
        fixIts: [fixIt].compactMap(\.self))
      problems.append(Findings.Entry(diagnostic: diagnostic, instruction: instruction))
    }
    let all = tree.source.bytes(in: range)
    let value = all.prefix { $0 != 0x20 }
    if value.last == 0x2C || value.last == 0x3B, value.count < all.count {
      report(
        ByteRange(value.endIndex - 1, all.endIndex), "what stands behind the blank is not read",
        help: "write names and options without blanks between them")
    }
    var options = Options()
    for part in value.split(separator: 0x3B, maxSplits: 2, omittingEmptySubsequences: false) {
      let place = ByteRange(part.startIndex, part.endIndex)
      guard let equals = part.firstIndex(of: 0x3D) else {
        report(
          part.isEmpty ? range : place, "this is no option of `check`",
          help: "the options are skip=NAME,NAME, error=true and experimental=NAME")
        return nil
      }
      let key = part[..<equals]
      let text = part[(equals + 1)...]
      switch String(decoding: key, as: UTF8.self) {
      case "skip":
        if text.elementsEqual("all".utf8) {
          options.skipsAll = true
        } else {
          options.skipped.formUnion(names(text, report))
        }
      case "experimental":
        if text.elementsEqual("all".utf8) {
          options.includesAllExperimental = true
        } else {
          options.experimental.formUnion(names(text, report))
        }
      case "error":
        let values = ["1": true, "t": true, "T": true, "TRUE": true, "true": true, "True": true]
        let others = ["0", "f", "F", "FALSE", "false", "False"]
        let word = String(decoding: text, as: UTF8.self)
        if let isError = values[word] {
          options.isError = isError
        } else if !others.contains(word) {
          report(place, "`error` is either true or false")
          return nil
        }
      case let name:
        let candidate = nearest(to: Array(key), among: ["error", "experimental", "skip"])?.candidate
        report(
          ByteRange(key.startIndex, key.endIndex),
          "`check` has no option `\(name.prefix(40))`" + (candidate.map { "; did you mean `\($0)`?" } ?? ""),
          help: candidate == nil ? "the options are skip, error and experimental" : nil,
          fixIt: candidate.flatMap {
            FixIt("write \($0)", .unsafe, [Edit(ByteRange(key.startIndex, key.endIndex), $0)])
          })
        return nil
      }
    }
    return options
  }

  /// The ids behind names between commas.
  private static func names(
    _ text: ArraySlice<UInt8>, _ report: (ByteRange, String, String?, FixIt?) -> Void
  ) -> Set<String> {
    var ids: Set<String> = []
    for part in text.split(separator: 0x2C) {
      let name = String(decoding: part, as: UTF8.self)
      if let known = checks[name] {
        ids.formUnion(known)
        continue
      }
      let place = ByteRange(part.startIndex, part.endIndex)
      let candidate = nearest(to: Array(part), among: checks.keys.sorted())?.candidate
      let other = RuleRegistry.rule(named: name)?.metadata.code.id
      report(
        place,
        "BuildKit has no check `\(name.prefix(40))`" + (candidate.map { "; did you mean `\($0)`?" } ?? ""),
        candidate == nil && other != nil ? "`# hadolint ignore=\(name)` silences that rule" : nil,
        candidate.flatMap { FixIt("write \($0)", .unsafe, [Edit(place, $0)]) })
    }
    return ids
  }
}

package import Diagnostics
package import DockerfileSyntax

/// A rule: one thing that is flagged, in one file with its documentation and its examples, which are its tests.
///
/// A rule is a value made fresh for each file, so that files can be linted at the same time.
package protocol Rule: SendableMetatype {
  /// What the engine needs to know.
  static var metadata: RuleMetadata { get }
  /// What a person wants to know; made when it is asked for.
  static var documentation: RuleDocumentation { get }

  init()

  /// Looks at an instruction of a kind that the rule visits, in the order of the file.
  mutating func visit(_ instruction: Instruction, _ context: LintContext, _ findings: inout Findings)
  /// Is called once, when all instructions have been visited.
  mutating func finish(_ context: LintContext, _ findings: inout Findings)
}

extension Rule {
  package mutating func visit(_ instruction: Instruction, _ context: LintContext, _ findings: inout Findings)
  {}
  package mutating func finish(_ context: LintContext, _ findings: inout Findings) {}
}

/// What the engine needs to know of a rule.
///
/// A class, because rules hand it on for every instruction, and a reference is cheaper to hand than six texts.
package final class RuleMetadata: Sendable {
  /// Id and name.
  package let code: DiagnosticCode
  /// The weight, unless settings say otherwise.
  package let severity: Severity
  /// The name of BuildKit's check for the same thing; it selects the rule too.
  package let buildkit: String?
  /// What else it is called; any of them selects the rule.
  package let aliases: [String]
  /// Whether it is off until settings give it a severity.
  package let isOff: Bool
  /// The surest fix that the rule can give.
  package let fix: Applicability?
  /// The instructions it looks at.
  package let visits: [InstructionKind]
  /// Whether it looks at the instructions inside ONBUILD too: with a value of its own that sees nothing else.
  package let visitsTriggers: Bool
  /// The commands that the rule is about, by name or by three letters and more that names start with; empty when it is not
  /// about certain commands.
  ///
  /// A rule that names some is not asked about a RUN that calls none of them, nor about a file in which no RUN does: it must
  /// have nothing to say or to learn there.
  package let commands: [String]
  /// The same as a set; nil when the rule is not about certain commands.
  let commandNames: CommandNames?
  /// What is flagged, in half a sentence.
  package let summary: String

  package init(
    _ code: DiagnosticCode, _ severity: Severity, buildkit: String? = nil, aliases: [String] = [],
    isOff: Bool = false, fix: Applicability? = nil, visits: [InstructionKind] = [],
    visitsTriggers: Bool = false, commands: [String] = [], summary: String
  ) {
    self.code = code
    self.severity = severity
    self.buildkit = buildkit
    self.aliases = aliases
    self.isOff = isOff
    self.fix = fix
    self.visits = visits
    self.visitsTriggers = visitsTriggers
    self.commands = commands
    commandNames = commands.isEmpty ? nil : CommandNames(commands)
    self.summary = summary
  }
}

extension RuleMetadata {
  /// All that selects the rule beside its id and name.
  package var otherNames: [String] { (buildkit.map { [$0] } ?? []) + aliases }
}

/// What a person wants to know of a rule.
package struct RuleDocumentation: Sendable {
  /// What is flagged, exactly.
  package let what: String
  /// Why that is bad.
  package let why: String
  /// What to write instead.
  package let instead: String
  /// When a fix is safe and when it is not; nil for a rule without fixes.
  package let fixSafety: String?
  /// Where the facts come from.
  package let sources: [String]
  /// Dockerfiles that show it.
  package let examples: [RuleExample]
  /// Where hadolint's verdict differs, and why it is not ours.
  package let differences: [HadolintDifference]

  package init(
    what: String, why: String, instead: String, fixSafety: String? = nil, sources: [String] = [],
    examples: [RuleExample], differences: [HadolintDifference] = []
  ) {
    self.what = what
    self.why = why
    self.instead = instead
    self.fixSafety = fixSafety
    self.sources = sources
    self.examples = examples
    self.differences = differences
  }
}

/// A Dockerfile on which hadolint's verdict is not ours.
package struct HadolintDifference: Sendable {
  /// What differs and why ours is right: a sentence or two for a table.
  package let reason: String
  /// The Dockerfile, as small as it can be.
  package let dockerfile: String
  /// The lines (from 1) that the rule flags, in order.
  package let ours: [Int]
  /// The lines that hadolint flags, and the rule too under `--hadolint-strict`.
  package let strict: [Int]
  /// What the user decided.
  package let settings: LintSettings

  package init(
    _ reason: String, _ dockerfile: String, ours: [Int], strict: [Int],
    settings: LintSettings = LintSettings()
  ) {
    self.reason = reason
    self.dockerfile = dockerfile
    self.ours = ours
    self.strict = strict
    self.settings = settings
  }
}

/// A Dockerfile that shows a rule.
///
/// `«` and `»` stand around the bytes that are flagged, `‹` and `›` around the further places of the finding before.
package struct RuleExample: Sendable {
  /// The marked text.
  package let marked: String
  /// What safe fixes make of it; nil when they change nothing.
  package let fixed: String?
  /// What safe and unsafe fixes make of it; nil when that is the same as `fixed`.
  package let unsafelyFixed: String?
  /// Whether the rule flags something in it.
  package let isBad: Bool
  /// What the user decided; a rule that is off by default is on in its own examples.
  package let settings: LintSettings
  /// What is known beside the file.
  package let environment: LintEnvironment

  /// A Dockerfile that is flagged.
  package static func bad(
    _ marked: String, fixed: String? = nil, unsafelyFixed: String? = nil,
    settings: LintSettings = LintSettings(), environment: LintEnvironment = LintEnvironment()
  ) -> RuleExample {
    RuleExample(
      marked: marked, fixed: fixed, unsafelyFixed: unsafelyFixed, isBad: true, settings: settings,
      environment: environment)
  }

  /// A Dockerfile in which the rule flags nothing.
  package static func good(
    _ text: String, settings: LintSettings = LintSettings(), environment: LintEnvironment = LintEnvironment()
  ) -> RuleExample {
    RuleExample(
      marked: text, fixed: nil, unsafelyFixed: nil, isBad: false, settings: settings, environment: environment
    )
  }

  /// The text without marks.
  package var text: String {
    String(String.UnicodeScalarView(marked.unicodeScalars.filter { !"«»‹›".unicodeScalars.contains($0) }))
  }
}

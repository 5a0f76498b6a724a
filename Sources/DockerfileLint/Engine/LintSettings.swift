public import Diagnostics

/// What a user can decide about linting.
public struct LintSettings: Sendable {
  /// What the values of a label must be: hadolint's types.
  public enum LabelType: String, Sendable, CaseIterable {
    /// Any text.
    case text
    /// An absolute URL (RFC 3986).
    case url
    /// A version as Semantic Versioning 2.0.0 defines it.
    case semver
    /// A git commit in full or abbreviated to seven digits.
    case hash
    /// A time as RFC 3339 defines it.
    case rfc3339
    /// One licence of the SPDX list.
    case spdx
    /// An address (RFC 5322).
    case email
  }

  /// Which of its names a finding is printed with.
  public enum Names: String, Sendable, CaseIterable {
    /// hadolint's ids where there is one.
    case hadolint
    /// The names of BuildKit's checks where there is one.
    case buildkit
  }

  /// Canonical ids (see ``RuleRegistry/canonicalID(for:)``) of what is left out.
  public var ignored: Set<String> = []
  /// Severities by canonical id, in place of the rule's own; they also switch on a rule that is off by default.
  public var severities: [String: Severity] = [:]
  /// Whether hadolint's verdict counts also where it is wrong: its rules alone, each finding at the first line of its
  /// instruction, and nothing but the parse error where its parser gives up.
  public var isStrict = false
  /// Whether comments in the file may silence findings.
  public var obeysPragmas = true
  /// Registries that images may come from, `*` at either end standing for anything; empty when all may.
  public var trustedRegistries: [String] = []
  /// Labels that images must have, and what their values must be.
  public var labelSchema: [String: LabelType] = [:]
  /// Whether labels outside the schema are flagged.
  public var strictLabels = false
  /// Which ids are printed.
  public var names = Names.hadolint
  /// Options of single rules, by canonical id.
  public var ruleOptions: [String: [String: String]] = [:]

  /// The settings of a run without configuration.
  public init() {}

  /// The default settings with some changes.
  public init(_ change: (inout LintSettings) -> Void) {
    self.init()
    change(&self)
  }
}

/// What is known of an image that stages build on.
public struct ImageFacts: Sendable {
  /// Its environment.
  public var environment: [String: String] = [:]
  /// Its SHELL; nil for the default.
  public var shell: [String]?
  /// Its user; empty for root.
  public var user = ""
  /// Whether it has a working directory other than `/`.
  public var hasWorkingDirectory = false
  /// Whether it has a health check.
  public var hasHealthcheck = false
  /// Its operating system and architecture, as in `linux/amd64`; empty when it is there for several.
  public var platform = ""

  /// Nothing known but that the image is there.
  public init() {}
}

/// What a linter may know beside the file: it asks only when a rule needs to.
public struct LintEnvironment: Sendable {
  /// The facts about an image by its reference; nil when it is not at hand. Rules are quiet then.
  public var imageFacts: @Sendable (String) -> ImageFacts?
  /// Whether the context's ignore file leaves a path out; nil when there is no context or no ignore file.
  public var ignoredPath: (@Sendable (String) -> IgnoredPath)?
  /// The platform that images are built for, as in `linux/amd64`; nil when that is not known.
  public var platform: String?
  /// What an installed ShellCheck has found in the file, see ``ShellCheckBatch``; nil when it was not asked.
  package var shellCheck: ShellCheckFindings?

  /// What a build argument says in place of the `# check=` at the top of the file; nil without one.
  package var check: CheckDirective.Options?

  /// What an ignore file says about a path.
  public enum IgnoredPath: Sendable {
    /// It is part of the context.
    case kept
    /// A pattern leaves it out.
    case ignored
    /// That cannot be said.
    case unknown
  }

  /// Knows nothing but the file.
  public init(
    imageFacts: @escaping @Sendable (String) -> ImageFacts? = { _ in nil },
    ignoredPath: (@Sendable (String) -> IgnoredPath)? = nil
  ) {
    self.imageFacts = imageFacts
    self.ignoredPath = ignoredPath
  }
}

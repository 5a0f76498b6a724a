package import Diagnostics
package import Reports

/// The least severity that makes a run fail; the words are hadolint's.
package enum FailureThreshold: String, CaseIterable, Sendable {
  case error, warning, info, style, ignore, none

  /// The least severity that counts; for `ignore` and `none` everything counts, as with hadolint.
  package var severity: Severity {
    switch self {
    case .error: .error
    case .warning: .warning
    case .info: .info
    case .style, .ignore, .none: .style
    }
  }
}

extension LintFormat {
  /// Whether a run that prints it ends with 0 whatever is found: hadolint's do, for the platforms that read them.
  package var neverFails: Bool { self == .codeclimate || self == .codacy }
}

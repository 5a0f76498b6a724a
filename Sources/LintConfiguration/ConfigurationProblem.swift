package import Diagnostics
package import SourceText

/// Something wrong in a configuration, with the text it stands in: a file, or the value of an environment variable.
package struct ConfigurationProblem: Sendable {
  package let source: Source
  package let diagnostic: Diagnostic

  package init(_ diagnostic: Diagnostic, in source: Source) {
    self.source = source
    self.diagnostic = diagnostic
  }
}

/// A configuration file that could not be read.
package struct ConfigurationFailure: Error, Sendable, Equatable {
  package let path: String
  package let reason: String

  package init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }
}

/// The kinds of problems. They are no rule's findings and have no id.
extension DiagnosticCode {
  /// A key that does not exist.
  package static let unknownConfigurationKey = DiagnosticCode("", "unknown-key")
  /// An id that no rule has.
  package static let unknownConfiguredRule = DiagnosticCode("", "unknown-rule")
  /// A value of another type than the key takes.
  package static let wrongConfigurationType = DiagnosticCode("", "wrong-type")
  /// A value that is not one of those the key takes.
  package static let badConfigurationValue = DiagnosticCode("", "bad-value")
  /// A file that `extends` names and that cannot be used.
  package static let badExtends = DiagnosticCode("", "bad-extends")
}

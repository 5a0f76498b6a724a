import Diagnostics
import SourceText

/// DF903: an ignore comment without a reason.
package struct PragmaWithoutReason: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DF903", "pragma-without-reason"), .info, isOff: true,
    summary: "an ignore comment that does not say why")

  package init() {}

  /// The finding about a pragma.
  static func diagnostic(_ pragma: Pragma) -> Diagnostic {
    Diagnostic(
      metadata.code, metadata.severity, "this comment does not say why the finding is no mistake",
      at: pragma.range,
      help: "write the reason behind a second `#`")
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what:
        "An ignore comment with nothing behind a second `#`. The rule is off until a severity is set for it.",
      why: "Whoever reads the file later cannot tell whether the reason still holds.",
      instead: "Write the reason behind the names: `# hadolint ignore=DL3006 # built nightly`.",
      sources: ["https://github.com/hadolint/hadolint/issues/370"],
      examples: [
        .bad(
          """
          «# hadolint ignore=DL3006»
          FROM debian

          """),
        .good(
          """
          # hadolint ignore=DL3006 # built nightly
          FROM debian

          """),
      ])
  }
}

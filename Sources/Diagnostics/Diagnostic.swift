public import SourceText

/// How much a diagnostic weighs; the names and their order are hadolint's.
public enum Severity: UInt8, Sendable, Comparable, CaseIterable {
  case style
  case info
  case warning
  case error

  /// Orders from style up to error.
  public static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }

  /// The name in configuration and output.
  public var name: String {
    switch self {
    case .style: "style"
    case .info: "info"
    case .warning: "warning"
    case .error: "error"
    }
  }
}

/// The stable identity of a kind of diagnostic.
public struct DiagnosticCode: Hashable, Sendable {
  /// The id, like `DL3006` or `DF002`.
  public let id: String
  /// The kebab-case name: what is flagged, so that "allow NAME" reads well.
  public let name: String

  /// Makes a code.
  public init(_ id: String, _ name: String) {
    self.id = id
    self.name = name
  }
}

/// A second place that belongs to a diagnostic, with a word on why.
public struct Note: Hashable, Sendable {
  /// What to say about the place.
  public let message: String
  /// The place.
  public let range: ByteRange

  /// Makes a note.
  public init(_ message: String, at range: ByteRange) {
    self.message = message
    self.range = range
  }
}

/// One finding: what is wrong, where, and how to mend it.
public struct Diagnostic: Sendable {
  /// The kind.
  public var code: DiagnosticCode
  /// The weight.
  public var severity: Severity
  /// What is wrong, as a sentence that stands without the file.
  public var message: String
  /// Where; the first byte gives the line and column that is shown.
  public var range: ByteRange
  /// Further places that belong to it.
  public var notes: [Note]
  /// What to do, in words, where no edit can be given.
  public var help: String?
  /// Ways to mend it, the best first; at most one of them is applied.
  public var fixIts: [FixIt]

  /// Makes a diagnostic.
  public init(
    _ code: DiagnosticCode, _ severity: Severity, _ message: String, at range: ByteRange,
    notes: [Note] = [], help: String? = nil, fixIts: [FixIt] = []
  ) {
    self.code = code
    self.severity = severity
    self.message = message
    self.range = range
    self.notes = notes
    self.help = help
    self.fixIts = fixIts
  }
}

package import Diagnostics
package import SourceText

/// A YAML (or JSON) file as a tree of values with their places, and what is wrong with it.
///
/// Reading never fails: what cannot be read is a problem with its place, and the rest of the file still counts.
package struct ConfigText: Sendable {
  /// How much a file may hold. Texts from outside are hostile: a few lines of aliases can stand for billions of values.
  package struct Limits: Sendable {
    /// How deep values may be nested.
    package var depth: Int
    /// How many values there may be, those that aliases stand for counted each time.
    package var values: Int
    /// How many bytes are looked at.
    package var bytes: Int

    package init(depth: Int = 64, values: Int = 100_000, bytes: Int = 4 << 20) {
      self.depth = depth
      self.values = values
      self.bytes = bytes
    }
  }

  /// The file.
  package let source: Source
  /// The value of the file's first document; nil when there is nothing but comments.
  package let root: ConfigValue?
  /// What is wrong, sorted by place.
  package let problems: [Diagnostic]

  /// Reads a file.
  package init(parsing source: Source, limits: Limits = Limits()) {
    self.source = source
    guard source.bytes.count <= limits.bytes else {
      root = nil
      problems = [
        Diagnostic(
          .invalidConfig, .error, "the file is larger than \(limits.bytes) bytes and is not read",
          at: ByteRange(0, 0))
      ]
      return
    }
    var reader = ConfigReader(source, limits)
    root = reader.readFile()
    // At most a few problems come out of order: those of the recovery are found in the order of the file.
    problems = reader.problems.enumerated().sorted { left, right in
      left.element.range.lower != right.element.range.lower
        ? left.element.range.lower < right.element.range.lower : left.offset < right.offset
    }.map(\.element)
  }
}

extension DiagnosticCode {
  /// The text is not YAML, or more of it than is read. Problems of configurations are no rule's findings and have no id.
  package static let invalidConfig = DiagnosticCode("", "invalid-yaml")
  /// A key stands twice in a map.
  package static let duplicateKey = DiagnosticCode("", "duplicate-key")
}

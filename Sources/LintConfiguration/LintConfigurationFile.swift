import ConfigText
package import Diagnostics
package import SourceText

/// A configuration file as it stands: what it says, for which paths, and what is wrong with it.
package struct LintConfigurationFile: Sendable {
  /// Whose file it is.
  package enum Kind: Sendable {
    case hadolint
    case slipway

    /// By the file's name: hadolint's names are hadolint's, everything else is read with all keys.
    package init(path: String) {
      let name = FilePath.name(path)
      let isHadolint = name.hasPrefix(".hadolint.") || name.hasPrefix("hadolint.")
      self = isHadolint ? .hadolint : .slipway
    }

    /// The keys that it has.
    package var keys: [ConfigurationKey] {
      ConfigurationKey.allCases.filter { self == .slipway || $0.isHadolint }
    }
  }

  /// What holds for some paths.
  package struct PathOverride: Sendable {
    let paths: PathGlobs
    let layer: LintConfigurationLayer
  }

  /// A file that this one builds on.
  struct Base: Sendable {
    let path: String
    let range: ByteRange
  }

  package let path: String
  package let source: Source
  /// What holds for every path.
  package internal(set) var layer = LintConfigurationLayer()
  /// What holds for some paths, weakest first.
  package internal(set) var pathOverrides: [PathOverride] = []
  /// Files that are left out.
  package internal(set) var exclude: PathGlobs?
  /// Files that this one builds on, weakest first.
  var bases: [Base] = []
  /// What is wrong, sorted by place.
  package internal(set) var problems: [Diagnostic] = []

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: its absolute path; patterns and paths in it are relative to its folder.
  ///   - name: what messages call it.
  package init(path: String, name: String, bytes: [UInt8], kind: Kind) {
    self.path = path
    source = Source(name: name, bytes: bytes)
    let text = ConfigText(parsing: source)
    var reader = LayerReader(source: source, folder: FilePath.parent(path) ?? "/", kind: kind)
    reader.readFile(text.root, into: &self)
    problems = (text.problems + reader.problems).enumerated().sorted { left, right in
      left.element.range.lower != right.element.range.lower
        ? left.element.range.lower < right.element.range.lower : left.offset < right.offset
    }.map(\.element)
  }
}

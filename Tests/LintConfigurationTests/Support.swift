import Diagnostics
import LintConfiguration
import SourceText

/// Files in memory, and how often each was asked for.
final class MemoryFiles: ConfigurationFiles {
  let content: [String: String]
  let unreadable: Set<String>

  init(_ content: [String: String], unreadable: Set<String> = []) {
    self.content = content
    self.unreadable = unreadable
  }

  func bytes(of path: String) throws(ConfigurationFailure) -> [UInt8]? {
    if unreadable.contains(path) { throw ConfigurationFailure(path: path, reason: "no permission") }
    return content[path].map { Array($0.utf8) }
  }
}

extension LintConfigurationFile {
  /// Reads a text as a file of a project.
  init(_ text: String, _ name: String = ".slipway.yaml") {
    let path = "/project/" + name
    self.init(path: path, name: name, bytes: Array(text.utf8), kind: Kind(path: path))
  }

  /// The problems as `line:column code`.
  var problemPlaces: [String] {
    let lines = LineIndex(source)
    return problems.map { problem in
      let position = lines.position(of: problem.range.lower)
      return "\(position.line):\(position.column) \(problem.code.name)"
    }
  }
}

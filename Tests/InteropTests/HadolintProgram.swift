import TestSupport

/// hadolint, run over files that a test makes.
enum HadolintProgram {
  /// Whether the version is there whose verdicts are ours.
  static let isThere: Bool = {
    guard Processes.find("hadolint") != nil, let result = try? Processes.run("hadolint", ["--version"]) else {
      return false
    }
    return result.outputText.hasSuffix(" 2.15.1\n")
  }()

  /// The environment variables that it obeys.
  static let variables = [
    "HADOLINT_NOFAIL", "HADOLINT_VERBOSE", "HADOLINT_STRICT_LABELS", "HADOLINT_DISABLE_IGNORE_PRAGMA",
    "HADOLINT_FORMAT", "HADOLINT_FAILURE_THRESHOLD", "HADOLINT_OVERRIDE_ERROR", "HADOLINT_OVERRIDE_WARNING",
    "HADOLINT_OVERRIDE_INFO", "HADOLINT_OVERRIDE_STYLE", "HADOLINT_IGNORE", "HADOLINT_TRUSTED_REGISTRIES",
    "HADOLINT_REQUIRE_LABELS", "NO_COLOR",
  ]

  /// A finding without its text.
  struct Finding: Hashable, Comparable, CustomStringConvertible {
    let line: Int
    let id: String

    var description: String { "\(line) \(id)" }

    static func < (left: Finding, right: Finding) -> Bool {
      left.line != right.line ? left.line < right.line : left.id < right.id
    }
  }

  /// What it finds in each file; nil for one at which it ends with an exception.
  ///
  /// - Parameter configuration: the text of its configuration file; empty for none.
  static func findings(in files: [[UInt8]], configuration: String = "") throws -> [Set<Finding>?] {
    try Files.withTemporaryFolder { folder in
      for (index, file) in files.enumerated() { try Files.write(file, to: "\(folder)/\(index).Dockerfile") }
      var options = ["--no-color", "-f", "json"]
      if !configuration.isEmpty {
        try Files.write(Array(configuration.utf8), to: folder + "/config.yaml")
        options += ["-c", "config.yaml"]
      }
      var environment: [String: String?] = ["HOME": folder, "XDG_CONFIG_HOME": folder]
      for name in variables { environment.updateValue(nil, forKey: name) }
      var results = [Set<Finding>?](repeating: nil, count: files.count)
      // An exception loses what was found in all files of a run; then halves are tried.
      var batches = stride(from: 0, to: files.count, by: 40).map { $0..<min($0 + 40, files.count) }
      while let batch = batches.popLast() {
        let result = try Processes.run(
          "hadolint", options + batch.map { "\($0).Dockerfile" }, environment: environment, folder: folder)
        if result.output.first == 0x5B {
          for index in batch { results[index] = [] }
          for (index, finding) in findings(result.outputText) { results[index]?.insert(finding) }
        } else if batch.count > 1 {
          let middle = batch.lowerBound + batch.count / 2
          batches += [batch.lowerBound..<middle, middle..<batch.upperBound]
        }
      }
      return results
    }
  }

  /// The findings of a report in its format `json`, each with the number in its file's name.
  private static func findings(_ report: String) -> [(Int, Finding)] {
    // A quote inside a message is escaped.
    report.split(separator: "{\"code\":\"").compactMap { text in
      func number(behind key: String) -> Int? {
        text.firstRange(of: key).flatMap { Int(text[$0.upperBound...].prefix { $0.isNumber }) }
      }
      guard let file = number(behind: "\"file\":\""), let line = number(behind: "\"line\":") else {
        return nil
      }
      return (file, Finding(line: line, id: String(text.prefix { $0 != "\"" })))
    }
  }
}

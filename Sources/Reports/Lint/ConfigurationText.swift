import Diagnostics
package import DockerfileLint

/// Settings as a `.hadolint.yaml`, of the keys that hadolint has; empty when nothing differs from the default.
///
/// Every text is written in double quotes, JSON's string being YAML's, too.
package func hadolintConfiguration(_ settings: LintSettings) -> String {
  var text = ""
  if !settings.ignored.isEmpty {
    text += "ignored: [\(settings.ignored.sorted().map(quoted).joined(separator: ", "))]\n"
  }
  if !settings.severities.isEmpty {
    text += "override:\n"
    for severity in Severity.allCases {
      let ids = settings.severities.filter { $0.value == severity }.keys.sorted()
      if !ids.isEmpty { text += "  \(severity.name): [\(ids.map(quoted).joined(separator: ", "))]\n" }
    }
  }
  if !settings.trustedRegistries.isEmpty {
    text += "trustedRegistries: [\(settings.trustedRegistries.map(quoted).joined(separator: ", "))]\n"
  }
  if !settings.labelSchema.isEmpty {
    text += "label-schema:\n"
    for (label, type) in settings.labelSchema.sorted(by: { $0.key < $1.key }) {
      text += "  \(quoted(label)): \(type.rawValue)\n"
    }
  }
  if settings.strictLabels { text += "strict-labels: true\n" }
  if !settings.obeysPragmas { text += "disable-ignore-pragma: true\n" }
  return text
}

private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    if scalar == "\"" || scalar == "\\" { result += "\\" }
    result.unicodeScalars.append(scalar)
  }
  return result + "\""
}

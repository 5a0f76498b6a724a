extension ShellCommand {
  /// Whether apt is given a setting, with `-o NAME=value` or glued to the option, that switches something on or off.
  ///
  /// What means yes and no, letter case aside, is what apt's `StringToBool` takes.
  func hasSetting(_ name: String, isOn: Bool) -> Bool {
    let words =
      isOn
      ? ["yes", "true", "with", "on", "enable", "1"] : ["no", "false", "without", "off", "disable", "0"]
    return arguments.contains { argument in
      guard argument.text.utf8.contains(0x3D) else { return false }
      var text = Substring(argument.text)
      for prefix in ["-o", "--option="] where text.hasPrefix(prefix) { text = text.dropFirst(prefix.count) }
      if text.first == "=" { text = text.dropFirst() }
      guard let equals = text.firstIndex(of: "=") else { return false }
      return text[..<equals].lowercased() == name.lowercased()
        && words.contains(text[text.index(after: equals)...].lowercased())
    }
  }
}

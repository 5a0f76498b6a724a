/// Whether STOPSIGNAL takes the text: a number above 0, or a signal of Linux with or without `SIG`, in
/// any letter case (signal(7), and the real-time signals as `RTMIN+n` and `RTMAX-n`).
package func isSignal(_ text: String) -> Bool {
  if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
    return (Int(text) ?? 0) > 0
  }
  var name = Substring(text.uppercased())
  if name.hasPrefix("SIG") { name = name.dropFirst(3) }
  if signalNames.contains(String(name)) { return true }
  for (prefix, limit) in [("RTMIN", 15), ("RTMAX", 14)] where name.hasPrefix(prefix) {
    let rest = name.dropFirst(prefix.count)
    if rest.isEmpty { return true }
    guard rest.first == (prefix == "RTMIN" ? "+" : "-"), let number = Int(rest.dropFirst()) else {
      return false
    }
    return (1...limit).contains(number)
  }
  return false
}

private let signalNames: Set<String> = [
  "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE",
  "POLL",
  "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG",
  "USR1",
  "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
]
